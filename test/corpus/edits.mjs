// @ts-check
/**
 * Edits real files at random and compares model and findings kept up to date with those made afresh after every edit:
 * `edits.mjs [--edits N] [--files N] [--seed N] DIR…`.
 *
 * All files stay open at once and are edited in turn, as in an editor; now and then a header that they include is edited
 * instead. The exit code is 1 when a model differed.
 */

import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { buildKnowledge } from "../../data/tools/build.mjs";
import { loadCore, randomFrom, share, sourcesOf } from "./corpus.mjs";

/**
 * @typedef {{ path: string, text: string, undo: string[], own: any, headers: any, built: any, earlier: any,
 *   differs: boolean }} Open
 */
/** @typedef {{ path: string, edit: string, isNew: boolean, where: string, incremental: string, fresh: string }} Difference */

const CHARACTERS = [..."abxyz019_ \n\t;,(){}[]\"'/*#\\<>&.-=+:"];
const TOKENS = [
  'SEC("xdp")\n',
  'SEC("',
  "__uint(type, BPF_MAP_TYPE_HASH);",
  "__type(key, u32);",
  "struct {",
  "};",
  "/* ",
  " */",
  "// ",
  "#if 0\n",
  "#else\n",
  "#endif\n",
  "#define X(a) SEC(a)\n",
  "static __always_inline int f(void)\n{\n",
  "int BPF_PROG(f, int a)\n",
  "bpf_map_lookup_elem(&m, &k)",
  "if (x) ",
  "for (;;) ",
  "\\\n",
  '"',
];
/** What a header may say of a word. @type {readonly ((word: string, other: string) => string)[]} */
const MEANINGS = [
  (word) => `#define ${word} 4`,
  (word, other) => `#define ${word} ${other}`,
  (word) => `#define ${word}`,
  (word) => `#define ${word} static __always_inline`,
  (word) => `#define ${word} return 0;`,
  (word, other) => `#define ${word}(x) ${other}(x)`,
  (word) => `#define ${word}(x) SEC("tc")`,
  (word) => `typedef struct { u64 a, b; } ${word};`,
  (word) => `struct ${word} { int a[4]; };`,
  (word, other) => `static int ${word}(void) { return ${other}(0); }`,
  (word) => `struct { __uint(type, BPF_MAP_TYPE_RINGBUF); } ${word} SEC(".maps");`,
  (word) => `enum { ${word} = 3 };`,
];
/** A file goes back to where it was after at most so many edits, as a text that someone works on does. */
const MAX_UNDO = 12;
const SHOWN = 5;
/** @type {readonly never[]} */
const NO_TARGETS = [];

const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    edits: { type: "string", default: "10000" },
    files: { type: "string", default: "50" },
    seed: { type: "string", default: "1" },
  },
});
if (positionals.length === 0) {
  console.error("usage: edits.mjs [--edits N] [--files N] [--seed N] DIR…");
  process.exit(2);
}

const memories = recordMemories();
setFlagsFromString("--expose-gc");
const collectGarbage = runInNewContext("gc");
const core = await loadCore();
const kb = core.knowledgeBase(buildKnowledge(fileURLToPath(new URL("../../data", import.meta.url))));
const quick = core.rules.filter((/** @type {any} */ { walks }) => walks !== true);
const random = randomFrom(Number(options.seed));
const files = await openFiles();
const edits = Number(options.edits);
/** @type {Difference[]} */
const differences = [];
console.log(`${edits} edits over ${files.length} files, ${files.reduce((n, { text }) => n + text.length, 0) >> 10} KB`);
printMemory("start");
for (let n = 0; n < edits; n++) {
  step(pick(files));
  if (n === edits >> 1) printMemory("middle");
}
printMemory("end");
print();
process.exitCode = differences.length === 0 ? 0 : 1;

