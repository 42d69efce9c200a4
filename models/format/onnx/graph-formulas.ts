import type { Formulas } from "../../../src/core/contracts/formulas.ts";
import type { GraphWriter, Tensor } from "./graph.ts";

/** Truth values of a graph. */
export interface Truth {
  readonly truth: Tensor;
}

/** Writes formulas as nodes on float64 tensors [N, columns]. `column` finds a feature in the table [N, F]. */
export class GraphFormulas implements Formulas<Tensor, Truth> {
  readonly graph: GraphWriter;
  readonly #table: Tensor;
  readonly #column: (name: string) => number;
  readonly #read = new Map<string, Tensor>();

  constructor(graph: GraphWriter, table: Tensor, column: (name: string) => number) {
    this.graph = graph;
    this.#table = table;
    this.#column = column;
  }

  features(names: readonly string[]): Tensor {
    const key = names.join();
    const known = this.#read.get(key);
    if (known !== undefined) return known;
    const read = this.graph.columns(this.#table, names.map(this.#column));
    this.#read.set(key, read);
    return read;
  }

  add(a: Tensor | number, b: Tensor | number): Tensor {
    return this.#binary("Add", a, b);
  }
  subtract(a: Tensor | number, b: Tensor | number): Tensor {
    return this.#binary("Sub", a, b);
  }
  multiply(a: Tensor | number, b: Tensor | number): Tensor {
    return this.#binary("Mul", a, b);
  }
  divide(a: Tensor | number, b: Tensor | number): Tensor {
    return this.#binary("Div", a, b);
  }
  power(base: Tensor | number, exponent: number): Tensor {
    return this.#binary("Pow", base, exponent);
  }
  // Not Max and Min: what these make of NaN differs between runtimes.
  max(a: Tensor, b: Tensor | number): Tensor {
    return this.choose(this.less(a, b), b, a);
  }
  min(a: Tensor, b: Tensor | number): Tensor {
    return this.choose(this.greater(a, b), b, a);
  }
  abs(a: Tensor): Tensor {
    return this.graph.node("Abs", [a]);
  }
  sign(a: Tensor): Tensor {
    return this.graph.node("Sign", [a]);
  }
  exp(a: Tensor): Tensor {
    return this.graph.node("Exp", [a]);
  }
  log(a: Tensor): Tensor {
    return this.graph.node("Log", [a]);
  }
  sqrt(a: Tensor): Tensor {
    return this.graph.node("Sqrt", [a]);
  }
  tanh(a: Tensor): Tensor {
    return this.graph.node("Tanh", [a]);
  }
  total(a: Tensor): Tensor {
    const axis = this.graph.constant("axis", [1], BigInt64Array.of(1n));
    return this.graph.node("ReduceSum", [a, axis], { keepdims: 1 });
  }
  less(a: Tensor | number, b: Tensor | number): Truth {
    return { truth: this.#binary("Less", a, b) };
  }
  greater(a: Tensor | number, b: Tensor | number): Truth {
    return { truth: this.#binary("Greater", a, b) };
  }
  equal(a: Tensor | number, b: Tensor | number): Truth {
    return { truth: this.#binary("Equal", a, b) };
  }
  either(a: Truth, b: Truth): Truth {
    return { truth: this.graph.node("Or", [a.truth, b.truth]) };
  }
  not(a: Truth): Truth {
    return { truth: this.graph.node("Not", [a.truth]) };
  }
  choose(condition: Truth, yes: Tensor | number, no: Tensor | number): Tensor {
    return this.graph.node("Where", [condition.truth, this.#tensor(yes), this.#tensor(no)]);
  }
  within<T>(name: string, body: () => T): T {
    return this.graph.within(name, body);
  }

  #binary(operator: string, a: Tensor | number, b: Tensor | number): Tensor {
    return this.graph.node(operator, [this.#tensor(a), this.#tensor(b)]);
  }

  #tensor(a: Tensor | number): Tensor {
    return typeof a === "number" ? this.graph.scalar(a) : a;
  }
}
