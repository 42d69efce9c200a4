import { DataError } from "../core/errors.ts";
import { type CsvTable, columnIndex, place } from "./csv.ts";

const STAMP = /^(\d{4})-(\d\d)-(\d\d)(?:[ T](\d\d):(\d\d):(\d\d)(?:\.(\d{1,9}))?(?:Z|\+00:00)?)?$/;
const EPOCH = /^\d{1,16}(\.\d+)?$/;

/** Numbers from here on are milliseconds: as seconds they would lie beyond the year 5000. */
const FIRST_MILLISECONDS = 1e11;

/**
 * Seconds since 1970 from a number (seconds, or milliseconds from 1e11 on) or from `YYYY-MM-DD[ HH:MM:SS[.fraction]]`, which is
 * UTC. Returns undefined for anything else, e.g. another time zone or the 30th of February.
 */
export function parseTime(text: string): number | undefined {
  if (EPOCH.test(text)) {
    const value = Number(text);
    return value >= FIRST_MILLISECONDS ? value / 1000 : value;
  }
  const parts = STAMP.exec(text);
  if (parts === null) return undefined;
  const [year, month, day, hour, minute, second] = parts.slice(1, 7).map((p) => Number(p ?? 0)) as [
    number,
    number,
    number,
    number,
    number,
    number,
  ];
  // biome-ignore lint/style/noRestrictedGlobals: the calendar alone; reads no clock.
  const ms = Date.UTC(year, month - 1, day, hour, minute, second);
  // biome-ignore lint/style/noRestrictedGlobals: as above, a given time.
  const back = new Date(ms);
  const real =
    back.getUTCMonth() === month - 1 &&
    back.getUTCDate() === day &&
    back.getUTCHours() === hour &&
    minute < 60 &&
    second < 60;
  return real ? ms / 1000 + (parts[7] === undefined ? 0 : Number(`0.${parts[7]}`)) : undefined;
}

/** A column of times in seconds since 1970, strictly increasing. Throws a DataError for malformed, repeated and backward times. */
export function timeColumn(table: CsvTable, column: string): Float64Array {
  const index = columnIndex(table, column);
  let before = Number.NEGATIVE_INFINITY;
  return Float64Array.from(table.rows, (row, i) => {
    const text = row[index]!;
    const seconds = parseTime(text.trim());
    if (seconds === undefined)
      throw new DataError("A time is malformed.", {
        which: place(table, i, column),
        value: text,
        fix: "Write seconds or milliseconds since 1970, or YYYY-MM-DD HH:MM:SS in UTC.",
      });
    if (seconds <= before)
      throw new DataError(seconds === before ? "A time stands twice." : "A time goes backward.", {
        which: place(table, i, column),
        value: text,
        fix: "Sort the rows by time and keep one row a time.",
      });
    before = seconds;
    return seconds;
  });
}
