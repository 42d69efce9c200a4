import type { ReportInput } from "./input.ts";

/** Version of the JSON form; raised whenever a field is renamed or removed. */
export const REPORT_JSON_VERSION = 1;

/**
 * Returns the report as one JSON document: the input itself under a format name and version, amounts unrounded.
 * Numbers that JSON cannot hold (NaN, infinities) become null. The same input gives the same bytes.
 */
export function renderJson(input: ReportInput): string {
  const { title, evaluation, provenance, ...figures } = input;
  const document = {
    format: "greekgym-report",
    version: REPORT_JSON_VERSION,
    title,
    evaluation,
    provenance,
    ...figures,
  };
  return `${JSON.stringify(document, null, 2)}\n`;
}
