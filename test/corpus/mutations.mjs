// @ts-check
/**
 * Breaks programs that work: `mutations.mjs --loader FILE [--flag FLAG]… [--only NAME]… [--seed N] [--limit N] PATH…`.
 *
 * One mistake at a time is put into a file whose programs load. It must be found, nothing else may be found with it, and
 * the fixes must bring the text back, or one that builds and loads. What is not found is built, because it may do no harm.
 */

import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { buildKnowledge } from "../../data/tools/build.mjs";
import { builder } from "./building.mjs";
import { loadCore, randomFrom, sourcesOf } from "./corpus.mjs";

/**
 * @typedef {object} Mistake
 * @property {string} name
 * @property {readonly string[]} by rules of which one must find it
 * @property {readonly string[]} [with] what others may rightly say of it
 * @property {RegExp} find one place of these is taken
 * @property {string} put in its place
 */

const SECTION = String.raw`(?<=\bSEC\("(?!license|\.)`;
const PROGRAM = String.raw`(?<=^SEC\("(?!license|\.)[^"]*"\)\s+)`;

/** @type {readonly Mistake[]} */
const MISTAKES = [
  // Sections
  {
    name: "letters swapped in a section",
    by: ["unknown-section"],
    find: rx(`${SECTION})(\\w\\w)(\\w)(\\w)`),
    put: "$1$3$2",
  },
  { name: "letter missing in a section", by: ["unknown-section"], find: rx(`${SECTION}\\w{2})\\w(?=\\w{2})`), put: "" },
  { name: "letter twice in a section", by: ["unknown-section"], find: rx(`${SECTION}\\w)(\\w)(?=\\w)`), put: "$1$1" },
  {
    name: "section in capitals",
    by: ["unknown-section"],
    find: rx(`${SECTION})(?:kprobe|xdp|tc|uprobe)\\b`),
    put: "XDP",
  },
  {
    name: "blank in a section",
    by: ["malformed-section-target", "unknown-section"],
    find: rx(`${SECTION}\\w+)/`),
    put: "/ ",
  },
  {
    name: "colons for slashes",
    by: ["malformed-section-target", "unknown-section"],
    find: rx(`${SECTION}(?:tp|tracepoint))/(\\w+)/`),
    put: ":$1:",
  },
  {
    name: "tracepoint without category",
    by: ["malformed-section-target"],
    find: rx(`${SECTION}(?:tp|tracepoint)/)\\w+/`),
    put: "",
  },
  {
    name: "section ends with a slash",
    by: ["malformed-section-target", "unknown-section"],
    find: rx(`${SECTION}(?:tp|tracepoint)/\\w+/)\\w+`),
    put: "",
  },
  {
    name: "sleepable kprobe",
    by: ["unsleepable-section"],
    find: rx(`${SECTION}(?:kprobe|kretprobe|tp|tracepoint))(?=/)`),
    put: ".s",
  },
  {
    name: "question mark in the middle",
    by: ["misplaced-question-mark"],
    find: rx(`${SECTION}\\w+/)(?=\\w)`),
    put: "?",
  },
  {
    name: "section missing",
    by: ["sectionless-program"],
    find: /^SEC\("(?!license|\.)[^"]*"\)\s+(?=int \w+\(struct)/gm,
    put: "",
  },
  { name: "static program", by: ["static-program"], find: rx(`${PROGRAM}int\\b`), put: "static int" },
  {
    name: "inline program",
    by: ["inline-program", "static-program"],
    find: rx(`${PROGRAM}int\\b`),
    put: "static __always_inline int",
  },
  {
    name: "context of tc in XDP",
    by: ["wrong-context-type"],
    find: rx(`${PROGRAM}int \\w+\\(struct xdp_md\\b`),
    put: "int f(struct __sk_buff",
  },
  {
    name: "context of XDP in tc",
    by: ["wrong-context-type"],
    find: rx(`(?<=^SEC\\("t[cp][^"]*"\\)\\s+int \\w+\\()struct \\w+(?=\\s*\\*)`),
    put: "struct xdp_md",
  },
  // Licence
  {
    name: "no licence",
    by: ["missing-licence", "gpl-only-helper"],
    with: ["deprecated-section"],
    find: /^.*SEC\("license"\).*\n/gm,
    put: "",
  },
  ...["GPLv2", "GPL-2.0", "gpl", "GPL v3", "Dual BSD/GPLv2", "GPL-2.0-only", "Dual MIT & GPL", "GPL "].map(
    (licence) => ({
      name: `licence "${licence}"`,
      by: ["misspelled-licence"],
      with: ["gpl-only-helper"],
      find: /(?<=SEC\("license"\) = )"[^"]*"/g,
      put: `"${licence}"`,
    }),
  ),
  { name: 'licence "MIT"', by: ["gpl-only-helper"], find: /(?<=SEC\("license"\) = )"[^"]*"/g, put: '"MIT"' },
  {
    name: "licence in section licence",
    by: ["missing-licence", "unknown-section"],
    with: ["gpl-only-helper"],
    find: /(?<=SEC\(")license/g,
    put: "licence",
  },
  // Maps
  {
    name: "max_entry",
    by: ["unknown-map-attribute"],
    with: ["wrong-max-entries"],
    find: /(?<=^\s*__uint\()max_entries/gm,
    put: "max_entry",
  },
  { name: "map type missing", by: ["missing-map-type"], find: /^\s*__uint\(type, .*\n/gm, put: "" },
  { name: "max_entries missing", by: ["wrong-max-entries"], find: /^\s*__uint\(max_entries, .*\n/gm, put: "" },
  { name: "max_entries 0", by: ["wrong-max-entries"], find: /(?<=^\s*__uint\(max_entries, )\w+(?=\))/gm, put: "0" },
  { name: "key missing", by: ["wrong-key-size"], find: /^\s*__type\(key, .*\n/gm, put: "" },
  { name: "value missing", by: ["wrong-value-size"], find: /^\s*__type\(value, .*\n/gm, put: "" },
  { name: "unknown map type", by: ["unknown-map-type"], find: /(?<=BPF_MAP_TYPE_)HASH\b/g, put: "HASHMAP" },
  {
    name: "letter missing in a map type",
    by: ["unknown-map-type"],
    find: /(?<=__uint\(type, BPF_MAP_TYPE_\w{2})\w/g,
    put: "",
  },
  { name: "map type without BPF_", by: ["unknown-map-type"], find: /(?<=__uint\(type, )BPF_(?=MAP)/g, put: "" },
  {
    name: "__type of type",
    by: ["unknown-map-attribute", "missing-map-type"],
    find: /(?<=^\s*)__uint(?=\(type)/gm,
    put: "__type",
  },
  { name: "__uint of key", by: ["unknown-map-attribute"], find: /(?<=^\s*)__type(?=\(key)/gm, put: "__uint" },
  {
    name: "keys",
    by: ["unknown-map-attribute"],
    with: ["wrong-key-size"],
    find: /(?<=^\s*__type\()key(?=,)/gm,
    put: "keys",
  },
  {
    name: "key_size that is another",
    by: ["conflicting-map-size"],
    find: /^(\s*)__type\(key, .*\n/gm,
    put: "$&$1__uint(key_size, 3);\n",
  },
  {
    name: "value_size that is another",
    by: ["conflicting-map-size"],
    find: /^(\s*)__type\(value, .*\n/gm,
    put: "$&$1__uint(value_size, 3);\n",
  },
  { name: "max_entries twice", by: ["duplicate-map-attribute"], find: /^\s*__uint\(max_entries, .*\n/gm, put: "$&$&" },
  {
    name: "map in section maps",
    by: ["not-a-map-definition", "unknown-section", "legacy-map"],
    with: ["unused-map"],
    find: /(?<=SEC\(")\.(?=maps)/g,
    put: "",
  },
  { name: "static map", by: ["static-map"], find: /^struct \{(?=\s*\n\s*__uint)/gm, put: "static struct {" },
  {
    name: "array with a key of eight bytes",
    by: ["wrong-key-size"],
    with: ["conflicting-map-size"],
    find: /(?<=_ARRAY\);\n(?:\s*__uint.*\n)*\s*__type\(key, )(?:u32|__u32|int)\b/g,
    put: "__u64",
  },
  {
    name: "flag of hashes at an array",
    by: ["illegal-map-flag"],
    find: /BPF_MAP_TYPE_ARRAY\);\n(\s*)/g,
    put: "$&__uint(map_flags, BPF_F_NO_PREALLOC);\n$1",
  },
  {
    name: "odd ring buffer",
    by: ["ring-buffer-size"],
    find: /(?<=RINGBUF\);\n\s*__uint\(max_entries, )[^)]*(?=\))/g,
    put: "10000",
  },
  {
    name: "small ring buffer",
    by: ["ring-buffer-size"],
    find: /(?<=RINGBUF\);\n\s*__uint\(max_entries, )[^)]*(?=\))/g,
    put: "256",
  },
  {
    name: "ring buffer with a value",
    by: ["wrong-value-size", "wrong-key-size"],
    find: /RINGBUF\);\n(\s*)/g,
    put: "$&__type(value, __u64);\n$1",
  },
  {
    name: "pinning by path",
    by: ["invalid-pinning"],
    find: /^(\s*)__uint\(max_entries, .*\n/gm,
    put: "$&$1__uint(pinning, 2);\n",
  },
  { name: "semicolon missing in a map", by: [], find: /(?<=^\s*__uint\(max_entries, .*\));/gm, put: "" },
  // Calls
  { name: "map by value", by: ["map-by-value"], find: /(?<=\bbpf_map_\w+_elem\()&/g, put: "" },
  { name: "key by value", by: ["wrong-argument-kind"], find: /(?<=\bbpf_map_\w+_elem\(&?\w+, )&/g, put: "" },
  {
    name: "pointer to the map's address",
    by: ["wrong-argument-kind"],
    find: /(?<=\bbpf_map_\w+_elem\()&(\w+), (&\w+)/g,
    put: "$2, &$1",
  },
  {
    name: "argument missing",
    by: ["wrong-argument-count"],
    find: /(?<=\bbpf_map_update_elem\([^(),]*, [^(),]*, [^(),]*), \w+(?=\))/g,
    put: "",
  },
  {
    name: "argument too many",
    by: ["wrong-argument-count"],
    find: /(?<=\bbpf_map_(?:lookup|delete)_elem\([^(),]*, [^(),]*)(?=\))/g,
    put: ", 0",
  },
  {
    name: "size missing",
    by: ["wrong-argument-count"],
    find: /(?<=\bbpf_get_current_comm\()&?[^(),]*, sizeof\([^()]*\)/g,
    put: "comm",
  },
  {
    name: "argument for none",
    by: ["wrong-argument-count"],
    find: /(?<=\bbpf_(?:ktime_get_ns|get_current_pid_tgid)\()(?=\))/g,
    put: "0",
  },
  {
    name: "flags of another helper",
    by: ["illegal-flags"],
    find: /(?<=\bbpf_map_update_elem\([^()]*, )(?:BPF_ANY|0)(?=\))/g,
    put: "BPF_F_CURRENT_CPU",
  },
  { name: "context missing", by: ["wrong-argument-kind"], find: /(?<=\bbpf_perf_event_output\()ctx/g, put: "0" },
  {
    name: "ring buffer as perf buffer",
    by: ["wrong-map-type"],
    find: /BPF_MAP_TYPE_PERF_EVENT_ARRAY/g,
    put: "BPF_MAP_TYPE_ARRAY",
  },
  {
    name: "unknown helper",
    by: ["unknown-helper", "undeclared-kfunc"],
    find: /\bbpf_map_lookup_elem(?=\()/g,
    put: "bpf_map_lookup_element",
  },
  { name: "printf", by: ["libc-call"], find: /\bbpf_printk(?=\()/g, put: "printf" },
  {
    name: "memcpy of bpf_",
    by: ["unknown-helper", "undeclared-kfunc"],
    find: /\b__builtin_memcpy(?=\()/g,
    put: "bpf_memcpy",
  },
  {
    name: "value missing in bpf_printk",
    by: ["printk-format", "printk-arguments"],
    find: /(?<=\bbpf_printk\("[^"]*"(?:, [\w>-]+)*), [\w>-]+(?=\))/g,
    put: "",
  },
  { name: "%f in bpf_printk", by: ["printk-format"], find: /(?<=\bbpf_printk\("[^"]*)%d/g, put: "%f" },
  // Toolchain
  { name: "vmlinux.h missing", by: ["missing-include"], find: /^#include [<"]vmlinux.h[>"]\n/gm, put: "" },
  { name: "bpf_helpers.h missing", by: ["missing-include"], find: /^#include <bpf\/bpf_helpers.h>\n/gm, put: "" },
  { name: "bpf_tracing.h missing", by: ["missing-include"], find: /^#include <bpf\/bpf_tracing.h>\n/gm, put: "" },
  { name: "bpf_core_read.h missing", by: ["missing-include"], find: /^#include <bpf\/bpf_core_read.h>\n/gm, put: "" },
  { name: "bpf_endian.h missing", by: ["missing-include"], find: /^#include <bpf\/bpf_endian.h>\n/gm, put: "" },
  { name: "usdt.bpf.h missing", by: ["missing-include"], find: /^#include <bpf\/usdt.bpf.h>\n/gm, put: "" },
  {
    name: "vmlinux.h last",
    by: ["vmlinux-not-first"],
    find: /^(#include [<"]vmlinux.h[>"]\n)((?:#include.*\n)+)/gm,
    put: "$2$1",
  },
  {
    name: "linux/bpf.h beside vmlinux.h",
    by: ["vmlinux-mixed"],
    find: /^#include [<"]vmlinux.h[>"]\n/gm,
    put: "$&#include <linux/bpf.h>\n",
  },
  {
    name: "linux/if_ether.h beside vmlinux.h",
    by: ["vmlinux-mixed"],
    find: /^#include [<"]vmlinux.h[>"]\n/gm,
    put: "$&#include <linux/if_ether.h>\n",
  },
  { name: "stdio.h", by: ["libc-header"], find: /^#include [<"]vmlinux.h[>"]\n/gm, put: "$&#include <stdio.h>\n" },
  {
    name: "constant missing",
    by: ["missing-constant"],
    find: /^#define (?:ETH_|AF_|PF_|TC_|E[A-Z]+|IPPROTO|S_I|O_|TASK_)\w* .*\n/gm,
    put: "",
  },
  { name: "kfunc not declared", by: ["undeclared-kfunc"], find: /^extern [^;{}]*__ksym;\n/gm, put: "" },
];

const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    loader: { type: "string" },
    flag: { type: "string", multiple: true },
    only: { type: "string", multiple: true },
    seed: { type: "string", default: "1" },
    limit: { type: "string", default: "40" },
  },
});
const { loader } = options;
if (positionals.length === 0 || loader === undefined) {
  console.error("usage: mutations.mjs --loader FILE [--flag FLAG]… [--only NAME]… [--seed N] [--limit N] PATH…");
  process.exit(2);
}
const ROUNDS = 10;

const core = await loadCore();
const kb = core.knowledgeBase(buildKnowledge(fileURLToPath(new URL("../../data", import.meta.url))));
const { build, load, dispose } = builder({ loader, flags: options.flag ?? [] });
const random = randomFrom(Number(options.seed));
const mistakes = MISTAKES.filter(({ name }) => options.only?.includes(name) ?? true);

/** @typedef {import("./corpus.mjs").Source} Source */
/** @typedef {{ source: Source, programs: import("./building.mjs").Programs, findings: any[], fixed: string }} Base */
/** @type {Map<string, Map<string, number>>} */
const counts = new Map(mistakes.map(({ name }) => [name, new Map()]));
/** @type {string[]} */
const remarks = [];
let files = 0;
for (const source of shuffled((await sourcesOf(core, positionals)).filter(({ path }) => path.endsWith(".c")))) {
  if (files >= Number(options.limit)) break;
  const programs = await tryOut(source, source.text);
  if (programs === undefined || ![...programs.values()].includes(0)) continue;
  files++;
  const findings = await findingsIn(source, source.text);
  const base = { source, programs, findings, fixed: await fixed(source, source.text, isSafe) };
  for (const mistake of mistakes) await look(base, mistake);
}
dispose();
for (const remark of remarks.sort()) console.log(remark);
console.log();
for (const [name, outcomes] of counts)
  console.log(`${name}: ${[...outcomes].map(([outcome, count]) => `${count} ${outcome}`).join(", ") || "no place"}`);
console.log(`${files} files`);

/** @param {Base} base @param {Mistake} mistake */
async function look(base, mistake) {
  const { source } = base;
  const text = withMistake(source.text, mistake);
  if (text === undefined) return;
  const say = (/** @type {string} */ what) =>
    remarks.push(`${mistake.name}: ${what}: ${source.path}:${lineOfChange(source.text, text)}`);
  const before = new Set(base.findings.map(keyOf));
  const found = (await findingsIn(source, text)).filter((finding) => !before.has(keyOf(finding)));
  const expected = found.filter(({ rule }) => mistake.by.includes(rule.id));
  for (const { rule, range, message } of found)
    if (!mistake.by.includes(rule.id) && !mistake.with?.includes(rule.id))
      say(`ALSO FOUND ${rule.id} at ${range.start.line + 1}: ${message}`);
  if (expected.length === 0) {
    const harmless = await worksAs(base, text);
    count(mistake, harmless ? "harmless" : "missed");
    if (!harmless) say("NOT FOUND");
    return;
  }
  const outcome = await outcomeOf(base, text, mistake);
  count(mistake, outcome);
  if (/BROKEN/.test(outcome)) say(`${outcome}`);
}

/** @param {Base} base @param {string} text @param {Mistake} mistake */
async function outcomeOf(base, text, { by }) {
  const { source } = base;
  const safe = await fixed(source, text, isSafe);
  if (safe === source.text || safe === base.fixed) return "restored";
  if (safe !== text && (await worksAs(base, safe))) return "works when fixed";
  const all = await fixed(source, safe, ({ rule }) => by.includes(rule.id));
  if (all === source.text || all === base.fixed) return "restored unsafely";
  if (all === text) return "found, not fixed";
  if (await worksAs(base, all)) return "works when fixed unsafely";
  return safe === text ? "BROKEN by what is unsafe" : "BROKEN";
}

/** @param {string} text @param {Mistake} mistake @returns {string | undefined} */
function withMistake(text, { find, put }) {
  const code = text.replace(/\/\*[\s\S]*?\*\//g, (comment) => comment.replace(/[^\n]/g, " "));
  const places = [...code.matchAll(find)];
  const place = places[Math.floor(random() * places.length)];
  if (place === undefined) return undefined;
  const { index } = place;
  // `put` may speak of the groups, so the pattern is asked again at that very place.
  const once = new RegExp(find.source, `${find.flags.replace("g", "")}y`);
  once.lastIndex = index;
  const changed = text.replace(once, put);
  return changed === text ? undefined : changed;
}

/** @param {Source} source @param {string} text @returns {Promise<any[]>} */
async function findingsIn(source, text) {
  const { model, tree } = core.build(text, { headers: await core.headersOf({ ...source, text }) });
  const findings = core.lint({ model, kb, targets: [], loader: "libbpf", arch: "" });
  tree.dispose();
  return findings;
}

/** @param {Source} source @param {string} text @param {(finding: any) => boolean} wanted */
async function fixed(source, text, wanted) {
  let now = text;
  for (let round = 0; round < ROUNDS; round++) {
    const findings = (await findingsIn(source, now)).filter(wanted);
    const next = core.applyFixes(now, findings, { unsafe: true }).text;
    if (next === now) break;
    now = next;
  }
  return now;
}

/** @param {any} finding */
function isSafe({ fixes, rule }) {
  const [fix] = fixes ?? [];
  return fix !== undefined && (fix.safety ?? (rule.fix === "safe" ? "safe" : "unsafe")) === "safe";
}

/** A finding, wherever it stands now. @param {any} finding */
function keyOf({ rule, message }) {
  return `${rule.id} ${message}`;
}

/** @param {Source} source @param {string} text */
async function tryOut({ path }, text) {
  const { object } = await build(path, text);
  return object === undefined ? undefined : load(object);
}

/** @param {Base} base @param {string} text */
async function worksAs({ source, programs }, text) {
  const now = await tryOut(source, text);
  return now !== undefined && [...programs].every(([name, error]) => error !== 0 || now.get(name) === 0);
}

/** @param {Mistake} mistake @param {string} outcome */
function count({ name }, outcome) {
  const outcomes = counts.get(name);
  outcomes?.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
}

/** @param {string} before @param {string} after */
function lineOfChange(before, after) {
  let at = 0;
  while (before[at] === after[at]) at++;
  return before.slice(0, at).split("\n").length;
}

/** @template T @param {readonly T[]} items */
function shuffled(items) {
  return items
    .map((item) => ({ item, place: random() }))
    .sort((a, b) => a.place - b.place)
    .map(({ item }) => item);
}

/** @param {string} pattern */
function rx(pattern) {
  return new RegExp(pattern, "gm");
}
