import type { BandFormula, BandValues, Formulas } from "../../src/core/contracts/formulas.ts";
import type { HeadSpec } from "../../src/core/contracts/heads.ts";
import type { PolicyContext } from "../../src/core/contracts/policy.ts";
import { ConfigError } from "../../src/core/errors.ts";
import { DUST } from "./band-clamp.ts";

/** What a head's formula gives: the change of each slot in instrument units; undefined for a slot that it never trades. */
export type SlotChanges<V> = readonly (V | undefined)[];

/**
 * The steps of the heads' `toIntents`, as formulas; tests hold each pair together.
 * @param action column i of the head's actions, within its bounds; for `menu` the chosen fraction is column 0
 * @param rule formula of the reference's band: needed by `band`
 * Throws a ConfigError naming the rule for a `band` head without one.
 */
export function headFormula<V, C>(
  f: Formulas<V, C>,
  spec: HeadSpec,
  context: PolicyContext,
  action: (i: number) => V,
  rule: BandFormula | undefined,
): SlotChanges<V> {
  const one = (name: string) => f.features([name]);
  const firstSlotAlone = (change: V): SlotChanges<V> => [
    exposureTrade(f, change, context.bookSize, one("slot0_unit_delta")),
    ...context.slots.slice(1).map(() => undefined),
  ];
  switch (spec.head) {
    case "band": {
      if (rule === undefined)
        throw new ConfigError("The band head's reference rule is not known as a formula, so it cannot be exported.", {
          which: "head.reference.baseline",
          value: spec.reference.baseline,
          fix: "Export the bundle, which greekgym itself loads, or train on a reference whose band is a formula, e.g. delta-band.",
        });
      const band = f.within("reference", () => rule(f));
      const residual = f.within("residual", () => withResidual(f, band, action, spec.scale));
      return f.within("clamp", () => firstSlotAlone(bandChange(f, one("delta"), residual)));
    }
    case "menu": {
      const wanted = f.multiply(action(0), f.subtract(0, one("delta")));
      return firstSlotAlone(withoutDust(f, wanted, Math.max(spec.minimumTrade ?? 0, DUST)));
    }
    case "gate+size":
      return context.slots.map(({ kind }, s) =>
        f.within(`slot${s}`, () => {
          const open = f.greater(action(2 * s), 0);
          const change = f.choose(open, f.multiply(action(2 * s + 1), spec.maxChange), 0);
          if (kind === "option") return f.multiply(change, context.bookSize);
          return exposureTrade(f, change, context.bookSize, one(`slot${s}_unit_delta`));
        }),
      );
    case "target":
      return context.slots.map(({ kind }, s) =>
        f.within(`slot${s}`, () => {
          const wanted = f.multiply(action(s), spec.maxPosition);
          const held = f.add(one(`slot${s}_position`), one(`slot${s}_pending`));
          const unit = one(`slot${s}_unit_delta`);
          if (kind !== "option")
            return exposureTrade(f, withoutDust(f, f.subtract(wanted, held), DUST), context.bookSize, unit);
          const change = f.choose(f.equal(unit, 0), 0, f.subtract(wanted, f.divide(held, unit)));
          return f.multiply(withoutDust(f, change, DUST), context.bookSize);
        }),
      );
  }
}

/** Which choices of a menu are allowed, one column a fraction: the head's `mask`. */
export function menuMask<V, C>(f: Formulas<V, C>, spec: HeadSpec & { head: "menu" }): readonly (C | true)[] {
  const smallest = Math.max(spec.minimumTrade ?? 0, DUST);
  const gap = f.subtract(0, f.features(["delta"]));
  const untradable = f.equal(f.features(["slot0_unit_delta"]), 0);
  return spec.fractions.map((fraction) => {
    if (fraction === 0) return true;
    const size = f.abs(f.multiply(gap, fraction));
    // Written so that NaN is forbidden.
    const enough = f.either(f.greater(size, smallest), f.equal(size, smallest));
    return f.not(f.either(untradable, f.not(enough)));
  });
}

/** True where the value is neither NaN nor infinite. */
function finite<V, C>(f: Formulas<V, C>, a: V): C {
  return f.equal(f.subtract(a, a), 0);
}

/** `applyResidual`. */
function withResidual<V, C>(
  f: Formulas<V, C>,
  band: BandValues<V>,
  action: (i: number) => V,
  scale: number,
): BandValues<V> {
  const edge = (at: V, output: V) => {
    const grown = f.multiply(f.subtract(at, band.centre), f.subtract(f.exp(f.multiply(output, scale)), 1));
    return f.choose(finite(f, at), f.add(at, grown), at);
  };
  const lower = edge(band.lower, action(0));
  const upper = edge(band.upper, action(1));
  const halfWidth = f.multiply(f.subtract(upper, lower), 0.5);
  const shift = f.choose(finite(f, halfWidth), f.multiply(action(2), halfWidth), 0);
  return {
    lower: f.add(lower, shift),
    upper: f.add(upper, shift),
    centre: f.add(band.centre, shift),
    rebalanceTo: f.min(f.max(f.add(band.rebalanceTo, action(3)), 0), 1),
  };
}

/** `bandTrade`. */
function bandChange<V, C>(f: Formulas<V, C>, exposure: V, { lower, upper, centre, rebalanceTo }: BandValues<V>): V {
  const above = f.greater(exposure, upper);
  const outside = f.either(above, f.less(exposure, lower));
  const edge = f.choose(above, upper, lower);
  const change = f.subtract(f.add(edge, f.multiply(rebalanceTo, f.subtract(centre, edge))), exposure);
  return withoutDust(f, f.choose(outside, change, 0), DUST);
}

function withoutDust<V, C>(f: Formulas<V, C>, change: V, smallest: number): V {
  return f.choose(f.less(f.abs(change), smallest), 0, change);
}

/** `writeExposureTrade`: units of the slot that change the exposure so. */
function exposureTrade<V, C>(f: Formulas<V, C>, change: V, bookSize: number, unitDelta: V): V {
  return f.choose(f.equal(unitDelta, 0), 0, f.divide(f.multiply(change, bookSize), unitDelta));
}
