export { flowIn, flowInformed, flowOut, flowSeconds, flowSign, flowTrades, flowVolume } from "./flow";
export { normalTails, tailsDensity, tailsIn, tailsOut } from "./normal-tails";
export {
  bookGreeks,
  bookLog,
  bookQuantity,
  bookSeconds,
  bookSign,
  bookStrike,
  bookTotals,
  bookVolatility,
  optionBook,
} from "./option-book";
