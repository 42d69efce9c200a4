import type { RebalanceEnv } from "../../../env/tasks/rebalance/rebalance-env.ts";
import { featureIndex } from "../../core/contracts/features.ts";
import { INTENT, INTENT_KIND, INTENT_WIDTH } from "../../core/contracts/intent.ts";
import type { Policy } from "../../core/contracts/policy.ts";

/** Exposures, delta per unit of book, between which a policy leaves the first slot alone. Infinite where it trades at no exposure up to LARGEST. */
export interface NoTradeRegion {
  readonly lower: number;
  readonly upper: number;
}

/** Exposures are looked at up to here, delta per unit of book: a book of options and its hedge reach at most this. */
export const LARGEST_EXPOSURE = 2;
/** Steps outward from the middle grow from the first to LARGEST_EXPOSURE; then the bracket is cut into GRID, REFINEMENTS times. */
const FIRST_STEP = 1e-3;
const OUTWARD = 20;
const GRID = 32;
const REFINEMENTS = 2;
/** Landings that are tried in search of an exposure at which the policy rests. */
const TRIES = 6;

/**
 * Measures the no-trade region of any policy in the present state of an environment: the first slot's position is varied in the observation,
 * features are extracted anew, and the policy is asked. What it answers is what it would do, whatever its action head, and also where
 * its band depends on its own exposure. The environment's state is left as it was.
 */
export class NoTradeProbe {
  readonly #env: RebalanceEnv;
  readonly #policy: Policy;
  readonly #delta: number;
  readonly #unitDelta: number;
  readonly #row: Float64Array;
  readonly #rows: Float64Array;
  readonly #available: Uint8Array;
  readonly #memory: Float64Array;
  readonly #mask: Uint8Array;
  readonly #intents: Float64Array;
  readonly #exposures = new Float64Array(Math.max(GRID, OUTWARD));
  /** Exposures after the policy's trade; equal to the exposure asked where it rests. */
  readonly #landings = new Float64Array(Math.max(GRID, OUTWARD));
  readonly #rests = new Uint8Array(Math.max(GRID, OUTWARD));

  constructor(env: RebalanceEnv, policy: Policy) {
    const width = env.extractor.width;
    const room = this.#exposures.length;
    const index = featureIndex(env.context.schema);
    this.#env = env;
    this.#policy = policy;
    this.#delta = index.delta!;
    this.#unitDelta = index.slot0_unit_delta!;
    this.#row = new Float64Array(env.numEnvs * width);
    this.#rows = new Float64Array(room * width);
    this.#available = new Uint8Array(width).fill(1);
    this.#memory = new Float64Array(room * policy.memoryWidth);
    this.#mask = new Uint8Array(room * policy.maskWidth).fill(1);
    this.#intents = new Float64Array(room * env.context.slots.length * INTENT_WIDTH);
  }

  /** The region in environment b's present state; `memory` [memoryWidth] is what the policy remembers there. */
  at(b: number, memory?: Float64Array): NoTradeRegion {
    const held = this.#env.observation.slotPosition;
    const i = b * this.#env.context.slots.length;
    const position = held[i]!;
    try {
      return this.#around(b, memory);
    } finally {
      held[i] = position;
    }
  }

  #around(b: number, memory: Float64Array | undefined): NoTradeRegion {
    // Between the landings of a far too long and a far too short exposure lies a band's inside.
    this.#exposures[0] = -LARGEST_EXPOSURE;
    this.#exposures[1] = LARGEST_EXPOSURE;
    this.#ask(b, 2, memory);
    let middle = 0.5 * (this.#landings[0]! + this.#landings[1]!);
    for (let attempt = 0; ; attempt++) {
      this.#exposures[0] = middle;
      this.#ask(b, 1, memory);
      if (this.#rests[0] === 1) break;
      if (attempt === TRIES) return { lower: middle, upper: middle };
      middle = this.#landings[0]!;
    }
    return { lower: this.#edge(b, middle, -1, memory), upper: this.#edge(b, middle, 1, memory) };
  }

  /** The first edge from `middle` outward. */
  #edge(b: number, middle: number, side: 1 | -1, memory: Float64Array | undefined): number {
    const reach = Math.max(LARGEST_EXPOSURE - side * middle, 2 * FIRST_STEP);
    const growth = (reach / FIRST_STEP) ** (1 / (OUTWARD - 1));
    const outward = (k: number) => FIRST_STEP * growth ** k;
    const first = this.#firstTrade(b, middle, side, OUTWARD, outward, memory);
    if (first === undefined) return side * Number.POSITIVE_INFINITY;
    let near = first === 0 ? 0 : outward(first - 1);
    let far = outward(first);
    for (let r = 0; r < REFINEMENTS; r++) {
      const start = near;
      const step = (far - near) / GRID;
      const grid = (k: number) => start + step * (k + 1);
      // The last of the grid is known to trade, up to rounding.
      const at = this.#firstTrade(b, middle, side, GRID, grid, memory) ?? GRID - 1;
      near = start + step * at;
      far = grid(at);
    }
    return middle + side * 0.5 * (near + far);
  }

  #firstTrade(
    b: number,
    middle: number,
    side: 1 | -1,
    count: number,
    distance: (k: number) => number,
    memory: Float64Array | undefined,
  ): number | undefined {
    for (let k = 0; k < count; k++) this.#exposures[k] = middle + side * distance(k);
    this.#ask(b, count, memory);
    const at = this.#rests.subarray(0, count).indexOf(0);
    return at < 0 ? undefined : at;
  }

  /** Asks the policy at the first `count` exposures; writes landings and whether it rests. */
  #ask(b: number, count: number, memory: Float64Array | undefined): void {
    const { extractor, observation, context } = this.#env;
    const { width } = extractor;
    const slots = context.slots.length;
    const from = b * width;
    const held = observation.slotPosition;
    held[b * slots] = 0;
    extractor.update(b, observation, this.#row);
    const unhedged = this.#row[from + this.#delta]!;
    const unit = this.#row[from + this.#unitDelta]! / context.bookSize;
    this.#memory.fill(0);
    for (let k = 0; k < count; k++) {
      held[b * slots] = (this.#exposures[k]! - unhedged) / unit;
      // The clock stands still, so the extractor's moving averages do.
      extractor.update(b, observation, this.#row);
      this.#rows.set(this.#row.subarray(from, from + width), k * width);
      if (memory !== undefined) this.#memory.set(memory, k * memory.length);
    }
    this.#policy.decide(count, this.#rows, this.#available, this.#memory, this.#mask, this.#intents);
    for (let k = 0; k < count; k++) {
      const o = k * slots * INTENT_WIDTH;
      const trades = this.#intents[o] === INTENT_KIND.trade;
      this.#rests[k] = trades ? 0 : 1;
      this.#landings[k] = this.#exposures[k]! + (trades ? this.#intents[o + INTENT.change]! * unit : 0);
    }
  }
}
