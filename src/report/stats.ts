/** Quantile of ascending values by linear interpolation (Hyndman and Fan 1996, type 7). NaN for no values. */
export function quantile(sorted: readonly number[], p: number): number {
  if (sorted.length === 0) return Number.NaN;
  const at = (sorted.length - 1) * p;
  const low = Math.floor(at);
  const a = sorted[low]!;
  const b = sorted[Math.min(low + 1, sorted.length - 1)]!;
  return a + (b - a) * (at - low);
}

export type Extent = readonly [number, number];

/** Smallest interval that holds all finite values; [0, 1] for none, widened where it is a point. */
export function extent(values: Iterable<number>, pad = 0.05): Extent {
  let low = Number.POSITIVE_INFINITY;
  let high = Number.NEGATIVE_INFINITY;
  for (const v of values) {
    if (!Number.isFinite(v)) continue;
    if (v < low) low = v;
    if (v > high) high = v;
  }
  if (low > high) return [0, 1];
  const width = high - low || Math.abs(high) || 1;
  return [low - pad * width, high + pad * width];
}

/**
 * Axis for rows of very different width (never hedging against a tight band): covers every row that is at most `factor`
 * times as wide as the median row and lies within `factor` median widths of the median middle; wider rows are cut by the figure, with an arrow and their value.
 */
export function robustExtent(rows: readonly Extent[], factor = 4): Extent {
  const finite = rows.filter(([a, b]) => Number.isFinite(a) && Number.isFinite(b));
  const middle = (values: number[]): number =>
    quantile(
      values.sort((a, b) => a - b),
      0.5,
    );
  const width = middle(finite.map(([a, b]) => b - a));
  const centre = middle(finite.map(([a, b]) => (a + b) / 2));
  const spread = Math.max(width, middle(finite.map(([a, b]) => Math.abs((a + b) / 2 - centre))));
  const kept = finite.filter(([a, b]) => b - a <= factor * width && Math.abs((a + b) / 2 - centre) <= factor * spread);
  return extent((kept.length > 0 ? kept : finite).flat());
}

export function clamp(value: number, [low, high]: Extent): number {
  return Math.min(high, Math.max(low, value));
}

/**
 * Indices that keep the shape of several series of one length: first, last, and in each of `buckets` equal pieces the smallest
 * and largest of each series, so that no spike is lost. Ascending; all of them where the series are short.
 */
export function keepShape(series: readonly (readonly number[])[], buckets: number): number[] {
  const length = Math.min(...series.map((s) => s.length));
  if (length <= buckets * 2) return Array.from({ length }, (_, i) => i);
  const kept = new Set<number>([0, length - 1]);
  for (let k = 0; k < buckets; k++) {
    const from = Math.floor((k * length) / buckets);
    const to = Math.floor(((k + 1) * length) / buckets);
    for (const values of series) {
      let low = from;
      let high = from;
      for (let i = from + 1; i < to; i++) {
        if (values[i]! < values[low]!) low = i;
        if (values[i]! > values[high]!) high = i;
      }
      kept.add(low).add(high);
    }
  }
  return [...kept].sort((a, b) => a - b);
}
