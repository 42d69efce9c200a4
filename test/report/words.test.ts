import { describe, expect, it } from "vitest";
import { escapeHtml, escapeMarkdown } from "../../src/report/escape.ts";
import { placeLabels } from "../../src/report/figures/labels.ts";
import { compact, decimalsFor, duration, number, percent, signed } from "../../src/report/format.ts";
import { keepShape, quantile, robustExtent } from "../../src/report/stats.ts";
import { shorten, textWidth, wrapText } from "../../src/report/textwidth.ts";

describe("number formats", () => {
  it("uses a true minus, groups long numbers and never shows a negative nought", () => {
    expect(number(-1234567.891, 1)).toBe("−1\u202f234\u202f567.9");
    expect(number(1234, 0)).toBe("1234");
    expect(number(-0.0004, 2)).toBe("0.00");
    expect(number(Number.NaN, 2)).toBe("–");
    expect(number(Number.NEGATIVE_INFINITY, 2)).toBe("−∞");
    expect(signed(0.31, 1)).toBe("+0.3");
    expect(signed(0.001, 1)).toBe("0.0");
  });

  it("shows shares, given values and durations as people say them", () => {
    expect(percent(0.913)).toBe("91.3%");
    expect([8, 0.04, 120, 3.41, -0.0625, 2_000_000].map(compact)).toEqual([
      "8",
      "0.04",
      "120",
      "3.41",
      "−0.0625",
      "2\u202f000\u202f000",
    ]);
    expect([0, 3.2, 59, 90, 5400, 200_000].map(duration)).toEqual([
      "0\u00a0s",
      "3.2\u00a0s",
      "59\u00a0s",
      "1.5\u00a0min",
      "1.5\u00a0h",
      "2.3\u00a0d",
    ]);
  });

  it("chooses decimals by the typical value of a column, not by its outlier", () => {
    expect(decimalsFor([0.012, 0.034, 412])).toBe(4);
    expect(decimalsFor([41.8, 42.6, 412])).toBe(1);
    expect(decimalsFor([0, Number.NaN])).toBe(0);
  });
});

describe("escaping", () => {
  it("leaves no markup in HTML and no control character", () => {
    expect(escapeHtml(`<b a="1">&'\u0000`)).toBe("&lt;b a=&quot;1&quot;&gt;&amp;&#39;\ufffd");
  });

  it("keeps a Markdown table cell one cell on one line", () => {
    expect(escapeMarkdown("a|b\n<i>*c*</i> `d` [e](f)")).toBe("a\\|b &lt;i&gt;\\*c\\*&lt;/i&gt; \\`d\\` \\[e\\](f)");
  });
});

describe("quantile", () => {
  it("interpolates as R's default does", () => {
    // R 4: quantile(c(1, 2, 4, 8), c(0, .25, .5, .9, 1)) → 1.00 1.75 3.00 6.80 8.00
    expect([0, 0.25, 0.5, 0.9, 1].map((p) => quantile([1, 2, 4, 8], p))).toEqual([
      1,
      1.75,
      3,
      expect.closeTo(6.8, 12),
      8,
    ]);
  });
});

describe("robustExtent", () => {
  it("covers rows that are alike and leaves out the one that would flatten them", () => {
    const [low, high] = robustExtent([
      [0, 10],
      [1, 12],
      [2, 11],
      [-900, 900],
    ]);
    expect(low).toBeGreaterThan(-2);
    expect(low).toBeLessThanOrEqual(0);
    expect(high).toBeLessThan(14);
    expect(high).toBeGreaterThanOrEqual(12);
  });
});

describe("keepShape", () => {
  it("keeps ends and every spike, whichever series it is in", () => {
    const flat = Array.from({ length: 5000 }, () => 0);
    const a = flat.with(1234, 9);
    const b = flat.with(4321, -9);
    const kept = keepShape([a, b], 20);
    expect(kept.length).toBeLessThanOrEqual(2 + 20 * 4);
    expect(kept).toEqual(expect.arrayContaining([0, 1234, 4321, 4999]));
    expect(kept).toEqual([...kept].sort((x, y) => x - y));
  });
});

describe("text in figures", () => {
  it("measures as Helvetica does, with a reserve", () => {
    // Adobe Core 14 metrics: H 722, e 556, l 222, l 222, o 556 → 27.336 px at 12 px.
    expect(textWidth("Hello", 12)).toBeGreaterThanOrEqual(27.336);
    expect(textWidth("Hello", 12)).toBeLessThan(31);
  });

  it("wraps and shortens to the width it is given", () => {
    const lines = wrapText("Mean training return of an episode, reward units", 120);
    expect(lines.join(" ")).toBe("Mean training return of an episode, reward units");
    for (const line of lines) expect(textWidth(line, 12)).toBeLessThanOrEqual(120);
    const short = shorten("runs/20260114-093012-gas-spikes/policy", 110);
    expect(textWidth(short, 12)).toBeLessThanOrEqual(110);
    expect(short).toMatch(/^runs.*….*policy$/);
  });

  it("places labels of a crowded corner without one touching another, a point or a line", () => {
    const points = Array.from({ length: 9 }, (_, i) => ({
      x: 150 + (i % 3) * 7,
      y: 150 + Math.floor(i / 3) * 7,
      text: `contender-${i}`,
    }));
    const line = [
      [0, 170],
      [320, 170],
    ] as const;
    const boxes = placeLabels(points, 320, 300, [line]).flatMap((p, i) =>
      p ? [{ x: p.x, y: p.y - 6, w: textWidth(points[i]!.text, 12), h: 12 }] : [],
    );
    expect(boxes.length).toBeGreaterThanOrEqual(7);
    for (const [i, a] of boxes.entries()) {
      expect(a.x).toBeGreaterThanOrEqual(0);
      expect(a.x + a.w).toBeLessThanOrEqual(320);
      expect(a.y < 170 && a.y + a.h > 170).toBe(false);
      for (const p of points) expect(p.x > a.x && p.x < a.x + a.w && p.y > a.y && p.y < a.y + a.h).toBe(false);
      for (const b of boxes.slice(i + 1))
        expect(a.x < b.x + b.w && b.x < a.x + a.w && a.y < b.y + b.h && b.y < a.y + a.h).toBe(false);
    }
  });
});
