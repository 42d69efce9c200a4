import { ConfigError } from "../../src/core/errors.ts";

/** Who trades, how often, how much, and what a trade does to the price. Assumptions: docs/assumptions/order-flow.md. */
export interface FlowParameters {
  /** Mean rate of ordinary uninformed trades, both sides, self-excitation included, bursts not. */
  readonly tradesPerHour: number;
  /** n < 1: mean number of direct offspring of an uninformed trade, on both sides. */
  readonly branching: number;
  /** Share of the excitation that goes to the other side, 0 to 1. */
  readonly crossShare: number;
  /** 1 / b of the exponential kernel, minutes. */
  readonly decayMinutes: number;
  /** Pareto tail index of volumes, > 1. */
  readonly sizeTail: number;
  /** Mean volume of an ordinary uninformed trade, units of the underlying. */
  readonly meanSize: number;
  /** Rate at which information events start while none lasts. */
  readonly informationEventsPerDay: number;
  /** Mean duration of an event; durations are exponential. */
  readonly informationMinutes: number;
  /** Rate of informed trades while an event lasts. */
  readonly informedTradesPerHour: number;
  /** Mean volume of an informed trade, as a multiple of `meanSize`. */
  readonly informedSize: number;
  /** Rate at which one-sided uninformed bursts (forced liquidations) start while none lasts. */
  readonly burstsPerDay: number;
  readonly burstMinutes: number;
  readonly burstTradesPerHour: number;
  readonly burstSize: number;
  /** Move of the efficient log price by an informed trade of `meanSize`, bps. */
  readonly permanentBps: number;
  /** Move of the transient component x by an uninformed trade of `meanSize`, bps. */
  readonly transientBps: number;
  readonly transientHalfLifeMinutes: number;
}

/**
 * Candidate trades that one simulation step may hold. It bounds the indices of the draws and the tape; {@link checkFlowParameters} keeps
 * it out of reach, and a step that reaches it all the same holds no more trades.
 */
export const MAX_CANDIDATES = 8192;

const NOT_NEGATIVE = [
  "tradesPerHour",
  "informationEventsPerDay",
  "informedTradesPerHour",
  "burstsPerDay",
  "burstTradesPerHour",
  "permanentBps",
  "transientBps",
] as const;
const POSITIVE = [
  "decayMinutes",
  "meanSize",
  "informationMinutes",
  "informedSize",
  "burstMinutes",
  "burstSize",
  "transientHalfLifeMinutes",
] as const;

/**
 * Refuses parameters without a stationary law, or with which a step could plausibly need more than {@link MAX_CANDIDATES} candidates:
 * mean + 8 standard deviations of the count, an event and a burst lasting all the while.
 * @throws ConfigError
 */
export function checkFlowParameters(p: FlowParameters, stepSeconds: number): void {
  const refuse = (name: keyof FlowParameters, fix: string) => {
    throw new ConfigError(`The order flow's "${name}" is out of range.`, {
      which: `scenario.market.flow.${name}`,
      value: p[name],
      fix,
    });
  };
  for (const name of NOT_NEGATIVE)
    if (!(p[name] >= 0 && Number.isFinite(p[name]))) refuse(name, "Give a number of 0 or more.");
  for (const name of POSITIVE)
    if (!(p[name] > 0 && Number.isFinite(p[name]))) refuse(name, "Give a number greater than 0.");
  if (!(p.branching >= 0 && p.branching < 1))
    refuse("branching", "Give a number in [0, 1): from 1 on the flow explodes.");
  if (!(p.crossShare >= 0 && p.crossShare <= 1)) refuse("crossShare", "Give a share in [0, 1].");
  if (!(p.sizeTail > 1)) refuse("sizeTail", "Give a number greater than 1: at 1 and below volumes have no mean.");
  if (!(stepSeconds > 0))
    throw new ConfigError("The order flow needs a positive step.", {
      which: "stepSeconds",
      value: stepSeconds,
      fix: "Give a number of seconds greater than 0.",
    });
  const hours = stepSeconds / 3600;
  const own = p.tradesPerHour * hours;
  const mean = own + (p.informedTradesPerHour + p.burstTradesPerHour) * hours;
  const needed = mean + 8 * Math.sqrt(mean + own / (1 - p.branching) ** 2);
  if (needed > MAX_CANDIDATES)
    throw new ConfigError(`A step of ${stepSeconds} s can hold more trades than are simulated one by one.`, {
      which: "scenario.market.flow.tradesPerHour",
      value: p.tradesPerHour,
      fix: `Shorten stepSeconds or lower the rates: about ${Math.ceil(needed)} trades a step are to be expected at most, ${MAX_CANDIDATES} are allowed.`,
    });
}