/** WebAssembly's memory can only be seen by whoever is there when it is made. @returns {WebAssembly.Memory[]} */
function recordMemories() {
  /** @type {WebAssembly.Memory[]} */
  const made = [];
  WebAssembly.Memory = class extends WebAssembly.Memory {
    /** @param {WebAssembly.MemoryDescriptor} descriptor */
    constructor(descriptor) {
      super(descriptor);
      made.push(this);
    }
  };
  return made;
}

/** @returns {Promise<Open[]>} */
async function openFiles() {
  const sources = (await sourcesOf(core, positionals)).filter(({ text }) => text.length > 500);
  const chosen = sources
    .map((source) => ({ source, order: random() }))
    .sort((a, b) => a.order - b.order)
    .slice(0, Number(options.files));
  const open = [];
  for (const { source } of chosen) {
    const headers = await core.headersOf(source);
    const built = core.build(source.text, { headers });
    open.push({ ...source, undo: [], own: headers, headers, built, earlier: new core.Earlier(), differs: false });
  }
  return open;
}

/** @template T @param {readonly T[]} items @returns {T} */
function pick(items) {
  return /** @type {T} */ (items[Math.floor(random() * items.length)]);
}

/** One edit, read both ways. @param {Open} file */
function step(file) {
  const { text, edit } = random() < 0.2 ? editOfHeader(file) : editOf(file);
  const { headers } = file;
  // Now and then two edits come at once, and nobody asks about the text between them.
  if (random() < 0.2) update(file, `${text} `);
  update(file, text);
  const fresh = core.build(text, { headers });
  const ours = plain(file.built, file.earlier);
  const theirs = plain(fresh, undefined);
  fresh.tree.dispose();
  if (ours !== theirs) differences.push(differenceOf(file, edit, ours, theirs));
  file.differs = ours !== theirs;
}

/** @param {Open} file @param {string} text */
function update(file, text) {
  const { headers, built: previous } = file;
  file.built = core.build(text, { previous, headers });
  file.text = text;
  previous.tree.dispose();
}

/**
 * All that a model says, what the rules find, afresh and with what they found before, and where its text is no C.
 * @param {any} built
 * @param {any} earlier
 */
function plain({ model }, earlier) {
  const number = (/** @type {string} */ _key, /** @type {unknown} */ value) =>
    typeof value === "bigint" ? `${value}n` : value;
  const input = { model, kb, targets: NO_TARGETS, loader: "libbpf", arch: "" };
  const named = (/** @type {any} */ one) => ({ ...one, rule: one.rule.id });
  const found = core.lint(input).map(named);
  // Fixes are not taken over.
  const again = core
    .lint(input, { rules: quick, earlier })
    .map((/** @type {any} */ { fixes: _, ...one }) => named(one));
  const { code, functions } = model;
  // What it says, not what somebody has asked it already.
  const said = {
    names: [...code.names()].sort(),
    uses: code.capitals().map((/** @type {string} */ name) => code.uses(name)),
    literals: code.literals(),
    loops: code.loops(),
    directives: code.directives(),
    locals: functions.map((/** @type {any} */ fn) => code.locals(fn)),
    returns: functions.map((/** @type {any} */ fn) => code.returns(fn)),
  };
  return JSON.stringify({ ...model, code: said, errors: model.errors(), found, again }, number);
}

