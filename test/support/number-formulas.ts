import type { Formulas } from "../../src/core/contracts/formulas.ts";

type Columns = readonly number[];

/** Formulas on plain numbers, for one row: what a graph must compute. */
export class NumberFormulas implements Formulas<Columns, readonly boolean[]> {
  readonly #row: ReadonlyMap<string, number>;

  constructor(row: ReadonlyMap<string, number>) {
    this.#row = row;
  }

  features(names: readonly string[]): Columns {
    return names.map((name) => {
      const value = this.#row.get(name);
      if (value === undefined) throw new Error(`no feature ${name}`);
      return value;
    });
  }
  add = binary((a, b) => a + b);
  subtract = binary((a, b) => a - b);
  multiply = binary((a, b) => a * b);
  divide = binary((a, b) => a / b);
  power = binary((a, b) => a ** b);
  max = binary(Math.max);
  min = binary(Math.min);
  less = binary((a, b) => a < b);
  greater = binary((a, b) => a > b);
  equal = binary((a, b) => a === b);
  abs = (a: Columns) => a.map(Math.abs);
  sign = (a: Columns) => a.map(Math.sign);
  exp = (a: Columns) => a.map(Math.exp);
  log = (a: Columns) => a.map(Math.log);
  sqrt = (a: Columns) => a.map(Math.sqrt);
  tanh = (a: Columns) => a.map(Math.tanh);
  total = (a: Columns) => [a.reduce((sum, x) => sum + x, 0)];
  either = (a: readonly boolean[], b: readonly boolean[]) => a.map((x, i) => x || b[i]!);
  not = (a: readonly boolean[]) => a.map((x) => !x);
  choose(condition: readonly boolean[], yes: Columns | number, no: Columns | number): Columns {
    const width = Math.max(condition.length, columns(yes).length, columns(no).length);
    return Array.from({ length: width }, (_, i) => at(at(condition, i) ? columns(yes) : columns(no), i));
  }
  within = <T>(_name: string, body: () => T) => body();
}

const columns = (a: Columns | number): Columns => (typeof a === "number" ? [a] : a);
const at = <T>(a: readonly T[], i: number): T => a[a.length === 1 ? 0 : i]!;

function binary<T>(f: (a: number, b: number) => T) {
  return (a: Columns | number, b: Columns | number): readonly T[] => {
    const [x, y] = [columns(a), columns(b)];
    return Array.from({ length: Math.max(x.length, y.length) }, (_, i) => f(at(x, i), at(y, i)));
  };
}