/** Share of the time during which an event lasts that starts at `perDay` while none lasts, `minutes` long in the mean. */
export function shareOn(perDay: number, minutes: number): number {
  const load = (perDay * minutes) / 1440;
  return load / (1 + load);
}

/** Mean of sqrt(v / mean) for a Pareto volume with tail index `tail`. */
export function meanRootSize(tail: number): number {
  return (Math.sqrt((tail - 1) / tail) * tail) / (tail - 0.5);
}

/**
 * Variance of the transient component x in the stationary law (log price squared), in closed form: shot noise of a Hawkes process
 * (covariance density of Hawkes, 1971, for the difference of the two sides: branching n (1 - 2 crossShare)) and of bursts.
 */
export function transientVariance(p: FlowParameters): number {
  const k = Math.LN2 / p.transientHalfLifeMinutes;
  const impact = p.transientBps * 1e-4;
  const second = impact * impact;
  const first = impact * meanRootSize(p.sizeTail);
  const rate = p.tradesPerHour / 60;
  const { density, b, signed } = signedCovariance(p);
  const own = (rate * second) / (2 * k) + (first * first * density) / (k * (k + b - signed));
  const burstRate = p.burstTradesPerHour / 60;
  const on = shareOn(p.burstsPerDay, p.burstMinutes);
  const trades = (on * burstRate * second) / (2 * k);
  const drift = (on * burstRate * burstRate * first * first) / (k * (k + 1 / p.burstMinutes));
  return own + p.burstSize * (trades + drift);
}

/**
 * Variance of the log move that trades make in a step (log price squared), in closed form: of what informed trades add, and of the change of the
 * transient component, 2 (R(0) - R(step)) for its autocovariance R in the stationary law.
 */
export function flowVarianceOfStep(p: FlowParameters, stepSeconds: number): number {
  const minutes = stepSeconds / 60;
  const k = Math.LN2 / p.transientHalfLifeMinutes;
  const rootSquared = meanRootSize(p.sizeTail) ** 2;
  const rate = p.tradesPerHour / 60;
  const informedRate = p.informedTradesPerHour / 60;
  const burstRate = p.burstTradesPerHour / 60;
  const informedOn = shareOn(p.informationEventsPerDay, p.informationMinutes) * p.informedSize;
  const burstOn = shareOn(p.burstsPerDay, p.burstMinutes) * p.burstSize;
  // Per squared bps of impact: independent trades, and those on one side while an event, an excitation or a burst lasts.
  const u = minutes / p.informationMinutes;
  const together = u < 1e-4 ? 1 - u / 3 : (2 * (Math.expm1(-u) + u)) / (u * u);
  const informed = informedOn * (informedRate * minutes + (informedRate * minutes) ** 2 * rootSquared * together);
  const { density, b, signed } = signedCovariance(p);
  const change = (source: number, decay: number) =>
    ((2 * source) / (k * (k + decay))) * (1 - filteredCorrelation(k, decay, minutes));
  const transient =
    ((rate + burstOn * burstRate) / k) * -Math.expm1(-k * minutes) +
    rootSquared * (change(density, b - signed) + change(burstOn * burstRate ** 2, 1 / p.burstMinutes));
  return (informed * p.permanentBps ** 2 + transient * p.transientBps ** 2) * 1e-8;
}

/** Autocorrelation at lag t of a source with correlation e^(-decay t), seen through a filter that forgets at rate k. */
function filteredCorrelation(k: number, decay: number, t: number): number {
  const y = (k - decay) * t;
  const share = Math.abs(y) < 1e-9 ? 1 : -Math.expm1(-y) / y;
  return Math.exp(-k * t) + k * t * Math.exp(-decay * t) * share;
}

/** Signed count of uninformed trades: covariance density at lag t minutes is density e^(-(b - signed) t) (Hawkes, 1971). */
function signedCovariance(p: FlowParameters): { density: number; b: number; signed: number } {
  const rate = p.tradesPerHour / 60;
  const b = 1 / p.decayMinutes;
  const signed = b * p.branching * (1 - 2 * p.crossShare);
  return { density: (rate * signed * (2 * b - signed)) / (2 * (b - signed)), b, signed };
}

/**
 * Variance that informed trades add to the efficient log price in a day, in closed form (long horizon): events of exponential duration
 * start at rate / (1 + load), and all informed trades of one event are on one side. Leave room for it in the price model's volatility.
 */
export function permanentVariancePerDay(p: FlowParameters): number {
  const impact = p.permanentBps * 1e-4;
  const trades = (p.informedTradesPerHour / 60) * p.informationMinutes;
  const second = impact * impact * p.informedSize;
  const first = impact * meanRootSize(p.sizeTail) * Math.sqrt(p.informedSize);
  const events = p.informationEventsPerDay / (1 + (p.informationEventsPerDay * p.informationMinutes) / 1440);
  return events * (trades * second + 2 * (trades * first) ** 2);
}
