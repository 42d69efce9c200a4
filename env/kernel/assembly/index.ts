export { flowIn, flowInformed, flowOut, flowSeconds, flowSign, flowTrades, flowVolume } from "./flow";
export { normalTails, tailsDensity, tailsIn, tailsOut } from "./normal-tails";
