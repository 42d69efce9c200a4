import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  FLOW_IN,
  FLOW_IN_COUNT,
  type FlowTrades,
  kernelFlowTrades,
  plainFlowTrades,
} from "../../../env/market/flow-trades.ts";
import { OrderFlow } from "../../../env/market/order-flow.ts";
import { kernelNormalTails, type NormalTails, plainNormalTails } from "../../../env/options/normal-tails.ts";
import { normalCdf } from "../../../src/core/normal.ts";
import { binSalt, binWord } from "../../../src/core/random.ts";

/** The kernel and the plain TypeScript that it repeats. The kernel starts wherever this package runs. */
const flows = [kernelFlowTrades()!, plainFlowTrades()] as const;
const tails = [kernelNormalTails()!, plainNormalTails()] as const;

const between = (min: number, max: number) => fc.double({ min, max, noNaN: true });
const inputs = fc
  .record({
    minutes: fc.oneof(between(0.01, 1), between(1, 120)),
    informationStart: between(0, 5),
    informationEnd: between(0, 60),
    informationRate: fc.constantFrom(0, 1, 30),
    informationSign: fc.constantFrom(-1, 1),
    burstStart: between(0, 5),
    burstEnd: between(0, 60),
    burstRate: fc.constantFrom(0, 4, 100),
    burstSign: fc.constantFrom(-1, 1),
    buy: between(0, 5),
    sell: between(0, 5),
    x: between(-0.01, 0.01),
    base: fc.oneof(fc.constant(0), between(0.001, 20)),
    same: between(0, 0.5),
    cross: between(0, 0.2),
    decay: between(0.75, 30),
    recovery: between(1e-4, 10),
    power: between(-0.95, -0.01),
    smallest: between(0.01, 100),
    informedSize: between(0.1, 3),
    burstSize: between(0.1, 3),
    permanentPerRoot: between(0, 1e-3),
    transientPerRoot: between(0, 1e-3),
  } satisfies Record<keyof typeof FLOW_IN, unknown>)
  .map((o) => {
    const input = new Float64Array(FLOW_IN_COUNT);
    for (const [name, at] of Object.entries(FLOW_IN)) input[at] = o[name as keyof typeof FLOW_IN];
    return input;
  });

describe("the environments' kernel", () => {
  it("simulates the trades of the plain simulator, to the last bit", () => {
    let most = 0;
    const play = (flow: FlowTrades, input: Float64Array, key: number, bin: number) => {
      flow.input.set(input);
      const counted = flow.run(binWord(key, bin), binSalt(bin), key, 4104);
      const n = counted < 0 ? -1 - counted : counted;
      most = Math.max(most, n);
      const tape = [flow.seconds, flow.volume, flow.sign, flow.informed].map((a) => Array.from(a.subarray(0, n)));
      return { counted, output: Array.from(flow.output), tape };
    };
    fc.assert(
      fc.property(inputs, fc.integer(), fc.integer({ min: -1_000_016, max: 1e6 }), (input, key, bin) => {
        expect(play(flows[0], input, key | 0, bin)).toEqual(play(flows[1], input, key | 0, bin));
      }),
      { numRuns: 600 },
    );
    expect(most).toBeGreaterThan(1000);
  });

  it("says when the bound on candidates is reached, and holds no more", () => {
    const input = new Float64Array(FLOW_IN_COUNT);
    const at = FLOW_IN;
    const law = { minutes: 1e4, base: 1, decay: 1, recovery: 1, power: -0.4, smallest: 1, transientPerRoot: 1e-4 };
    for (const [name, value] of Object.entries(law)) input[at[name as keyof typeof law]] = value;
    for (const flow of flows) {
      flow.input.set(input);
      expect(flow.run(binWord(5, 6), binSalt(6), 5, 4104)).toBe(-1 - 8192);
    }
    expect(Array.from(flows[0].volume)).toEqual(Array.from(flows[1].volume));
    expect(Array.from(flows[0].output)).toEqual(Array.from(flows[1].output));
  });

  it("gives tails of the normal law to the last bit, from nothing to where they vanish", () => {
    const ask = (t: NormalTails, a: readonly number[]) => {
      t.a.set(a);
      t.run(a.length);
      return [Array.from(t.e.subarray(0, a.length)), Array.from(t.p.subarray(0, a.length))];
    };
    const number = fc.oneof(
      between(0, 8),
      between(0, 45),
      between(0, 1e-3),
      // Around half a ln 2 in the exponent, the bound of the rational form, and the last that is not 0.
      between(0.8325546, 0.83255464),
      fc.constantFrom(
        0,
        1e-9,
        7.07106781186547,
        7.0710678118654755,
        37,
        37.5,
        38.4,
        38.6,
        1e3,
        Number.POSITIVE_INFINITY,
      ),
    );
    fc.assert(
      fc.property(fc.array(number, { minLength: 1, maxLength: 40 }), (a) => {
        const [kernel, plain] = tails.map((t) => ask(t, a));
        expect(kernel).toEqual(plain);
        expect(kernel![1]).toEqual(a.map((x) => normalCdf(-x)));
      }),
      { numRuns: 2000 },
    );
  });

  it("leaves order flow as it is without it", () => {
    const parameters = {
      tradesPerHour: 60,
      meanSize: 5,
      branching: 0.6,
      crossShare: 0.2,
      decayMinutes: 5,
      sizeTail: 2.5,
      informationEventsPerDay: 8,
      informationMinutes: 45,
      informedTradesPerHour: 60,
      informedSize: 0.7,
      burstsPerDay: 8,
      burstMinutes: 15,
      burstTradesPerHour: 240,
      burstSize: 1.5,
      permanentBps: 3,
      transientBps: 3,
      transientHalfLifeMinutes: 30,
    };
    const [kernel, plain] = flows.map((simulator) => {
      const flow = new OrderFlow(2, parameters, 300, simulator);
      for (const b of [0, 1]) flow.start(b, 77 + b);
      const seen: number[] = [];
      for (let step = 0; step < 400; step++)
        for (const b of [0, 1]) {
          flow.advance(b, 77 + b, step);
          for (const array of Object.values(flow.arrays())) seen.push(array[b]!);
        }
      return seen;
    });
    expect(kernel).toEqual(plain);
  });
});
