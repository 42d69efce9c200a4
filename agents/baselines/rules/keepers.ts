import { holdStill, moveTo } from "../band-rule.ts";
import type { BaselineDefinition, ParameterSpec } from "../baseline.ts";
import { rehedgeEvery } from "./interval.ts";

/** Rules that real keepers run, with the numbers that they run them with: never tuned. All hedge to delta 0. */
const shared = { reference: false, tuned: false, anchors: [] } as const;

function periodic(hours: number, source: string): BaselineDefinition {
  return {
    ...shared,
    id: `periodic-${hours}h`,
    summary: `Rehedges fully every ${hours} h.`,
    source,
    parameters: [],
    appliesTo: (context) => context.decisionSeconds <= hours * 3600,
    band: (_params, _context, read) => rehedgeEvery({ interval: hours }, read, () => 0),
  };
}

const THRESHOLD: BaselineDefinition = {
  ...shared,
  id: "threshold-5pct",
  summary: "Rehedges fully when delta is off by more than 5% of the book.",
  source: "The 5% deviation trigger of Rage Trade's delta-neutral vault (docs.rage.trade).",
  parameters: [],
  band: (_params, _context, read) => {
    const exposure = read.need("delta");
    return {
      band(features, offset, out) {
        if (Math.abs(features[offset + exposure]!) > 0.05) moveTo(out, 0);
        else holdStill(out, 0);
      },
    };
  },
};

const GAMMA_SCALED: BaselineDefinition = {
  ...shared,
  id: "gamma-scaled-5pct",
  summary: "Rehedges fully when delta is off by more than a 5% move of the underlying makes, gamma * spot * 5%.",
  source: "Dual Finance's risk manager: delta is traded to 0 when outside 5% of the gamma amount.",
  parameters: [],
  band: (_params, _context, read) => {
    const exposure = read.need("delta");
    const gamma = read.need("gamma_percent");
    return {
      band(features, offset, out) {
        if (Math.abs(features[offset + exposure]!) > 5 * Math.abs(features[offset + gamma]!)) moveTo(out, 0);
        else holdStill(out, 0);
      },
    };
  },
};

const DELAY: ParameterSpec = {
  name: "delay",
  unit: "hours",
  description: "Least time between two hedges.",
  low: 0.1,
  high: 48,
  scale: "log",
  start: 3,
  minimum: 0,
  maximum: Number.POSITIVE_INFINITY,
};

const DELAY_CAP: BaselineDefinition = {
  ...shared,
  id: "delay-cap",
  summary: "Anyone may rehedge after a delay; the hedge is never larger than a cap.",
  source: "The pool hedger of Lyra v1 (interactionDelay, hedgeCap); the defaults, 3 h and 0.75 of the book, are ours.",
  parameters: [
    DELAY,
    {
      ...DELAY,
      name: "cap",
      unit: "delta per unit of book",
      description: "Largest hedge, either way.",
      low: 0.05,
      high: 2,
      start: 0.75,
    },
  ],
  band: (params, _context, read) => {
    const exposure = read.need("delta");
    const position = read.need("slot0_position");
    const pending = read.need("slot0_pending");
    const isFirst = read.need("is_first");
    const since = read.need("hours_since_trade");
    const { delay, cap } = params as { delay: number; cap: number };
    const hours = delay - 1e-6;
    return {
      band(features, offset, out) {
        if (!(features[offset + isFirst]! > 0.5) && features[offset + since]! < hours) return holdStill(out, 0);
        const e = features[offset + exposure]!;
        const held = features[offset + position]! + features[offset + pending]!;
        moveTo(out, e - held + Math.min(Math.max(held - e, -cap), cap));
      },
    };
  },
};

export const KEEPERS: readonly BaselineDefinition[] = [
  periodic(48, "Rage Trade's delta-neutral vault rebalances every 48 h (docs.rage.trade)."),
  periodic(8, "Umami's first vault could only rebalance every 8 h."),
  periodic(1, "Dual Finance's risk manager runs on a 1 h timer."),
  THRESHOLD,
  GAMMA_SCALED,
  DELAY_CAP,
];
