import { textWidth } from "../textwidth.ts";

interface Box {
  readonly x: number;
  readonly y: number;
  readonly w: number;
  readonly h: number;
}
/** A point in pixels, y downwards, with the text that names it. */
export interface Labelled {
  readonly x: number;
  readonly y: number;
  readonly text: string;
}
/** Left end and middle height of a label, and where its leader line meets it. */
export interface Placed {
  readonly x: number;
  readonly y: number;
  readonly leader: readonly [number, number] | undefined;
}

/** A drawn line in pixels that no label may cover. */
export type Segment = readonly [readonly [number, number], readonly [number, number]];

const overlaps = (a: Box, b: Box): boolean => a.x < b.x + b.w && b.x < a.x + a.w && a.y < b.y + b.h && b.y < a.y + a.h;

/** True where the segment passes through the box: what is left of it between the box's four sides (Liang and Barsky 1984). */
function crosses(from: readonly [number, number], to: readonly [number, number], box: Box): boolean {
  const dx = to[0] - from[0];
  const dy = to[1] - from[1];
  let enter = 0;
  let leave = 1;
  const sides = [
    [-dx, from[0] - box.x],
    [dx, box.x + box.w - from[0]],
    [-dy, from[1] - box.y],
    [dy, box.y + box.h - from[1]],
  ] as const;
  for (const [towards, room] of sides) {
    if (towards === 0) {
      if (room <= 0) return false;
    } else if (towards < 0) enter = Math.max(enter, room / towards);
    else leave = Math.min(leave, room / towards);
  }
  return enter < leave;
}

/**
 * Places labels beside their points so that no label touches a point, a line, another label or the frame: the nearest free place on growing
 * circles, with a leader line once it is away from its point. A label for which there is no place is undefined.
 * Points are served in the order given, so the important ones come first.
 */
export function placeLabels(
  points: readonly Labelled[],
  width: number,
  height: number,
  lines: readonly Segment[] = [],
  fontSize = 12,
): (Placed | undefined)[] {
  const h = fontSize + 3;
  const taken: Box[] = points.map((p) => ({ x: p.x - 5, y: p.y - 5, w: 10, h: 10 }));
  const leaders: Segment[] = [...lines];
  return points.map((p) => {
    const w = textWidth(p.text, fontSize);
    for (let radius = 8; radius <= 150; radius += 6) {
      for (let k = 0; k < 16; k++) {
        // To the right first, then alternately up and down, round to the left.
        const angle = (k % 2 === 0 ? 1 : -1) * Math.ceil(k / 2) * (Math.PI / 8);
        const at: readonly [number, number] = [p.x + radius * Math.cos(angle), p.y - radius * Math.sin(angle)];
        const side = Math.cos(angle) > 0.3 ? 0 : Math.cos(angle) < -0.3 ? w : w / 2;
        const box: Box = { x: at[0] - side, y: at[1] - h / 2, w, h };
        if (box.x < 2 || box.y < 2 || box.x + w > width - 2 || box.y + h > height - 2) continue;
        if (taken.some((other) => overlaps(box, other))) continue;
        if (leaders.some(([from, to]) => crosses(from, to, box))) continue;
        const far = radius > 14;
        const start: readonly [number, number] = [p.x, p.y];
        const others = taken.slice(points.length);
        if (far && others.some((other) => crosses(start, at, other))) continue;
        taken.push(box);
        if (far) leaders.push([start, at]);
        return { x: box.x, y: box.y + h / 2, leader: far ? at : undefined };
      }
    }
    return undefined;
  });
}