/** @param {Open} file @param {string} edit @param {string} ours @param {string} theirs @returns {Difference} */
function differenceOf({ path, differs }, edit, ours, theirs) {
  let at = 0;
  while (ours[at] === theirs[at]) at++;
  const around = (/** @type {string} */ text) => text.slice(Math.max(0, at - 60), at + 140);
  const where = ours.slice(0, at).match(/"(?:programs|functions|maps|calls|licence|\w+)":(?=[[{])/g)?.[0] ?? "";
  return { path, edit, isNew: !differs, where, incremental: around(ours), fresh: around(theirs) };
}

/** The next text of a file with a word about what was done. @param {Open} file */
function editOf({ text, undo }) {
  const last = undo.length > 0 && (undo.length >= MAX_UNDO || random() < 0.45) ? undo.pop() : undefined;
  if (last !== undefined) return { text: last, edit: "undo" };
  undo.push(text);
  const { start, end, insert } = pick([changeCharacters, changeCharacters, changeToken, changeLine, changeComment])(
    text,
  );
  const edit = `${start}–${end} ${JSON.stringify(text.slice(start, end))} → ${JSON.stringify(insert)}`;
  return { text: text.slice(0, start) + insert + text.slice(end), edit };
}

/** One header more, which says something of the file's own words; or that is gone again. @param {Open} file */
function editOfHeader(file) {
  const { text, own } = file;
  const words = text.match(/\b[A-Za-z_]\w*\b/g) ?? ["x"];
  const lines = Array.from({ length: Math.floor(random() * 4) }, () => pick(MEANINGS)(pick(words), pick(words)));
  const said = lines.join("\n");
  const list = said === "" ? own.list : [core.readHeader("file:///said.h", said, own.defines), ...own.list];
  file.headers = core.joinHeaders(list, own.isPart);
  return { text, edit: `a header says ${JSON.stringify(said)}` };
}

/** @param {string} text */
function changeCharacters(text) {
  const start = Math.floor(random() * (text.length + 1));
  const end = Math.min(text.length, start + pick([0, 0, 1, 1, 3]));
  return { start, end, insert: end > start && random() < 0.5 ? "" : pick(CHARACTERS) };
}

/** @param {string} text */
function changeToken(text) {
  const at = Math.floor(random() * text.length);
  const start = text.slice(0, at).search(/(?:\w+|\W)$/);
  const end = at + (/^(?:\w+|\W)/.exec(text.slice(at))?.[0].length ?? 0);
  const insert = pick(["", pick(TOKENS), pick(TOKENS) + text.slice(start, end)]);
  return { start: Math.max(0, start), end, insert };
}

/** Takes a line out, doubles it, or brings one from elsewhere. @param {string} text */
function changeLine(text) {
  const [start, end] = lineAt(text);
  const [from, to] = lineAt(text);
  return pick([
    { start, end, insert: "" },
    { start, end: start, insert: text.slice(start, end) },
    { start, end: start, insert: text.slice(from, to) },
    { start, end: start, insert: "\n" },
  ]);
}

/** Makes a line a comment or a comment a line, or writes one above it. @param {string} text */
function changeComment(text) {
  const [start] = lineAt(text);
  if (text.startsWith("//", start)) return { start, end: start + 2, insert: "" };
  return { start, end: start, insert: pick(["//", "// x\n", "/* x */", "#define X 1\n", '#include "x.h"\n']) };
}

/** A random line with its break. @param {string} text @returns {[number, number]} */
function lineAt(text) {
  const at = Math.floor(random() * text.length);
  const end = text.indexOf("\n", at);
  return [text.lastIndexOf("\n", at - 1) + 1, end === -1 ? text.length : end + 1];
}

/** @param {string} when */
function printMemory(when) {
  collectGarbage();
  const { rss, heapUsed } = process.memoryUsage();
  const wasm = memories.reduce((n, { buffer }) => n + buffer.byteLength, 0);
  const megabytes = [rss, heapUsed, wasm].map((bytes) => (bytes / 1024 / 1024).toFixed(1));
  console.log(
    `memory at the ${when.padEnd(6)} RSS ${megabytes[0]} MB, JavaScript ${megabytes[1]} MB, wasm ${megabytes[2]} MB`,
  );
}

function print() {
  const runs = differences.filter(({ isNew }) => isNew);
  console.log(`differences ${share(differences.length, edits)} edits, begun by ${runs.length}`);
  for (const { path, edit, where, incremental, fresh } of runs.slice(0, SHOWN))
    console.log(`  ${path}: ${edit}\n    in ${where}\n    incremental …${incremental}…\n    fresh       …${fresh}…`);
}
