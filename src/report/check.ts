import { expectLength } from "../core/errors.ts";
import type { ReportInput } from "./input.ts";

/**
 * Checks that series which are drawn against each other have one length.
 *
 * @throws ContractError naming the series, its length and the length that is due
 */
export function checkInput({ learningCurve, episode, bandCurve, optimumBand }: ReportInput): void {
  for (const [i, seed] of (learningCurve?.seeds ?? []).entries()) {
    expectLength(seed.objective, seed.steps.length, `learningCurve.seeds[${i}].objective`);
    expectLength(seed.return, seed.steps.length, `learningCurve.seeds[${i}].return`);
  }
  if (episode !== undefined) {
    const n = episode.times.length;
    expectLength(episode.price, n, "episode.price");
    expectLength(episode.exposure.policy.values, n, "episode.exposure.policy.values");
    expectLength(episode.exposure.baseline.values, n, "episode.exposure.baseline.values");
    expectLength(episode.band.lower, n, "episode.band.lower");
    expectLength(episode.band.upper, n, "episode.band.upper");
    expectLength(episode.baseFeeGwei, n, "episode.baseFeeGwei");
  }
  for (const { id, band } of optimumBand?.bands ?? []) {
    expectLength(band.lower, optimumBand!.x.length, `optimumBand.bands.${id}.lower`);
    expectLength(band.upper, optimumBand!.x.length, `optimumBand.bands.${id}.upper`);
  }
  for (const [i, level] of (bandCurve?.levels ?? []).entries())
    for (const name of ["learned", "baseline", "whalleyWilmott"] as const)
      for (const edge of ["lower", "upper", "centre"] as const) {
        const values = level[name][edge];
        if (values !== undefined) expectLength(values, bandCurve!.x.length, `bandCurve.levels[${i}].${name}.${edge}`);
      }
}
