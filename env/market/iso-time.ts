/** Seconds since 1970 as a UTC time, for messages: to the minute. */
export function isoTime(seconds: number): string {
  if (!Number.isFinite(seconds)) return String(seconds);
  // biome-ignore lint/style/noRestrictedGlobals: writes a given time as a date; reads no clock.
  return `${new Date(seconds * 1000).toISOString().slice(0, 16)}Z`;
}

/** The same, to the day. */
export function isoDate(seconds: number): string {
  return isoTime(seconds).slice(0, 10);
}
