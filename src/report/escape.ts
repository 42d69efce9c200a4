const HTML: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;" };

// The controls that neither HTML nor XML may contain; tab and line feed stay.
// biome-ignore lint/suspicious/noControlCharactersInRegex: finding control characters is the purpose.
const CONTROLS = /[\u0000-\u0008\u000b-\u001f\u007f]/g;

/** Returns text that is safe in HTML content and in quoted attributes. */
export function escapeHtml(text: string): string {
  return text.replace(CONTROLS, "\ufffd").replace(/[&<>"']/g, (c) => HTML[c]!);
}

/** Returns text that Markdown shows literally, also inside a table cell: one line, no markup, no raw HTML. */
export function escapeMarkdown(text: string): string {
  return text
    .replace(CONTROLS, "\ufffd")
    .replace(/\s*\n\s*/g, " ")
    .replace(/[\\`*_[\]<>|~]/g, (c) => (c === "<" ? "&lt;" : c === ">" ? "&gt;" : `\\${c}`));
}

/** Returns JSON that may stand inside a `<script type="application/json">` element: no `<` can close it early. */
export function embedJson(value: unknown): string {
  return JSON.stringify(value)
    .replace(/</g, "\\u003c")
    .replace(/\u2028/g, "\\u2028")
    .replace(/\u2029/g, "\\u2029");
}
