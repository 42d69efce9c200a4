import { price as optionPrice } from "../../../env/options/black-scholes.ts";
import type { CostUnit } from "../../../env/tasks/rebalance/options.ts";
import {
  bookSize,
  initialVolatility,
  type Scenario,
  slotSpecification,
  timing,
} from "../../../env/tasks/rebalance/scenario.ts";
import { transactionGasUsd } from "../../../env/tasks/rebalance/terminal.ts";
import { ContractError } from "../../core/errors.ts";
import type { HedgeProblem } from "./problem.ts";

/** Lots and ticks below these shares (of the book, of the one-way cost) change nothing that could be seen. */
const SMALL_LOT = 1e-3;
const SMALL_TICK = 1e-2;

/**
 * Why the exact optimum cannot be computed for a scenario, in one sentence, or undefined where it can: the state must be (decision, price, hedge)
 * and nothing else, and the price's law known.
 */
export function whyNoOptimum(s: Scenario): string | undefined {
  const { market, chain, account, book, slots } = s;
  const slot = slots[0]!;
  const specification = slotSpecification(slot, 0);
  const size = bookSize(s) / specification.contractSize;
  if (market.price.model !== "gbm")
    return `its prices (${market.price.model}) do not follow a geometric Brownian motion of known volatility.`;
  if (market.price.volatility === 0) return "its price stands still.";
  if (market.flow !== undefined && market.flow.permanentBps + market.flow.transientBps > 0)
    return "the order flow of others moves its price, which would be a further state.";
  if (market.liquidity !== undefined) return "its spread and depth move, which would be further states.";
  if (s.execution !== undefined && s.execution.generation !== "autonomous")
    return `its trades are carried out by a ${s.execution.generation}, not by the policy.`;
  if (market.impliedVolatility?.model === "mean-reverting")
    return "its mark volatility moves, which would be a further state.";
  if (slots.length > 1) return "it may trade in more than one slot.";
  if (slot.kind === "inverse-perpetual" || slot.kind === "option") return `its hedge is of kind ${slot.kind}.`;
  if (slot.impactCoefficient > 0) return "its trades have impact, so that their cost is not proportional.";
  if (account.collateral !== "usd" || account.numeraire !== "usd")
    return "its account is held or counted in coin, which is an exposure of its own.";
  if (chain.inclusionBlocks > 0) return "a trade is included later than it is decided, at a price not yet known.";
  if (specification.onChain && (chain.fee.model === "eip1559" || chain.fee.model === "file"))
    return "its gas is random, which would be a further state.";
  if (specification.onChain && chain.revertProbability > 0) return "its trades revert by chance.";
  if (Math.max(specification.lot, specification.minimum) > SMALL_LOT * size)
    return "its venue trades in lots that are not small against the book.";
  const rates = proportionalRates(s);
  const cost = rates.buyRate * market.price.initial;
  if (specification.tick > 0 && specification.tick > SMALL_TICK * cost)
    return "its venue quotes in ticks that are not small against the cost of a trade.";
  if (market.price.tick > SMALL_TICK * cost && market.price.tick > 0)
    return "its prices are published in ticks that are not small against the cost of a trade.";
  if (book.legs.some((leg) => (leg.maturityDays ?? s.maturityDays) < s.maturityDays))
    return "an option of its book expires before the episode ends.";
  const perpetual = slot.kind === "perpetual";
  if (perpetual && slot.fundingRate8h !== 0) return "its perpetual pays funding along the path between two decisions.";
  if (perpetual && market.rate !== 0)
    return "the profits of its perpetual earn interest along the path between two decisions.";
  if (!perpetual && market.dividendYield !== 0 && timing(s).stepsPerDecision > 1)
    return "its hedge pays a dividend along the path between two decisions.";
  return undefined;
}

