import { uniformOf } from "../../src/core/random.ts";
import { marketKernel } from "../kernel/kernel.ts";
import { MAX_CANDIDATES } from "./flow-parameters.ts";

/** What the trades of one span of time depend on, by position; minutes and trades a minute. The law's numbers come last. */
export const FLOW_IN = {
  minutes: 0,
  /** The latent information event: when it starts and ends, the rate of informed trades meanwhile, and their side. */
  informationStart: 1,
  informationEnd: 2,
  informationRate: 3,
  informationSign: 4,
  /** The same for the one-sided burst of uninformed trades. */
  burstStart: 5,
  burstEnd: 6,
  burstRate: 7,
  burstSign: 8,
  /** Excited parts of the intensities of buys and sells, and the transient component, at the start. */
  buy: 9,
  sell: 10,
  x: 11,
  /** Unexcited intensity of each side; jumps of an intensity at a trade on its own and on the other side; their decay; the recovery of x. */
  base: 12,
  same: 13,
  cross: 14,
  decay: 15,
  recovery: 16,
  /** Volumes are smallest * u^power, times these multiples. */
  power: 17,
  smallest: 18,
  informedSize: 19,
  burstSize: 20,
  /** Log move of a trade of volume 1. */
  permanentPerRoot: 21,
  transientPerRoot: 22,
} as const;
export const FLOW_IN_COUNT = 23;

/** What they leave, by position: intensities and x at the end, the move of the efficient price, volumes. */
export const FLOW_OUT = { buy: 0, sell: 1, x: 2, permanent: 3, bought: 4, sold: 5, informed: 6 } as const;
const FLOW_OUT_COUNT = 7;

/** Simulates trades; one is shared by all order flows of a process, whose calls never overlap. */
export interface FlowTrades {
  /** [FLOW_IN_COUNT] */
  readonly input: Float64Array;
  /** [FLOW_OUT_COUNT] */
  readonly output: Float64Array;
  /** The trades of the last call, in order: seconds since the start, 1 bought or -1 sold, volume, 1 where informed. [MAX_CANDIDATES] */
  readonly seconds: Float64Array;
  readonly sign: Int8Array;
  readonly volume: Float64Array;
  readonly informed: Uint8Array;
  /** Simulates the trades of a bin, whose draws begin at `stream`; see uniformOf for the rest. Returns their number, or -1 - it where the bound was reached. */
  run(word: number, salt: number, key: number, stream: number): number;
}

/** e^-z for z >= 0. Most waits are short against the time scales: there a polynomial does, exact to 1e-12 relative. */
function fading(z: number): number {
  if (z >= 0.03) return Math.exp(-z);
  return 1 - z * (1 - (z / 2) * (1 - (z / 3) * (1 - (z / 4) * (1 - z / 5))));
}

