import type { NumericArray } from "./env.ts";
import type { Findings } from "./findings.ts";
import { allocate, whyOutside } from "./space-values.ts";
import { type BoxSpace, flatSize, type Space } from "./spaces.ts";

function checkBox(findings: Findings, name: string, space: BoxSpace, isAction: boolean): undefined {
  const size = flatSize(space);
  if (space.low.length !== size || space.high.length !== size)
    return findings.error(
      "box-length",
      `${name} has ${space.low.length} low and ${space.high.length} high bounds for ${size} elements.`,
    );
  let unbounded = 0;
  for (let i = 0; i < size; i++) {
    const [low, high] = [space.low[i]!, space.high[i]!];
    if (!(low <= high)) findings.error("box-bounds", `${name} has low ${low} above high ${high} at element ${i}.`);
    if (low === high)
      findings.warning("box-equal-bounds", `${name} has equal bounds ${low} at element ${i}: it carries nothing.`);
    if (!Number.isFinite(low) && !Number.isFinite(high)) unbounded++;
    if (isAction && !(Number.isFinite(low) && Number.isFinite(high)))
      findings.warning("box-infinite-bounds", `${name} has infinite bounds at element ${i}: actions cannot be scaled.`);
    else if (isAction && low < high && -low !== high)
      findings.warning("action-scale", `${name} is [${low}, ${high}] at element ${i}, not symmetric around 0.`);
    else if (isAction && high > 0 && !(high >= 0.1 && high <= 10))
      findings.warning("action-scale", `${name} is [${low}, ${high}] at element ${i}, far from [-1, 1].`);
  }
  // Velocities and prices have no natural bound, so single unbounded elements of an observation are no finding.
  if (!isAction && size > 0 && unbounded === size)
    findings.warning("box-infinite-bounds", `${name} has no finite bound at all: it checks nothing.`);
}

/** The rules for a space by itself. Gymnasium warns at every infinite observation bound; we do where all are infinite. */
export function checkSpace(findings: Findings, name: string, space: Space, isAction: boolean): undefined {
  if (space.kind === "box") return checkBox(findings, name, space, isAction);
  const sizes = space.kind === "multi-discrete" ? space.nvec : [space.n];
  for (const n of sizes)
    if (!Number.isInteger(n) || n < 1) findings.error("discrete-size", `${name} has ${n} values, not an integer >= 1.`);
  if (space.kind === "discrete" && space.start !== 0)
    findings.warning("discrete-start", `${name} starts at ${space.start}: many learners assume 0.`);
}

/** The rules for one observation, or for the rows of B of them. */
export function checkObservation(
  findings: Findings,
  from: string,
  space: Space,
  obs: NumericArray,
  copies = 1,
  which = "observationSpace",
): undefined {
  const width = flatSize(space);
  const wanted = allocate(space, 0).constructor.name;
  if (!ArrayBuffer.isView(obs) || obs.constructor.name !== wanted)
    return findings.error(
      "observation-dtype",
      `${from} returned an observation of type ${obs?.constructor?.name ?? typeof obs}, ${which} wants ${wanted}.`,
    );
  if (obs.length !== width * copies)
    return findings.error(
      "observation-length",
      `${from} returned an observation of length ${obs.length}, ${which} wants ${width * copies}.`,
    );
  const wrong = obs.findIndex((x) => !Number.isFinite(x));
  if (wrong >= 0)
    return findings.error("observation-finite", `${from} returned an observation with ${obs[wrong]} at ${wrong}.`);
  for (let b = 0; b < copies; b++) {
    const why = whyOutside(space, obs.subarray(b * width, (b + 1) * width));
    if (why) findings.error("observation-in-space", `${from} returned an observation outside ${which}: ${why}.`);
  }
}
