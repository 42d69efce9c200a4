import { describe, expect, it } from "vitest";
import { placeLabels, type Segment } from "../../src/report/figures/labels.ts";

const POINTS = [{ x: 200, y: 150, text: "composite" }];

describe("labels of a figure", () => {
  it("keep clear of lines, also of those whose ends are astronomically far away", () => {
    // The frontier of rows that are all but equal: pixels of a line that is 1e17 wide.
    const far: Segment[] = [
      [
        [-1e17, 149],
        [1e17, 149],
      ],
    ];
    const [free] = placeLabels(POINTS, 400, 300);
    const [moved] = placeLabels(POINTS, 400, 300, far);
    expect(free).toMatchObject({ y: 150 });
    expect(Math.abs(moved!.y - 149)).toBeGreaterThan(7.5);
  });

  it("stand beside a slanted line that only passes the corner of where they would be", () => {
    const [moved] = placeLabels(POINTS, 400, 300, [
      [
        [207, 0],
        [216, 300],
      ],
    ]);
    const [free] = placeLabels(POINTS, 400, 300, [
      [
        [390, 0],
        [399, 300],
      ],
    ]);
    expect(moved).not.toEqual(free);
  });
});
