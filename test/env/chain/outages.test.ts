import { describe, expect, it } from "vitest";
import { availability, type OutageParameters, Outages } from "../../../env/chain/outages.ts";
import { episodeKey } from "../../../src/core/random.ts";

const PARAMETERS: OutageParameters = { meanUpHours: 3, meanDownMinutes: 60 };

/** States at the ends of `steps` steps of `episodes` episodes, the start included. */
function sample(parameters: OutageParameters, stepSeconds: number, episodes: number, steps: number): number[][] {
  const outages = new Outages(1, parameters, stepSeconds);
  return Array.from({ length: episodes }, (_, e) => {
    const key = episodeKey(31, "train", e);
    outages.start(0, key);
    const states = [outages.up[0]!];
    for (let step = 0; step < steps; step++) {
      outages.advance(0, key, step);
      states.push(outages.up[0]!);
    }
    return states;
  });
}

/** Mean lengths in seconds of the completed runs of `state`, as they look at the ends of steps. */
function meanRun(paths: number[][], state: number, stepSeconds: number): number {
  let steps = 0;
  let runs = 0;
  for (const path of paths) {
    // A run counts from its first to its last step; those cut off by the episode's ends are left out.
    let started = -1;
    for (let i = 1; i < path.length; i++) {
      if (path[i] === state && path[i - 1] !== state) started = i;
      if (path[i] !== state && path[i - 1] === state && started > 0) {
        steps += i - started;
        runs++;
      }
    }
  }
  return (steps / runs) * stepSeconds;
}

describe("Outages", () => {
  it("are in their stationary law from the start on: the same share of time up at every step", () => {
    const paths = sample(PARAMETERS, 600, 20_000, 12);
    expect(availability(PARAMETERS)).toBe(0.75);
    // Standard error 0.0031; five of them.
    for (const i of [0, 1, 6, 12]) {
      const share = paths.filter((p) => p[i] === 1).length / paths.length;
      expect(Math.abs(share - 0.75)).toBeLessThan(0.0155);
    }
  });

  it("last as long on average as they say, up and down, in steps far shorter than that", () => {
    const paths = sample(PARAMETERS, 60, 60, 10_000);
    // About 2,400 runs of each kind: standard error 2%. Runs shorter than a step go unseen, and their neighbours merge: up to 2% longer.
    expect(meanRun(paths, 1, 60) / 10_800).toBeGreaterThan(0.92);
    expect(meanRun(paths, 1, 60) / 10_800).toBeLessThan(1.1);
    expect(meanRun(paths, 0, 60) / 3600).toBeGreaterThan(0.92);
    expect(meanRun(paths, 0, 60) / 3600).toBeLessThan(1.1);
  });

  it.each([60, 600, 3600])("have the same law at instants an hour apart in steps of %i s", (stepSeconds) => {
    const perHour = 3600 / stepSeconds;
    const paths = sample(PARAMETERS, stepSeconds, 4000, 2 * perHour);
    // P(up an hour later | up) = a + (1 - a) exp(-h (1/up + 1/down)), and both hours in a row (the Markov property across steps).
    const decay = Math.exp(-(1 / 3 + 1));
    const stay = 0.75 + 0.25 * decay;
    const upThrice = paths.filter((p) => p[0]! * p[perHour]! * p[2 * perHour]! === 1).length / paths.length;
    const expected = 0.75 * stay * stay;
    expect(Math.abs(upThrice - expected)).toBeLessThan(5 * Math.sqrt((expected * (1 - expected)) / 4000));
    const back = paths.filter((p) => p[0] === 0 && p[perHour] === 1).length / paths.length;
    const comesUp = 0.25 * 0.75 * (1 - decay);
    expect(Math.abs(back - comesUp)).toBeLessThan(5 * Math.sqrt((comesUp * (1 - comesUp)) / 4000));
  });

  it("never happen with a mean length of 0 or infinite time between them", () => {
    for (const p of [
      { meanUpHours: 3, meanDownMinutes: 0 },
      { meanUpHours: Number.POSITIVE_INFINITY, meanDownMinutes: 60 },
    ])
      expect(
        sample(p, 60, 20, 100)
          .flat()
          .every((s) => s === 1),
      ).toBe(true);
  });

  it("depend on the key and the step only", () => {
    const alone = new Outages(1, PARAMETERS, 600);
    const many = new Outages(3, PARAMETERS, 600);
    alone.start(0, 99);
    for (const b of [2, 0, 1]) many.start(b, b === 1 ? 99 : 7 + b);
    let changes = 0;
    for (let step = 0; step < 200; step++) {
      const before = alone.up[0];
      alone.advance(0, 99, step);
      for (const b of [2, 0, 1]) many.advance(b, b === 1 ? 99 : 7 + b, step);
      expect(many.up[1]).toBe(alone.up[0]);
      if (alone.up[0] !== before) changes++;
    }
    expect(changes).toBeGreaterThan(3);
    expect(many.arrays().up).toBe(many.up);
  });

  it("refuse means out of range, naming the field", () => {
    expect(() => new Outages(1, { meanUpHours: 0, meanDownMinutes: 1 }, 60)).toThrow("meanUpHours");
    expect(() => new Outages(1, { meanUpHours: 1, meanDownMinutes: -1 }, 60)).toThrow("meanDownMinutes");
  });
});
