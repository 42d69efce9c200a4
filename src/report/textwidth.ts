// Advance widths of Helvetica in thousandths of an em (Adobe Core 14 font metrics), for the characters that figures use.
const CLASSES: readonly (readonly [string, number])[] = [
  ["ijl'|", 222],
  [" .,:;/\\!ftI[]\u00a0\u202f", 278],
  ["r-()\u2009", 333],
  ["*", 389],
  ["kszcvxyJ", 500],
  ["abdeghnopqu0123456789$?_L#–", 556],
  ["TFZ\u2212+=<>~", 600],
  ["ABEKPSVXY&", 667],
  ["CDHNRUw", 722],
  ["GOQ", 778],
  ["mM", 833],
  ["W%@—…→", 1000],
];
const WIDTHS = new Map(CLASSES.flatMap(([characters, width]) => [...characters].map((c) => [c, width] as const)));

/** Reserve for the fonts that stand in for Helvetica. */
const RESERVE = 1.06;

/** Estimated width in pixels of one line of text; needs no canvas, so every machine lays a figure out the same way. */
export function textWidth(text: string, fontSize: number): number {
  let sum = 0;
  for (const c of text) sum += WIDTHS.get(c) ?? 700;
  return Math.ceil((sum / 1000) * fontSize * RESERVE);
}

/** Breaks text into lines of at most `width` pixels, at spaces. */
export function wrapText(text: string, width: number, fontSize = 12): string[] {
  const lines: string[] = [];
  for (const word of text.split(" ")) {
    const last = lines.at(-1);
    if (last !== undefined && textWidth(`${last} ${word}`, fontSize) <= width)
      lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(word);
  }
  return lines;
}

/** Shortens a name in the middle, so that both what it is and which it is stay readable. */
export function shorten(name: string, width: number, fontSize = 12): string {
  if (textWidth(name, fontSize) <= width) return name;
  for (let keep = name.length - 1; keep > 2; keep--) {
    const head = Math.ceil(keep / 2);
    const text = `${name.slice(0, head)}…${name.slice(name.length - (keep - head))}`;
    if (textWidth(text, fontSize) <= width) return text;
  }
  return `${name.slice(0, 2)}…`;
}
