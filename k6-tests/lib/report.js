// Reports a run: a text summary, and with RESULTS=folder/name also folder/name.txt, .html and .json.
//
// None of them contains the data of setup(), and the page loads no external resources.

import { BASE_URL, text } from "./environment.js";

const STATS = ["min", "avg", "med", "p(90)", "p(95)", "p(99)", "p(99.9)", "max"];

export function handleSummary(data) {
  const run = digest(data);
  const summary = asText(run);
  const results = text("RESULTS", "");
  if (!results) return { stdout: summary };
  return {
    stdout: summary,
    [`${results}.txt`]: summary,
    [`${results}.html`]: asHtml(run),
    [`${results}.json`]: JSON.stringify(run, null, 1),
  };
}

// The content of all three formats.
function digest({ metrics, root_group, state }) {
  const entries = Object.entries(metrics).sort(([a], [b]) => (a < b ? -1 : 1));
  const thresholds = entries.flatMap(([metric, { thresholds = {} }]) =>
    Object.entries(thresholds).map(([limit, { ok }]) => ({ metric, limit, ok })),
  );
  const checks = allChecks(root_group);
  return {
    title: `Gavel: ${text("SCENARIO", "a k6 run")}`,
    server: BASE_URL.replace(/\/\/[^/@]*@/, "//"),
    seconds: state.testRunDurationMs / 1000,
    ok: thresholds.every(({ ok }) => ok),
    thresholds,
    checks,
    // Without phases that did not occur, such as TLS.
    trends: ofType(entries, "trend").filter(({ values }) => values.max > 0),
    // Counters have a count and a rate per second, rates a share.
    counters: ofType(entries, "counter"),
    rates: ofType(entries, "rate"),
    gauges: ofType(entries, "gauge"),
  };
}

function ofType(entries, type) {
  return entries
    .filter(([, metric]) => metric.type === type)
    .map(([name, { contains, values }]) => ({ name, isTime: contains === "time", values }));
}

function allChecks({ checks, groups }) {
  const own = checks.map(({ name, passes, fails }) => ({ name, passes, fails }));
  return own.concat(groups.flatMap(allChecks));
}

// The tables of the report as [heading, column names, rows].
function tables({ thresholds, checks, trends, counters, rates, gauges }) {
  const shown = (value) => (value === undefined ? "-" : round(value));
  return [
    ["Limits", ["metric", "limit", ""], thresholds.map(({ metric, limit, ok }) => [metric, limit, ok ? "kept" : "BROKEN"])],
    ["Checks", ["check", "passed", "failed"], checks.map(({ name, passes, fails }) => [name, passes, fails])],
    ["Times (ms)", ["metric", ...STATS], trends.filter(({ isTime }) => isTime).map(({ name, values }) => [name, ...STATS.map((stat) => shown(values[stat]))])],
    ["Distributions", ["metric", ...STATS], trends.filter(({ isTime }) => !isTime).map(({ name, values }) => [name, ...STATS.map((stat) => shown(values[stat]))])],
    ["Counts", ["metric", "count", "per second"], counters.map(({ name, values }) => [name, round(values.count), round(values.rate)])],
    ["Shares", ["metric", "share", "yes", "no"], rates.map(({ name, values }) => [name, `${round(values.rate * 100)} %`, values.passes, values.fails])],
    ["Levels", ["metric", "last", "least", "greatest"], gauges.map(({ name, values }) => [name, shown(values.value), shown(values.min), shown(values.max)])],
  ].filter(([, , rows]) => rows.length > 0);
}

function round(value) {
  return Number(value.toPrecision(value >= 1000 ? 6 : 3));
}

function verdict({ ok, title, server, seconds }) {
  return `${title}, ${server}, ${round(seconds)} s: ${ok ? "all limits kept" : "LIMITS BROKEN"}`;
}

function asText(run) {
  const lines = ["", verdict(run)];
  for (const [heading, columns, rows] of tables(run)) {
    const all = [columns, ...rows].map((row) => row.map(String));
    const widths = columns.map((_, column) => Math.max(...all.map((row) => row[column].length)));
    const line = (row) => row.map((cell, i) => (i === 0 ? cell.padEnd(widths[i]) : cell.padStart(widths[i]))).join("  ");
    lines.push("", heading, ...all.map((row) => `  ${line(row).trimEnd()}`));
  }
  return `${lines.join("\n")}\n\n`;
}

const STYLE = `
:root { color-scheme: light dark; font: 15px/1.5 system-ui, sans-serif; }
body { max-width: 70rem; margin: 2rem auto; padding: 0 1rem; }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; margin-block: .5rem 2rem; display: block; overflow-x: auto; }
th, td { padding: .25rem .75rem; text-align: right; border-bottom: 1px solid #8884; }
th:first-child, td:first-child { text-align: left; }
.ok { color: #18794e; } .bad { color: #cd2b31; font-weight: bold; }
`;

function asHtml(run) {
  const escape = (value) => String(value).replace(/[&<>"]/g, (c) => `&#${c.charCodeAt(0)};`);
  const cell = (tag) => (value) => `<${tag}>${escape(value)}</${tag}>`;
  const row = (tag, values) => `<tr>${values.map(cell(tag)).join("")}</tr>`;
  const table = ([heading, columns, rows]) =>
    `<h2>${escape(heading)}</h2>\n<table><thead>${row("th", columns)}</thead><tbody>\n${rows.map((values) => row("td", values)).join("\n")}\n</tbody></table>`;
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>${escape(run.title)}</title>
<style>${STYLE}</style>
<h1>${escape(run.title)}</h1>
<p class="${run.ok ? "ok" : "bad"}">${escape(verdict(run))}</p>
${tables(run).map(table).join("\n")}
</html>
`;
}
