import type { Stateful } from "../../src/core/state.ts";

/** What the market publishes at one instant, for B environments (struct of arrays). */
export interface MarketFrame {
  /** Index price of the underlying, USD, rounded to its tick. [B] */
  readonly price: Float64Array;
  /** Mark volatility of the options, fraction a year. [B] */
  readonly volatility: Float64Array;
  /** Base fee of the newest block, gwei. [B] */
  readonly baseFeeGwei: Float64Array;
  /** Index price and base fee at the moment at which a transaction sent at the start of the last step was included. [B] */
  readonly fillPrice: Float64Array;
  readonly fillBaseFeeGwei: Float64Array;
}

/** Another world after simulation step `afterStep`: what the leakage check does to the future. */
export interface FuturePerturbation {
  readonly afterStep: number;
  readonly salt: number;
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
  /** Puts environment b at step 0 of an episode. */
  start(b: number, episode: number): void;
  /** Moves environment b from `step` to `step` + 1. */
  advance(b: number, step: number): void;
  /** Changes every draw after a step, where the source can (checkLeakage); undefined = the world as it is. */
  perturbFuture?(perturbation: FuturePerturbation | undefined): void;
  /** Non-overlapping recorded windows of the split; undefined for simulated prices. */
  readonly windows?: number | undefined;
}

export function makeFrame(batch: number): MarketFrame {
  const b = () => new Float64Array(batch);
  return { price: b(), volatility: b(), baseFeeGwei: b(), fillPrice: b(), fillBaseFeeGwei: b() };
}
