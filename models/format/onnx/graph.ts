import type { Constant, GraphNode } from "./model.ts";

/** A tensor of the graph, by name. */
export interface Tensor {
  readonly tensor: string;
}

/** Collects the nodes of a graph in the order in which they are computed. Names are paths: what part of the policy a node belongs to. */
export class GraphWriter {
  readonly nodes: GraphNode[] = [];
  readonly constants: Constant[] = [];
  readonly #path: string[] = [];
  readonly #uses = new Map<string, number>();
  readonly #scalars = new Map<string, Tensor>();

  /** Runs `body` one level deeper. */
  within<T>(name: string, body: () => T): T {
    this.#path.push(name);
    try {
      return body();
    } finally {
      this.#path.pop();
    }
  }

  /** Adds a node with one output; `output` names it where the graph's own name matters. */
  node(
    operator: string,
    inputs: readonly Tensor[],
    attributes: Readonly<Record<string, number | readonly number[]>> = {},
    output?: string,
  ): Tensor {
    const name = this.#unique(operator.toLowerCase());
    const tensor = output ?? name;
    this.nodes.push({ name, operator, inputs: inputs.map((i) => i.tensor), outputs: [tensor], attributes });
    return { tensor };
  }

  constant(name: string, shape: readonly number[], data: Constant["data"]): Tensor {
    const tensor = this.#unique(name);
    this.constants.push({ name: tensor, shape, data });
    return { tensor };
  }

  /** A float64 number, written once however often it is used. */
  scalar(value: number): Tensor {
    const key = Object.is(value, -0) ? "-0" : String(value);
    const known = this.#scalars.get(key);
    if (known !== undefined) return known;
    const made: Tensor = { tensor: `number/${key}` };
    this.constants.push({ name: made.tensor, shape: [], data: Float64Array.of(value) });
    this.#scalars.set(key, made);
    return made;
  }

  /** Columns `at` of a table [N, …], in that order. */
  columns(table: Tensor, at: readonly number[], axis = 1): Tensor {
    const indices = this.constant("columns", [at.length], BigInt64Array.from(at, BigInt));
    return this.node("Gather", [table, indices], { axis });
  }

  #unique(name: string): string {
    const path = [...this.#path, name].join("/");
    const uses = this.#uses.get(path) ?? 0;
    this.#uses.set(path, uses + 1);
    return uses === 0 ? path : `${path}_${uses}`;
  }
}
