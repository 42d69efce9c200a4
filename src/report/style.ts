import { FONT, ROLES } from "./theme.ts";

const variables = (which: 0 | 1): string =>
  Object.entries(ROLES)
    .map(([role, pair]) => `--${role}:${pair[which]}`)
    .join(";");

/** The page's only style sheet. Colours are variables, so that dark mode and print change them in one place. */
export const STYLE = `
:root{color-scheme:light dark;${variables(0)}}
@media screen and (prefers-color-scheme:dark){:root{${variables(1)}}}
*{box-sizing:border-box}
body{margin:0;background:var(--paper);color:var(--ink);font:16px/1.5 ${FONT};-webkit-text-size-adjust:100%}
main{max-width:1240px;margin:0 auto;padding:28px 24px 56px}
h1{font-size:1.6rem;line-height:1.25;margin:0 0 16px;overflow-wrap:anywhere}
h2{font-size:1.2rem;line-height:1.3;margin:44px 0 12px;padding-top:14px;border-top:1px solid var(--grid)}
p,li,dd{max-width:80ch;overflow-wrap:anywhere}
.verdict{border:1px solid var(--grid);border-left:8px solid var(--tone);border-radius:6px;background:var(--raised);padding:14px 18px}
.verdict p{margin:6px 0 0;font-size:1.1rem}
.verdict .word{display:inline-block;margin:0;font-size:1.25rem;font-weight:700;color:var(--tone)}
.verdict .remark{font-size:1rem;font-weight:600}
.good{--tone:var(--good)}.bad{--tone:var(--bad)}.same{--tone:var(--learned)}.unsure{--tone:var(--unsure)}
pre{background:var(--raised);border:1px solid var(--grid);border-radius:6px;padding:10px 12px;margin:8px 0 16px;white-space:pre-wrap;overflow-wrap:anywhere;font-size:.88rem}
pre span{display:inline-block;max-width:100%}
code{font-family:ui-monospace,"SF Mono",Menlo,Consolas,"DejaVu Sans Mono",monospace}
.scroll{overflow-x:auto;margin:14px 0 26px;border:1px solid var(--grid);border-radius:6px}
.scroll:focus-visible{outline:2px solid var(--learned);outline-offset:2px}
table{border-collapse:separate;border-spacing:0;font-size:.86rem;line-height:1.35;font-variant-numeric:tabular-nums;min-width:100%}
caption{text-align:left;color:var(--muted);padding:10px 12px;position:sticky;left:0;max-width:min(96ch,calc(100vw - 34px));font-size:1.05em}
th,td{padding:6px 12px;border-top:1px solid var(--grid);vertical-align:top;text-align:left;font-weight:400}
thead th{font-weight:600;vertical-align:bottom;background:var(--raised)}
thead th small{max-width:11em}
th.right small,td.right small{margin-left:auto}
td.right,th.right{text-align:right;white-space:nowrap}
thead th.right{white-space:normal}
th small,td small{display:block;color:var(--muted);font-weight:400;font-size:.93em}
tbody th,thead th:first-child{position:sticky;left:0;background:var(--paper);border-right:1px solid var(--grid);z-index:1}
thead th:first-child{background:var(--raised)}
tbody th{min-width:11.5em;max-width:16em;overflow-wrap:anywhere}
td.left{min-width:19em}
tr.judged th,tr.judged td{background:color-mix(in srgb,var(--learned) 11%,var(--paper))}
tr.against th,tr.against td{background:color-mix(in srgb,var(--baseline) 11%,var(--paper))}
tr.sum th,tr.sum td{border-top:2px solid var(--muted)}
#difference-table,#shadow-table{min-width:0;width:100%}
.scroll:has(#difference-table),.scroll:has(#shadow-table){max-width:640px}
figure{margin:16px 0 28px}
figcaption{max-width:84ch;margin-bottom:10px;overflow-wrap:anywhere}
figure svg{display:block;width:100%;height:auto;overflow:visible}
.narrow{display:none}
.legend{display:flex;flex-wrap:wrap;gap:4px 18px;list-style:none;margin:0 0 10px;padding:0;font-size:.86rem}
.legend li{display:flex;align-items:center;gap:7px;overflow-wrap:anywhere}
.legend svg{width:22px;height:14px;flex:none}
details{font-size:.86rem;color:var(--muted);margin-top:8px}
details p{margin:6px 0}
summary{cursor:pointer;width:fit-content}
dl{display:grid;grid-template-columns:minmax(9em,max-content) 1fr;gap:6px 20px;margin:12px 0 18px;font-size:.94rem}
dt{color:var(--muted);overflow-wrap:anywhere;max-width:26em}
dd{margin:0}
footer{color:var(--muted);font-size:.86rem;margin-top:40px}
@media (max-width:900px){
main{padding:16px 12px 40px}
h1{font-size:1.35rem}
.wide{display:none}
.narrow{display:block}
.narrow svg{max-width:460px!important}
.verdict{padding:12px 14px}
tbody th{min-width:9.4em;max-width:9.8em}
th,td{padding:6px 9px}
}
@media (max-width:520px){dl{grid-template-columns:1fr;gap:0}dd{margin-bottom:8px}}
@media print{
@page{size:A4 landscape;margin:12mm}
body{font-size:10pt}
main{max-width:none;padding:0}
.wide{display:block}
.narrow{display:none}
.scroll{overflow:visible;border:0}
table{font-size:7.4pt}
th,td{padding:2px 5px}
td.left{min-width:14em}
tbody th{min-width:8em;position:static}
h2{margin:18px 0 8px}
figure{margin:10px 0 14px}
thead th:first-child,caption{position:static}
tr,figure,.verdict,.scroll{break-inside:avoid}
h2{break-after:avoid}
details{display:none}
*{print-color-adjust:exact;-webkit-print-color-adjust:exact}
}
`.trim();
