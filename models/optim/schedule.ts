/** A number that changes over training, as data: it goes into the config and the checkpoint as it is. */
export type Schedule =
  | { readonly kind: "constant"; readonly value: number }
  | { readonly kind: "linear"; readonly from: number; readonly to: number };

/** The scheduled value at `progress` = steps done / steps in all, held at its ends outside [0, 1]. */
export function scheduledValue(schedule: Schedule, progress: number): number {
  if (schedule.kind === "constant") return schedule.value;
  const t = Math.min(1, Math.max(0, progress));
  return schedule.from + t * (schedule.to - schedule.from);
}