/** In plain TypeScript: what env/kernel/assembly/flow.ts says again, to the same bits. */
export function plainFlowTrades(): FlowTrades {
  const input = new Float64Array(FLOW_IN_COUNT);
  const output = new Float64Array(FLOW_OUT_COUNT);
  const seconds = new Float64Array(MAX_CANDIDATES);
  const sign = new Int8Array(MAX_CANDIDATES);
  const volume = new Float64Array(MAX_CANDIDATES);
  const informed = new Uint8Array(MAX_CANDIDATES);
  const at = FLOW_IN;
  function run(word: number, salt: number, key: number, first: number): number {
    const minutes = input[at.minutes]!;
    const informationStart = input[at.informationStart]!;
    const informationEnd = input[at.informationEnd]!;
    const informationRate = input[at.informationRate]!;
    const burstStart = input[at.burstStart]!;
    const burstEnd = input[at.burstEnd]!;
    const burstRate = input[at.burstRate]!;
    const base = input[at.base]!;
    const same = input[at.same]!;
    const cross = input[at.cross]!;
    const decay = input[at.decay]!;
    const recovery = input[at.recovery]!;
    let buy = input[at.buy]!;
    let sell = input[at.sell]!;
    let x = input[at.x]!;
    let xTime = 0;
    let permanent = 0;
    let bought = 0;
    let sold = 0;
    let informedVolume = 0;
    let count = 0;
    let time = 0;
    let capped = true;
    for (let i = 0, stream = first; i < MAX_CANDIDATES; i++, stream += 4) {
      // Between trades intensities only fall, and those of latent episodes are bounded by their rate until they end.
      const bound =
        base + base + buy + sell + (time < informationEnd ? informationRate : 0) + (time < burstEnd ? burstRate : 0);
      const wait = -Math.log(uniformOf(word, salt, key, stream)) / bound;
      if (!(time + wait < minutes)) {
        capped = false;
        break;
      }
      time += wait;
      const fall = fading(decay * wait);
      buy *= fall;
      sell *= fall;
      let pick = uniformOf(word, salt, key, stream + 1) * bound;
      let side = 0;
      let knows = 0;
      let size = input[at.smallest]!;
      if (pick < base + buy) {
        side = 1;
        buy += same;
        sell += cross;
      } else if ((pick -= base + buy) < base + sell) {
        side = -1;
        sell += same;
        buy += cross;
      } else {
        pick -= base + sell;
        const informedNow = time >= informationStart && time < informationEnd ? informationRate : 0;
        if (pick < informedNow) {
          side = input[at.informationSign]!;
          knows = 1;
          size *= input[at.informedSize]!;
        } else if (time >= burstStart && time < burstEnd && pick - informedNow < burstRate) {
          side = input[at.burstSign]!;
          size *= input[at.burstSize]!;
        } else continue;
      }
      // u^(-1 / tail), by the logarithm: twice as fast as a power.
      size *= Math.exp(input[at.power]! * Math.log(uniformOf(word, salt, key, stream + 2)));
      const move = side * Math.sqrt(size);
      if (knows === 1) {
        permanent += move * input[at.permanentPerRoot]!;
        informedVolume += size;
      } else {
        x = x * fading(recovery * (time - xTime)) + move * input[at.transientPerRoot]!;
        xTime = time;
      }
      if (side > 0) bought += size;
      else sold += size;
      seconds[count] = time * 60;
      sign[count] = side;
      volume[count] = size;
      informed[count] = knows;
      count++;
    }
    const rest = fading(decay * (minutes - time));
    output[FLOW_OUT.buy] = buy * rest;
    output[FLOW_OUT.sell] = sell * rest;
    output[FLOW_OUT.x] = x * fading(recovery * (minutes - xTime));
    output[FLOW_OUT.permanent] = permanent;
    output[FLOW_OUT.bought] = bought;
    output[FLOW_OUT.sold] = sold;
    output[FLOW_OUT.informed] = informedVolume;
    return capped ? -1 - count : count;
  }
  return { input, output, seconds, sign, volume, informed, run };
}

/** By the kernel, where it starts. */
export function kernelFlowTrades(): FlowTrades | undefined {
  const kernel = marketKernel();
  if (kernel === undefined) return undefined;
  const { buffer } = kernel.memory;
  return {
    input: new Float64Array(buffer, kernel.flowIn(), FLOW_IN_COUNT),
    output: new Float64Array(buffer, kernel.flowOut(), FLOW_OUT_COUNT),
    seconds: new Float64Array(buffer, kernel.flowSeconds(), MAX_CANDIDATES),
    sign: new Int8Array(buffer, kernel.flowSign(), MAX_CANDIDATES),
    volume: new Float64Array(buffer, kernel.flowVolume(), MAX_CANDIDATES),
    informed: new Uint8Array(buffer, kernel.flowInformed(), MAX_CANDIDATES),
    run: kernel.flowTrades,
  };
}

let shared: FlowTrades | undefined;

/** The simulator of this process. */
export function flowTrades(): FlowTrades {
  shared ??= kernelFlowTrades() ?? plainFlowTrades();
  return shared;
}
