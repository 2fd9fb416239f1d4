// @ts-check
/** `npm run bench -- [FILE…]`: measures Hookpoint beside its peers and prints each row with its goal. */

import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { cpus, loadavg, tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { findClang, findProgram, mustRun, root, run } from "../vscode/process.mjs";
import { cliRows } from "./cli-rows.mjs";
import { coreRows } from "./core-rows.mjs";
import { compileFlags, freeze, generatedFiles, givenFiles, writeVmlinux } from "./files.mjs";
import { folderRows } from "./folder-rows.mjs";
import { peerWins, render } from "./rows.mjs";
import { serverRows } from "./server-rows.mjs";

const USAGE = `npm run bench -- [OPTION]… [FILE]…

Without a FILE three generated programs are measured: small, middling and large. FILEs are measured where they are,
beside the small one, for example bcc's libbpf-tools/biolatency.bpf.c.

  --only GROUP    server, cli or core; may be repeated
  --pairs N       turns of each side, 7 when not given
  --quick         one turn, to see that everything works
  --include DIR   a folder of headers that the FILEs need; may be repeated
  --folder DIR    also check all C files of a folder at once; may be repeated
  --json FILE     writes the numbers
  --strict        exit code 1 when a goal is missed
`;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    only: { type: "string", multiple: true, default: ["server", "cli", "core"] },
    pairs: { type: "string", default: "7" },
    quick: { type: "boolean", default: false },
    include: { type: "string", multiple: true, default: [] },
    folder: { type: "string", multiple: true, default: [] },
    json: { type: "string" },
    strict: { type: "boolean", default: false },
    help: { type: "boolean", short: "h", default: false },
  },
});

const GROUPS = ["server", "cli", "core"];

// Where it is set, Node reads these certificates at each start, which takes longer than all else that it does.
delete process.env["NODE_EXTRA_CA_CERTS"];

if (values.help) process.stdout.write(USAGE);
else if (!values.only.every((name) => GROUPS.includes(name)) || !(Number(values.pairs) >= 1)) {
  process.stderr.write(USAGE);
  process.exitCode = 2;
} else await bench();

async function bench() {
  await buildWhenStale();
  const folder = mkdtempSync(join(tmpdir(), "hookpoint-bench-"));
  try {
    await measure(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** @param {string} folder */
async function measure(folder) {
  /** @type {string[]} */
  const notes = [];
  const note = (/** @type {string} */ text) => {
    notes.push(text);
    console.log(`Note: ${text}`);
  };
  const clangd = findProgram("clangd-19", "clangd");
  const clang = findProgram("clang-19") ?? findClang();
  const header = await headerOf([clangd, clang]);
  console.log(`${header.join("\n")}\n`);
  if (clangd === undefined) note("No clangd: its columns are left out.");
  if (clang === undefined) note("No clang: its columns are left out.");

  const dist = freeze(join(root, "dist"), folder);
  const hasVmlinux = await writeVmlinux(folder);
  if (!hasVmlinux)
    note("No bpftool or no kernel BTF, so no vmlinux.h: our own programs include <linux/bpf.h> instead.");
  const files =
    positionals.length > 0
      ? [...generatedFiles(folder, hasVmlinux, ["small"]), ...givenFiles(folder, positionals)]
      : generatedFiles(folder, hasVmlinux);
  const flags = compileFlags(folder, files, values.include);
  const shared = { files, folder, dist, clangd, clang, flags, helpers: helpersOf(dist), progress, note };
  const pairs = values.quick ? 1 : Number(values.pairs);
  const effort = values.quick ? { warmUp: 2, rounds: 3 } : { warmUp: 40, rounds: 60 };
  /** @type {Readonly<Record<string, () => Promise<readonly import("./rows.mjs").Group[]>>>} */
  const parts = {
    server: () => serverRows({ ...shared, pairs, hovers: values.quick ? 10 : 50, headerEdits: values.quick ? 2 : 4 }),
    cli: async () => [
      ...(await cliRows({ ...shared, pairs: values.quick ? 1 : pairs + 4 })),
      ...(await folderRows({ ...shared, folders: values.folder })),
    ],
    core: () => coreRows(files, dist, effort, note),
  };
  const groups = [];
  for (const [name, part] of Object.entries(parts)) {
    if (!values.only.includes(name)) continue;
    const measured = await part();
    progress("");
    for (const group of measured) console.log(`${render(group)}\n`);
    groups.push(...measured);
  }
  finish(groups, header, notes);
}

/** @param {readonly import("./rows.mjs").Group[]} groups @param {readonly string[]} header @param {readonly string[]} notes */
function finish(groups, header, notes) {
  const judged = groups.flatMap(({ rows }) => rows.filter(({ met }) => met !== undefined));
  const missed = judged.filter(({ met }) => met === false);
  for (const line of peerWins(groups)) console.log(line);
  console.log(`\n${judged.length - missed.length} of ${judged.length} goals met. Load average now: ${load()}.`);
  if (values.json !== undefined) {
    writeFileSync(resolve(values.json), `${JSON.stringify({ header, notes, groups }, null, 2)}\n`);
  }
  if (values.strict && missed.length > 0) process.exitCode = 1;
}

/** What runs and on what, because numbers mean nothing without. @param {readonly (string | undefined)[]} peers */
async function headerOf(peers) {
  const processors = cpus();
  const versions = [];
  for (const peer of peers) {
    if (peer === undefined) continue;
    const { output } = await run(peer, ["--version"], { quiet: true });
    versions.push(/^.*\bclangd? version.*$/m.exec(output)?.[0] ?? peer);
  }
  return [
    `${processors.length} × ${processors[0]?.model.trim()}, load average ${load()}`,
    `Node ${process.versions.node}, ${process.platform} ${process.arch}`,
    ...versions,
    "Medians; CPU times are means. Under 1 the ratio is in our favour; ✓ and ✗ say whether it keeps its goal.",
    "Hookpoint finds the compiled code that it keeps between runs, as on every run but the first.",
    "¹ clangd looks at a header only as it is on disk: for clangd it is also saved. Ours is given the key alone.",
  ];
}

function load() {
  return loadavg()
    .map((value) => value.toFixed(1))
    .join(" ");
}

/** The names of the helpers we know. @param {string} dist */
function helpersOf(dist) {
  const { helpers } = JSON.parse(readFileSync(join(dist, "knowledge.json"), "utf8"));
  return new Set(helpers.map((/** @type {{ name: string }} */ { name }) => name));
}

async function buildWhenStale() {
  const built = newest(["dist/server"]);
  if (built >= newest(["server/src", "server/tools/build.mjs", "data", "package-lock.json"])) return;
  await mustRun(process.execPath, ["server/tools/build.mjs"], { quiet: true });
}

/** When the newest of these was written. @param {readonly string[]} paths @returns {number} */
function newest(paths) {
  return Math.max(
    0,
    ...paths.map((path) => {
      const info = statSync(join(root, path), { throwIfNoEntry: false });
      if (info === undefined || !info.isDirectory()) return info?.mtimeMs ?? 0;
      return newest(readdirSync(join(root, path)).map((name) => join(path, name)));
    }),
  );
}

/** One line that is written over, where somebody watches. @param {string} step */
function progress(step) {
  if (process.stderr.isTTY) process.stderr.write(`\r\u001b[K${step}`);
}
