import { escapeHtml, escapeMarkdown } from "./escape.ts";

export interface Column {
  readonly label: string;
  /** Second line of the heading: unit or reading aid. */
  readonly unit?: string;
  readonly align: "left" | "right";
}
export interface Cell {
  readonly text: string;
  /** A smaller line below. */
  readonly note?: string;
  /** The unrounded number, kept in the page for those who compute with it. */
  readonly value?: number;
  readonly strong?: boolean;
}
export interface Row {
  readonly cells: readonly Cell[];
  /** Set apart: the judged policy, the row to beat, or a sum. */
  readonly tone?: "judged" | "against" | "sum";
}
/** A table that HTML and Markdown share. The first cell of a row is its heading. */
export interface Table {
  readonly id: string;
  readonly caption: string;
  readonly columns: readonly Column[];
  readonly rows: readonly Row[];
}

function cellHtml(cell: Cell, align: string, heading: boolean): string {
  const text = cell.strong ? `<strong>${escapeHtml(cell.text)}</strong>` : escapeHtml(cell.text);
  const note = cell.note ? `<small>${escapeHtml(cell.note)}</small>` : "";
  const value = cell.value !== undefined && Number.isFinite(cell.value) ? ` data-value="${cell.value}"` : "";
  return heading
    ? `<th scope="row" class="${align}"${value}>${text}${note}</th>`
    : `<td class="${align}"${value}>${text}${note}</td>`;
}

/** Returns the table inside a box of its own that scrolls sideways on a narrow screen. */
export function tableHtml(table: Table): string {
  const head = table.columns
    .map(
      (c) =>
        `<th scope="col" class="${c.align}">${escapeHtml(c.label)}${c.unit ? `<small>${escapeHtml(c.unit)}</small>` : ""}</th>`,
    )
    .join("");
  const body = table.rows
    .map(
      (row) =>
        `<tr${row.tone ? ` class="${row.tone}"` : ""}>${row.cells.map((cell, i) => cellHtml(cell, table.columns[i]!.align, i === 0)).join("")}</tr>`,
    )
    .join("\n");
  return `<div class="scroll" role="region" tabindex="0" aria-label="${escapeHtml(table.caption)}">
<table id="${table.id}">
<caption>${escapeHtml(table.caption)}</caption>
<thead><tr>${head}</tr></thead>
<tbody>
${body}
</tbody>
</table>
</div>`;
}

/** Returns the table in GitHub's Markdown. */
export function tableMarkdown(table: Table): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(" | ")} |`;
  const text = (cell: Cell): string => {
    const plain = escapeMarkdown(cell.note ? `${cell.text} (${cell.note})` : cell.text);
    return cell.strong ? `**${plain}**` : plain;
  };
  return [
    line(table.columns.map((c) => escapeMarkdown(c.unit ? `${c.label}, ${c.unit}` : c.label))),
    line(table.columns.map((c) => (c.align === "right" ? "---:" : "---"))),
    ...table.rows.map((row) => line(row.cells.map(text))),
  ].join("\n");
}
