import cliProgress from "cli-progress";
import { Subject } from "rxjs";
import type { RunEvent } from "../core/events.ts";

/**
 * Shows run events on stderr: a bar with time to go and live figures on a terminal, plain lines elsewhere (or with CI set).
 * Returns the stream that producers emit into; completing it clears the bar.
 */
export function progressReporter(quiet = false): Subject<RunEvent> {
  const events = new Subject<RunEvent>();
  if (quiet) return events;
  const terminal = process.stderr.isTTY === true && process.env.CI === undefined;
  let bar: cliProgress.SingleBar | undefined;
  let stage = "";
  let lastLine = -Number.POSITIVE_INFINITY;
  const line = (text: string) => process.stderr.write(`${text}\n`);
  const end = () => {
    bar?.stop();
    bar = undefined;
    stage = "";
  };
  const show = (name: string, done: number, total: number, note: string) => {
    if (!terminal) {
      // A line for each tenth is enough for a log.
      const tenth = total > 0 ? Math.floor((10 * done) / total) : 10;
      if (name !== stage || tenth > lastLine || done === total)
        line(`${name}: ${done} of ${total}${note && ` · ${note}`}`);
      if (name !== stage) lastLine = -1;
      stage = name;
      lastLine = Math.max(lastLine, tenth);
      return;
    }
    if (name !== stage) {
      end();
      stage = name;
      bar = new cliProgress.SingleBar(
        {
          format: "{stage} [{bar}] {percentage}% | {value}/{total} | ETA {eta_formatted} {note}",
          stream: process.stderr,
          hideCursor: true,
          etaBuffer: 30,
          gracefulExit: false,
        },
        cliProgress.Presets.shades_classic,
      );
      bar.start(total, done, { stage: name, note });
    }
    bar!.update(done, { stage: name, note });
    if (done >= total) end();
  };
  let totalSteps = 0;
  events.subscribe({
    next(event) {
      if (event.type === "progress") show(event.stage, event.done, event.total, event.note ?? "");
      else if (event.type === "run-start") {
        totalSteps = event.totalSteps;
        end();
        line(`${event.run}: ${event.what}, ${event.totalSteps} steps`);
      } else if (event.type === "metrics") {
        const v = event.values;
        const parts = [];
        if (v["time/fps"] !== undefined) parts.push(`${Math.round(v["time/fps"])} steps/s`);
        if (v["rollout/ep_rew_mean"] !== undefined) parts.push(`return ${v["rollout/ep_rew_mean"].toPrecision(4)}`);
        if (v["eval/objective"] !== undefined) parts.push(`objective ${v["eval/objective"].toPrecision(5)}`);
        show("training", Math.min(event.step, totalSteps), totalSteps, parts.join(" · "));
      } else if (event.type === "message") {
        end();
        line(event.level === "warn" ? `warning: ${event.text}` : event.text);
      } else if (event.type === "run-end") end();
    },
    complete: end,
  });
  return events;
}
