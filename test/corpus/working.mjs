// @ts-check
/**
 * Findings in programs that work: `working.mjs [--labels FILE]… [--rule ID]… [--group GROUP]… [--severity error,warning]
 * [--target KERNEL]… [--alarms-only] [PATH…]`.
 *
 * The labels are what labels.mjs wrote: which programs a kernel loads. A finding in such a program, or in a function that it
 * calls, is either untrue or needs an explanation; so is one in what its own test marks as loading. The list is what somebody
 * must read, each with its line. Paths that no label speaks of are listed apart, the places of the labels are the default.
 */

import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import { parseArgs } from "node:util";
import { ranked, sourcesOf } from "./corpus.mjs";
import { linter, markOf } from "./linter.mjs";

/** @typedef {import("./labels.mjs").Label} Label */
/** @typedef {import("./linter.mjs").Listed} Listed */
/** @typedef {import("./linter.mjs").Looked} Looked */

const ALARM = "IN WHAT WORKS";
const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    labels: { type: "string", multiple: true, default: [] },
    rule: { type: "string", multiple: true },
    group: { type: "string", multiple: true },
    severity: { type: "string", default: "error,warning" },
    target: { type: "string", multiple: true },
    "alarms-only": { type: "boolean" },
  },
});
if (positionals.length === 0 && options.labels.length === 0) {
  console.error(
    "usage: working.mjs [--labels FILE]… [--rule ID]… [--group GROUP]… [--severity LIST] [--alarms-only] [--target KERNEL]… [PATH…]",
  );
  process.exit(2);
}

const severities = options.severity.split(",");
const { core, look } = await linter({
  rules: ({ id, group }) => (options.rule?.includes(id) ?? true) && (options.group?.includes(group) ?? true),
  target: options.target ?? [],
});
const labels = await labelsByFile();
const sources = await sourcesOf(core, positionals.length > 0 ? positionals : [...labels.keys()]);
/** @type {{ verdict: string, rule: string, text: string }[]} */
const listed = [];
const counts = { working: 0, refused: 0 };
for (const source of sources) {
  const looked = await look(source);
  const known = labels.get(resolve(source.path));
  counts.working += known?.filter(({ loads }) => loads).length ?? 0;
  counts.refused += known?.filter(({ loads }) => loads === false).length ?? 0;
  const lines = source.text.split("\n");
  for (const finding of looked.findings.filter(({ severity }) => severities.includes(severity))) {
    const { line, severity, message, rule } = finding;
    listed.push({
      verdict: verdictOn(finding, looked, known),
      rule,
      text: `${source.path}:${line}: ${severity}: ${message} [${rule}]\n      ${(lines[line - 1] ?? "").trim()}`,
    });
  }
}

const verdicts = ranked(listed, ({ verdict }) => verdict).sort((a, b) => a.name.localeCompare(b.name));
for (const { name, members } of verdicts) {
  console.log(`\n${name}: ${members.length}`);
  for (const { name: rule, members: of } of ranked(members, (one) => one.rule)) {
    console.log(`  ${rule}: ${of.length}`);
    if (options["alarms-only"] && !name.startsWith(ALARM)) continue;
    for (const { text } of of) console.log(`    ${text}`);
  }
}
const alarms = listed.filter(({ verdict }) => verdict.startsWith(ALARM)).length;
console.log(
  `\n${sources.length} files with ${counts.working} programs that load and ${counts.refused} that do not: ` +
    `${alarms} findings in what works, of ${listed.length}`,
);

/** @returns {Promise<Map<string, Label[]>>} */
async function labelsByFile() {
  /** @type {Map<string, Label[]>} */
  const found = new Map();
  for (const path of options.labels)
    for (const line of (await readFile(path, "utf8")).split("\n").filter(Boolean)) {
      const label = JSON.parse(line);
      const file = resolve(label.file);
      found.set(file, [...(found.get(file) ?? []), label]);
    }
  return found;
}

/** @param {Listed} finding @param {Looked} looked @param {readonly Label[] | undefined} known */
function verdictOn({ fn }, { functions, reaches }, known) {
  if (fn?.naked) return "in assembler";
  const mark = markOf(fn);
  if (mark === "failure") return "meant to fail";
  if (mark === "success") return `${ALARM}: marked as loading`;
  if (known === undefined) return "nobody asked a kernel";
  const programs = known.filter(({ program }) => program !== undefined);
  if (programs.length === 0) return "does not build or open here";
  const runs = (/** @type {Label} */ { program = "" }) =>
    fn === undefined || program === fn.name || reaches(program).has(fn.name);
  const concerned = programs.filter(runs);
  const refused = concerned.filter((label) => label.loads === false && label.class !== "environment");
  if (concerned.some(({ loads }) => loads)) {
    // What is wrong in the way in which one of them calls it, is shown where it happens.
    if (fn !== undefined && refused.length > 0) return "called by what loads and by what is refused";
    return `${ALARM}: ${fn === undefined ? "some program of the file" : "it"} loads`;
  }
  const marked = functions.filter(
    (one) => markOf(one) === "success" && fn !== undefined && reaches(one.name).has(fn.name),
  );
  if (marked.length > 0) return `${ALARM}: called by what is marked as loading`;
  if (concerned.length === 0) return "no program runs it";
  if (concerned.every((label) => label.class === "environment")) return "refused for reasons of this kernel's";
  return "refused";
}
