import { DataError } from "../core/errors.ts";

const HEADER = "ts,instrument,fut_price,bid,ask,mark,mark_iv,delta,vega,oi,vol24h";
const COLUMNS = HEADER.split(",");
const TIME_COLUMN = 0;
const MONTHS = ["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"];
const EXPIRY_HOUR_SECONDS = 8 * 3600;

/** Beyond these a time is a slip of unit. */
const FIRST_TIME = 1e9; // 2001
const LAST_TIME = 4e9; // 2096
const LARGEST_STRIKE = 1e9;

const COMMA = 44;
const NEWLINE = 10;
const RETURN = 13;
const DASH = 45;
const DOT = 46;
const ZERO = 48;
const NINE = 57;

/** Powers of ten that float64 holds exactly: a decimal of at most 15 digits over one of them is correctly rounded. */
const POWERS = Float64Array.from({ length: 23 }, (_, i) => Number(`1e${i}`));

export interface ChainFile {
  readonly path: string;
  /** Position of the file among those of the chain. */
  readonly file: number;
  readonly bytes: Uint8Array;
  readonly currency: string;
}

/** Walks over the bytes of a file, field by field, without making strings. */
export class RowParser {
  /** Line of the row, from 1. */
  line = 1;
  /** Of the instrument read last. */
  expiry = 0;
  strike = 0;
  sign = 0;
  readonly #bytes: Uint8Array;
  readonly #path: string;
  readonly #currency: Uint8Array;
  readonly #end: number;
  #at = 0;
  #rowStart = 0;
  /** Bytes of the date read last, as a number, and the expiry that they mean. */
  #knownDate = -1;
  #knownExpiry = 0;

  constructor({ path, bytes, currency }: ChainFile) {
    this.#bytes = bytes;
    this.#path = path;
    this.#currency = new TextEncoder().encode(`${currency}-`);
    if (bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf) this.#at = 3;
    let end = bytes.length;
    if (end > 0 && bytes[end - 1] === NEWLINE) end--;
    if (end > 0 && bytes[end - 1] === RETURN) end--;
    this.#end = end;
    this.#header();
  }

