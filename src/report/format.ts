const MINUS = "\u2212";
const NO_VALUE = "–";

/** Groups thousands with a narrow no-break space; the sign is a true minus. */
function group(fixed: string): string {
  const negative = fixed.startsWith("-");
  const [whole = "", fraction] = (negative ? fixed.slice(1) : fixed).split(".");
  const grouped = whole.length > 4 ? whole.replace(/\B(?=(\d{3})+$)/g, "\u202f") : whole;
  const text = fraction === undefined ? grouped : `${grouped}.${fraction}`;
  return negative && /[1-9]/.test(text) ? MINUS + text : text;
}

/** Decimals at which the typical (median absolute, non-zero) value of a column shows `digits` significant digits; 0 to 6. */
export function decimalsFor(values: readonly number[], digits = 3): number {
  const sizes = values
    .filter((v) => Number.isFinite(v) && v !== 0)
    .map(Math.abs)
    .sort((a, b) => a - b);
  const typical = sizes[Math.floor((sizes.length - 1) / 2)];
  if (typical === undefined) return 0;
  return Math.min(6, Math.max(0, digits - 1 - Math.floor(Math.log10(typical))));
}

/** A number with fixed decimals, e.g. `−1 234.50`; an en dash where there is none. */
export function number(value: number | undefined, decimals: number): string {
  if (value === undefined || Number.isNaN(value)) return NO_VALUE;
  if (!Number.isFinite(value)) return value > 0 ? "∞" : `${MINUS}∞`;
  return group(value.toFixed(decimals));
}

/** A lone number at three significant digits, for captions. */
export function significant(value: number, digits = 3): string {
  return number(value, decimalsFor([value], digits));
}

/** A given value (a level, a parameter) at up to three significant digits, without trailing zeros: `8`, `0.04`, `120`. */
export function compact(value: number): string {
  if (!Number.isFinite(value)) return number(value, 0);
  const text = significant(value);
  return text.includes(".") ? text.replace(/\.?0+$/, "") : text;
}

/** A signed number, `+` included. */
export function signed(value: number | undefined, decimals: number): string {
  const text = number(value, decimals);
  return value !== undefined && value > 0 && /[1-9∞]/.test(text) ? `+${text}` : text;
}

/** A share of [0, 1] in percent. */
export function percent(share: number | undefined, decimals = 1): string {
  return share === undefined || !Number.isFinite(share) ? NO_VALUE : `${number(share * 100, decimals)}%`;
}

/** A count in full, e.g. `200 000`. */
export function count(value: number): string {
  return number(value, Number.isInteger(value) ? 0 : 1);
}

/** Seconds in the largest unit that leaves at least one, e.g. `1.5 h`. */
export function duration(seconds: number): string {
  const units: readonly (readonly [number, string])[] = [
    [86_400, "d"],
    [3600, "h"],
    [60, "min"],
  ];
  for (const [size, unit] of units)
    if (seconds >= size) return `${number(seconds / size, seconds / size < 10 ? 1 : 0)}\u00a0${unit}`;
  return `${number(seconds, seconds < 10 && seconds !== 0 ? 1 : 0)}\u00a0s`;
}

/** `n thing` with the plural where it is due. */
export function plural(n: number, one: string, many = `${one}s`): string {
  return `${count(n)} ${n === 1 ? one : many}`;
}
