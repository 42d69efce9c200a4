/** A value of a tree where it differs, or where one tree lacks it (undefined). */
export interface Difference {
  readonly path: string;
  readonly a: unknown;
  readonly b: unknown;
}

const isTree = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !ArrayBuffer.isView(value);

const same = (a: unknown, b: unknown): boolean => {
  if (Object.is(a, b)) return true;
  if (!ArrayBuffer.isView(a) || !ArrayBuffer.isView(b) || a.byteLength !== b.byteLength) return false;
  const bytes = (v: ArrayBufferView) => Buffer.from(v.buffer, v.byteOffset, v.byteLength);
  return a.constructor === b.constructor && bytes(a).equals(bytes(b));
};

/** All leaves in which two trees of plain values and typed arrays differ, in the order of a's keys, then b's. Keys named in `ignore` are skipped at any depth. */
export function differences(a: unknown, b: unknown, ignore: readonly string[] = [], path = ""): Difference[] {
  if (isTree(a) && isTree(b)) {
    const keys = [...new Set([...Object.keys(a), ...Object.keys(b)])].filter((key) => !ignore.includes(key));
    return keys.flatMap((key) => differences(a[key], b[key], ignore, path === "" ? key : `${path}.${key}`));
  }
  return same(a, b) ? [] : [{ path, a, b }];
}

/** A value in one short line. */
export function inLine(value: unknown): string {
  if (value === undefined) return "–";
  if (ArrayBuffer.isView(value)) return `${value.constructor.name} of ${value.byteLength} bytes`;
  const text = typeof value === "string" ? value : JSON.stringify(value);
  return text.length > 100 ? `${text.slice(0, 100)}…` : text;
}