/** Cost of buying and of selling one unit as fractions of the index price: half-spread, then the fee on what is paid (fillLinear). */
function proportionalRates(s: Scenario): { carry: number; buyRate: number; sellRate: number } {
  const slot = s.slots[0]!;
  const carry = slot.kind === "spot" ? 1 : 1 + slot.basisBps * 1e-4;
  const half = slot.halfSpreadBps * 1e-4;
  const fee = slotSpecification(slot, 0).takerFeeBps * 1e-4;
  return { carry, buyRate: carry * (half + fee * (1 + half)), sellRate: carry * (half + fee * (1 - half)) };
}

/** Years between decisions; the last interval may be shorter. */
function intervals(s: Scenario): number[] {
  const t = timing(s);
  return Array.from(
    { length: t.decisions },
    (_, i) => Math.min(t.stepsPerDecision, t.steps - i * t.stepsPerDecision) * t.dtYears,
  );
}

/** The hedging problem of a scenario for which {@link whyNoOptimum} has no objection, as the ledger accounts for it. Throws a ContractError for other prices. */
export function scenarioProblem(s: Scenario, unit: CostUnit): HedgeProblem {
  const { market, chain, book, maturityDays, terminal } = s;
  const { rate, dividendYield, price } = market;
  if (price.model !== "gbm")
    throw new ContractError("A scenario without an exact optimum was to be solved.", {
      which: "scenario.market.price.model",
      value: price.model,
      fix: "Ask whyNoOptimum first.",
    });
  const slot = s.slots[0]!;
  const years = intervals(s);
  const initialPrice = price.initial;
  const volatility = initialVolatility(s);
  const legs = book.legs.map((leg) => ({
    sign: leg.type === "call" ? (1 as const) : (-1 as const),
    quantity: leg.quantity,
    strike: initialPrice * leg.moneyness,
    days: leg.maturityDays ?? maturityDays,
  }));
  const value = (at: number, elapsedDays: number) =>
    legs.reduce(
      (sum, l) =>
        sum +
        l.quantity *
          optionPrice(l.sign, at, l.strike, rate, dividendYield, volatility, (l.days - elapsedDays) / s.daysPerYear),
      0,
    );
  const premium = -value(initialPrice, 0);
  const size = bookSize(s);
  // Delivery closes what expires within the last step (closeBook).
  const expiring = legs.filter((l) => (l.days - maturityDays) * 86400 <= 0);
  const growth = [1];
  for (let t = years.length - 1; t >= 0; t--) growth.unshift(growth[0]! * Math.exp(rate * years[t]!));
  const onChain = slotSpecification(slot, 0).onChain;
  const gwei = chain.fee.model === "constant" ? chain.fee.gwei : 0;
  const gas = onChain ? transactionGasUsd(chain, gwei, initialPrice) : 0;
  const gasFloats = chain.nativePriceUsd === "underlying";
  return {
    initialPrice,
    drift: price.drift,
    volatility: price.volatility,
    intervals: years,
    growth,
    income: years.map((y) => (slot.kind === "spot" ? Math.expm1(dividendYield * y) : 0)),
    ...proportionalRates(s),
    fixedUsd: gasFloats ? 0 : gas,
    fixedShare: gasFloats ? gas / initialPrice : 0,
    premium,
    bookSize: size,
    lowestTarget: -legs.reduce((sum, l) => sum + Math.max(0, l.quantity * l.sign), 0),
    highestTarget: -legs.reduce((sum, l) => sum + Math.min(0, l.quantity * l.sign), 0),
    bookValue: (at) => value(at, maturityDays),
    delivered:
      terminal === "settle"
        ? (at) => expiring.reduce((sum, l) => sum + (l.sign * (at - l.strike) > 0 ? l.quantity * l.sign : 0), 0)
        : () => 0,
    closes: terminal !== "mark",
    unitUsd: unit === "pctPremium" ? Math.abs(premium) / 100 : (size * initialPrice) / 1e4,
  };
}
