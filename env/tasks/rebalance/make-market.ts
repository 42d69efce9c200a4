import { deriveSeed } from "../../../src/core/random.ts";
import { ListedMarket } from "../../market/listed/listed-market.ts";
import type { ListedRequest } from "../../market/listed/resolve.ts";
import type { MarketSource } from "../../market/source.ts";
import { timing } from "./scenario.ts";
import { namedChain } from "./scenario-data.ts";
import { SimulatedMarket, type SimulatedMarketOptions } from "./simulated-market.ts";

function request(option: { type: "call" | "put"; moneyness: number; maturityDays: number }): ListedRequest {
  return { sign: option.type === "call" ? 1 : -1, moneyness: option.moneyness, maturityDays: option.maturityDays };
}

/** The market of a scenario: simulated, or windows of a recorded option chain. Throws a ConfigError where recorded data are missing. */
export function makeMarket(options: SimulatedMarketOptions): MarketSource {
  const { scenario, batch, seed, split, data } = options;
  const { price } = scenario.market;
  if (price.model !== "listed") return new SimulatedMarket(options);
  return new ListedMarket({
    chain: namedChain(data, price.series, "scenario.market.price.series"),
    range: data?.ranges?.[price.series],
    split,
    batch,
    steps: timing(scenario).steps,
    seedWord: deriveSeed(seed, `market/${scenario.name}`),
    legs: scenario.book.legs.map((leg) => request({ ...leg, maturityDays: leg.maturityDays ?? scenario.maturityDays })),
    slots: scenario.slots.flatMap((slot) => (slot.option === undefined ? [] : [request(slot.option)])),
    maxGapSeconds: price.maxGapHours * 3600,
  });
}
