import type { MetricName } from "./metrics.ts";

/** What a run tells its reporters (terminal, JSONL, TensorBoard, report). Messages are never changed after they are made. */
export type RunEvent =
  | { readonly type: "run-start"; readonly run: string; readonly totalSteps: number; readonly what: string }
  | {
      readonly type: "metrics";
      readonly step: number;
      readonly values: Readonly<Partial<Record<MetricName, number>>>;
    }
  | { readonly type: "checkpoint"; readonly step: number; readonly path: string }
  | {
      readonly type: "progress";
      readonly stage: string;
      readonly done: number;
      readonly total: number;
      readonly note?: string;
    }
  | { readonly type: "message"; readonly level: "info" | "warn"; readonly text: string }
  | { readonly type: "run-end"; readonly run: string; readonly step: number; readonly status: string };

export type Emit = (event: RunEvent) => void;