  #header(): void {
    const from = this.#at;
    this.#at = this.#lineEnd(from);
    const header = this.#text(from, this.#at);
    if (header.trim() === "")
      throw new DataError("A data file is empty.", { which: this.#path, fix: "Fetch an intact copy of it." });
    if (header !== HEADER)
      throw new DataError("The file's columns are not those of this data set.", {
        which: `${this.#path}:1`,
        value: header,
        fix: `Use the file with the columns ${HEADER}; the collector's raw snapshots must be reduced to these first.`,
        hints: differences(header.split(",")),
      });
  }

  /** Lines of the file, or one more. */
  countLines(): number {
    let lines = 1;
    for (const byte of this.#bytes) if (byte === NEWLINE) lines++;
    return lines;
  }

  /** Moves to the next row; false at the end. */
  next(): boolean {
    const bytes = this.#bytes;
    if (this.line > 1 && this.#at < this.#end && bytes[this.#at] === COMMA) this.#wrongWidth();
    if (this.#at >= this.#end) return false;
    if (bytes[this.#at] === RETURN) this.#at++;
    this.#at++;
    this.line++;
    this.#rowStart = this.#at;
    return true;
  }

  /** Snapshot time, s: a whole number, not before the row above. */
  time(before: number): number {
    const from = this.#at;
    if (from >= this.#end || isLineEnd(this.#bytes[from]!)) this.#wrongWidth();
    const value = this.#parse(TIME_COLUMN);
    if (!(value >= FIRST_TIME && value <= LAST_TIME) || !Number.isInteger(value)) {
      this.#at = from;
      this.#badTime();
    }
    if (value < before) {
      this.#at = from;
      this.fail(
        TIME_COLUMN,
        "A time goes backward.",
        "Sort the rows by time, and name the files so that they sort by month.",
      );
    }
    return value;
  }

  /** Reads CCY-DMMMYY-STRIKE-C|P into `expiry`, `strike` and `sign`. */
  instrument(): void {
    this.#comma();
    const bytes = this.#bytes;
    const from = this.#at;
    let at = from;
    for (const byte of this.#currency) if (bytes[at++] !== byte) this.#badInstrument(from);
    const dateFrom = at;
    let date = 0;
    // At most 7 bytes of ASCII: 49 bits, which a number holds.
    while (bytes[at] !== DASH && bytes[at]! < 128 && at - dateFrom < 7) date = date * 128 + bytes[at++]!;
    if (bytes[at] !== DASH) this.#badInstrument(from);
    if (date !== this.#knownDate) {
      const expiry = expiryOf(this.#text(dateFrom, at));
      if (expiry === undefined) this.#badInstrument(from);
      this.#knownDate = date;
      this.#knownExpiry = expiry;
    }
    at++;
    const strikeFrom = at;
    let strike = 0;
    for (let d = bytes[at]!; d >= ZERO && d <= NINE; d = bytes[++at]!) strike = strike * 10 + d - ZERO;
    if (at === strikeFrom || bytes[at] !== DASH || !(strike > 0 && strike <= LARGEST_STRIKE)) this.#badInstrument(from);
    const side = bytes[at + 1];
    if ((side !== 67 && side !== 80) || bytes[at + 2] !== COMMA) this.#badInstrument(from);
    this.expiry = this.#knownExpiry;
    this.strike = strike;
    this.sign = side === 67 ? 1 : -1;
    this.#at = at + 2;
  }

  /** The next field as a number in [low, high]; NaN where it is empty. */
  number(column: number, low: number, high: number): number {
    this.#comma();
    const from = this.#at;
    const value = this.#parse(column);
    if (value < low || value > high) {
      this.#at = from;
      const what = value < 0 && low >= 0 ? "is negative" : value === 0 ? "is not above 0" : "is not possible";
      this.fail(
        column,
        `A value ${what}.`,
        `Correct it, to between ${low > 0 ? "0 (not 0 itself)" : low} and ${high}.`,
      );
    }
    return value;
  }

  /** Throws for the field that starts where the parser stands. */
  fail(column: number, short: string, fix: string): never {
    let end = this.#at;
    while (end < this.#end && !isEnd(this.#bytes[end]!)) end++;
    this.#throw(column, short, this.#text(this.#at, end), `${fix} Or remove the row.`);
  }

  /** Parses digits up to the next comma or line end; NaN for an empty field. */
  #parse(column: number): number {
    const bytes = this.#bytes;
    const from = this.#at;
    const end = this.#end;
    let at = from;
    const negative = bytes[at] === DASH;
    if (negative) at++;
    let mantissa = 0;
    let digits = 0;
    let decimals = -1;
    for (; at < end; at++) {
      const d = bytes[at]!;
      if (d >= ZERO && d <= NINE) {
        mantissa = mantissa * 10 + d - ZERO;
        digits++;
        if (decimals >= 0) decimals++;
      } else if (d === DOT && decimals < 0) decimals = 0;
      else break;
    }
    const ended = at >= end || isEnd(bytes[at]!);
    if (ended && digits > 0 && digits <= 15) {
      this.#at = at;
      const value = decimals > 0 ? mantissa / POWERS[decimals]! : mantissa;
      return negative ? -value : value;
    }
    if (ended && at === from) return Number.NaN;
    return this.#parseSlowly(column, from);
  }

  /** Exponents and long decimals. */
  #parseSlowly(column: number, from: number): number {
    let at = from;
    while (at < this.#end && !isEnd(this.#bytes[at]!)) at++;
    const text = this.#text(from, at);
    const value = /^-?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$/.test(text) ? Number(text) : Number.NaN;
    if (!Number.isFinite(value) && column === TIME_COLUMN) this.#badTime();
    if (!Number.isFinite(value))
      this.fail(column, "A value is not a finite number.", "Write a decimal number, or nothing where there is none.");
    this.#at = at;
    return value;
  }

  #comma(): void {
    if (this.#bytes[this.#at] !== COMMA || this.#at >= this.#end) this.#wrongWidth();
    this.#at++;
  }

  #badTime(): never {
    this.fail(TIME_COLUMN, "A time is malformed.", "Write whole seconds since 1970.");
  }

  #badInstrument(from: number): never {
    this.#at = from;
    const currency = new TextDecoder().decode(this.#currency);
    const fix = `Write ${currency}DMMMYY-STRIKE-C or -P, e.g. ${currency}27MAR26-2000-C.`;
    this.fail(1, "An instrument is malformed, or of another currency.", fix);
  }

  #wrongWidth(): never {
    const line = this.#text(this.#rowStart, this.#lineEnd(this.#rowStart));
    throw new DataError(`A row has ${line.split(",").length} fields, the header ${COLUMNS.length}.`, {
      which: `${this.#path}:${this.line}`,
      value: line,
      fix: "Correct or remove the row; a short last row means that the file was cut.",
    });
  }

  #throw(column: number, short: string, value: string, fix: string): never {
    throw new DataError(short, { which: `${this.#path}:${this.line} (${COLUMNS[column]})`, value, fix });
  }

  #lineEnd(from: number): number {
    let at = from;
    while (at < this.#end && this.#bytes[at] !== NEWLINE && this.#bytes[at] !== RETURN) at++;
    return at;
  }

  #text(from: number, to: number): string {
    return new TextDecoder().decode(this.#bytes.subarray(from, to));
  }
}

function isLineEnd(byte: number): boolean {
  return byte === NEWLINE || byte === RETURN;
}

function isEnd(byte: number): boolean {
  return byte === COMMA || isLineEnd(byte);
}

function differences(found: readonly string[]): string[] {
  const missing = COLUMNS.filter((name) => !found.includes(name));
  const foreign = found.filter((name) => !COLUMNS.includes(name));
  const list = (what: string, names: readonly string[]) => (names.length > 0 ? [`${what}: ${names.join(", ")}.`] : []);
  return [...list("Missing", missing), ...list("Foreign", foreign)];
}

/** 08:00 UTC of a day written D[D]MMMYY; undefined for anything else. */
function expiryOf(text: string): number | undefined {
  const parts = /^(\d{1,2})([A-Z]{3})(\d\d)$/.exec(text);
  const month = parts === null ? -1 : MONTHS.indexOf(parts[2]!);
  if (parts === null || month < 0) return undefined;
  const day = Number(parts[1]);
  // biome-ignore lint/style/noRestrictedGlobals: the calendar alone; reads no clock.
  const ms = Date.UTC(2000 + Number(parts[3]), month, day);
  // biome-ignore lint/style/noRestrictedGlobals: as above, a given time.
  if (new Date(ms).getUTCDate() !== day) return undefined;
  return ms / 1000 + EXPIRY_HOUR_SECONDS;
}
