import type { Stateful } from "../../src/core/state.ts";

/** What every market publishes. */
export const BASE_FIELDS = ["price", "volatility", "baseFeeGwei", "fillPrice", "fillBaseFeeGwei"] as const;
/** What a market with order flow publishes on top. */
export const FLOW_FIELDS = [
  "spread",
  "depth",
  "buyVolume",
  "sellVolume",
  "vpin",
  "vpinBulk",
  "imbalanceFast",
  "imbalanceSlow",
  "kyleLambda",
] as const;
export const ORACLE_FIELDS = ["oraclePrice", "oracleAgeSeconds", "oracleUpdated"] as const;
export const API_FIELDS = ["apiUp"] as const;
/** What only the simulator knows: no observation carries it. */
export const TRUTH_FIELDS = ["transient", "informed"] as const;

export const PUBLISHED_FIELDS = [...BASE_FIELDS, ...FLOW_FIELDS, ...ORACLE_FIELDS, ...API_FIELDS] as const;
export type PublishedField = (typeof PUBLISHED_FIELDS)[number];
export type FrameField = PublishedField | (typeof TRUTH_FIELDS)[number];

/** What the market published at one instant, for B environments (struct of arrays). Fields that a source does not fill hold constants. */
export interface MarketFrame extends Readonly<Record<FrameField, Float64Array>> {
  /** Index price of the underlying, USD, rounded to its tick: the observed mid. [B] */
  readonly price: Float64Array;
  /** Mark volatility of the options, fraction a year. [B] */
  readonly volatility: Float64Array;
  /** Base fee of the newest block, gwei. [B] */
  readonly baseFeeGwei: Float64Array;
  /** Index price and base fee at the moment at which a transaction sent at the start of the last step was included. [B] */
  readonly fillPrice: Float64Array;
  readonly fillBaseFeeGwei: Float64Array;
  /** Multipliers of the quoted half-spread and of the venue's depth; 1 = normal. [B] */
  readonly spread: Float64Array;
  readonly depth: Float64Array;
  /** Units of the underlying that others bought and sold, as takers, in the last step. [B] */
  readonly buyVolume: Float64Array;
  readonly sellVolume: Float64Array;
  /** Toxicity estimates of env/market/toxicity.ts over the public tape. [B] */
  readonly vpin: Float64Array;
  readonly vpinBulk: Float64Array;
  readonly imbalanceFast: Float64Array;
  readonly imbalanceSlow: Float64Array;
  readonly kyleLambda: Float64Array;
  /** Newest price of the on-chain oracle, USD; its age; 1 where an update landed in the last step. [B] */
  readonly oraclePrice: Float64Array;
  readonly oracleAgeSeconds: Float64Array;
  readonly oracleUpdated: Float64Array;
  /** 1 = the centralised interface answers. [B] */
  readonly apiUp: Float64Array;
  /** Truth: log displacement of the mid that will decay, and the informed share of the last step's volume. [B] */
  readonly transient: Float64Array;
  readonly informed: Float64Array;
  /** Event time since the start of the episode, seconds. [B] */
  readonly seconds: Float64Array;
  /** Mark volatility of each option contract, the book's legs and then the option slots [B*K]; undefined where all take `volatility`. */
  readonly contractVolatility?: Float64Array | undefined;
}

/** Another world after simulation step `afterStep`: what the leakage check does to the future. */
export interface FuturePerturbation {
  readonly afterStep: number;
  readonly salt: number;
}

/** The listed contracts that an episode's options were resolved to: the book's legs, then the option slots. */
export interface Listing {
  /** Strike of each, USD. [K] */
  readonly strike: Float64Array;
  /** Seconds from the episode's start to the expiry of each. [K] */
  readonly secondsLeft: Float64Array;
}

/**
 * The exogenous part of an episode: it does not answer to the trader. Simulators draw it, recordings play it back; positions, venues,
 * accounts and features are the same code for both.
 */
export interface MarketSource extends Stateful {
  readonly batch: number;
  /** Simulation steps of an episode. */
  readonly steps: number;
  readonly frame: MarketFrame;
  /** The fields that it fills. */
  readonly fields: readonly FrameField[];
  /** Puts environment b at step 0 of an episode. */
  start(b: number, episode: number): void;
  /** Moves environment b from `step` to `step` + 1. */
  advance(b: number, step: number): void;
  /** Changes every draw after a step, where the source can (checkLeakage); undefined = the world as it is. */
  perturbFuture?(perturbation: FuturePerturbation | undefined): void;
  /** Non-overlapping recorded windows of the split; undefined for simulated prices. */
  readonly windows?: number | undefined;
  /** What environment b's options are, where they are listed contracts. Valid after `start`. */
  listing?(b: number): Listing;
  /** Log of the lowest base fee of the next `seconds` over the newest one (at most 0), where the source can look ahead: for oracles only. */
  gasToCome?(b: number, seconds: number): number;
}

/** A frame of neutral values. `contracts`: also holds a mark volatility for each of so many option contracts. */
export function makeFrame(batch: number, contracts?: number): MarketFrame {
  const filled = (value: number) => new Float64Array(batch).fill(value);
  // Written out: an object that is filled field by field is a dictionary to the engine, and looking fields up would be a tenth of a step.
  const frame = {
    price: filled(0),
    volatility: filled(0),
    baseFeeGwei: filled(0),
    fillPrice: filled(0),
    fillBaseFeeGwei: filled(0),
    spread: filled(1),
    depth: filled(1),
    buyVolume: filled(0),
    sellVolume: filled(0),
    vpin: filled(0),
    vpinBulk: filled(0),
    imbalanceFast: filled(0),
    imbalanceSlow: filled(0),
    kyleLambda: filled(0),
    oraclePrice: filled(0),
    oracleAgeSeconds: filled(0),
    oracleUpdated: filled(0),
    apiUp: filled(1),
    transient: filled(0),
    informed: filled(0),
    seconds: filled(0),
  };
  return contracts === undefined ? frame : { ...frame, contractVolatility: new Float64Array(batch * contracts) };
}

/** The arrays of a frame that a source with these fields must save. */
export function frameArrays(frame: MarketFrame, fields: readonly FrameField[]): Record<string, Float64Array> {
  const arrays: Record<string, Float64Array> = { seconds: frame.seconds };
  for (const field of fields) arrays[field] = frame[field];
  if (frame.contractVolatility !== undefined) arrays.contractVolatility = frame.contractVolatility;
  return arrays;
}
