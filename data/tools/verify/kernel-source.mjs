// @ts-check
/**
 * The tables in other sources of the kernel, Debian's packages of 6.1 and 6.12, read in another way than the facts were:
 * by looking for words, not by running anything. Arguments, results, licence, sleeping.
 */

import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { homedir } from "node:os";
import { basename, join } from "node:path";
import { holds } from "./support/base.mjs";

/** @typedef {import("./support/base.mjs").Outcome} Outcome */
/** @typedef {import("../../../server/src/analysis/knowledge/types.ts").Helper} Helper */
/** @typedef {{ helper: string, fields: ReadonlyMap<string, string> }} Table */

/** Where the tables are. */
const FOLDERS = ["kernel/bpf", "kernel/trace", "net", "security", "fs", "drivers/media/rc"];
const PACKAGES = ["linux-source-6.1", "linux-source-6.12"];

/** Words of the verifier for what we call a kind. @type {Readonly<Record<string, RegExp>>} */
const KINDS = {
  map: /CONST_MAP_PTR/,
  key: /MAP_KEY/,
  value: /MAP_VALUE/,
  size: /CONST_SIZE/,
  constant: /CONST_ALLOC_SIZE/,
  context: /PTR_TO_CTX/,
  number: /ANYTHING|SCALAR/,
  string: /CONST_STR/,
  function: /PTR_TO_FUNC/,
  stack: /PTR_TO_STACK/,
  socket: /SOCK/,
  memory: /MEM|PTR_TO_(?:INT|LONG)/,
  dynptr: /DYNPTR/,
  timer: /TIMER/,
  kptr: /KPTR/,
  "kernel pointer": /BTF_ID/,
  "per-CPU pointer": /PERCPU/,
  "spin lock": /SPIN_LOCK/,
  "ring buffer record": /RINGBUF_MEM|ALLOC_MEM/,
};

/** @param {string} tree @param {readonly Helper[]} helpers @param {string} release @returns {{ compared: number, disagreements: string[] }} */
export function compareTree(tree, helpers, release) {
  return compareTables(tablesIn(sourcesOf(tree)), helpers, release);
}

/** @param {readonly Table[]} tables @param {readonly Helper[]} helpers @param {string} release */
export function compareTables(tables, helpers, release) {
  /** @type {string[]} */
  const disagreements = [];
  let compared = 0;
  const say = (/** @type {boolean} */ agrees, /** @type {string} */ what) => {
    compared++;
    if (!agrees) disagreements.push(`${release}: ${what}`);
  };
  for (const helper of helpers) {
    const mine = tables.filter((table) => table.helper === helper.name);
    if (mine.length === 0) continue;
    const results = mine.map(({ fields }) => fields.get("ret_type") ?? "RET_INTEGER");
    say(
      results.some((type) => resultFits(helper.result, type)),
      `${helper.name} gives a ${helper.result}, the source has ${[...new Set(results)].join(", ")}`,
    );
    for (const [index, { kind, name }] of helper.params.entries()) {
      if (kind === undefined) continue;
      const types = mine.map(({ fields }) => fields.get(`arg${index + 1}_type`) ?? "none");
      say(
        types.some((type) => KINDS[kind]?.test(type)),
        `${helper.name}, ${name}: we say ${kind}, the source has ${[...new Set(types)].join(", ")}`,
      );
    }
    const now = helper.allowed.filter((one) => holds(one, release) === true);
    const licences = new Set(mine.map(({ fields }) => fields.get("gpl_only") === "true"));
    for (const gpl of new Set(now.map((one) => one.gpl === true)))
      say(licences.has(gpl), `${helper.name}: we say ${gpl ? "GPL only" : "any licence"}, the source says otherwise`);
    if (mine.some(({ fields }) => fields.get("might_sleep") === "true"))
      say(helper.sleeps === true, `${helper.name}: the source says that it may sleep, we do not`);
  }
  return { compared, disagreements };
}

/** @param {Helper["result"]} result @param {string} type */
function resultFits(result, type) {
  if (result === "number") return type === "RET_INTEGER";
  if (result === "nothing") return type === "RET_VOID";
  return /^RET_PTR/.test(type) && (result === "pointer or null") === /NULL/.test(type);
}

/** @param {readonly string[]} sources @returns {Table[]} */
export function tablesIn(sources) {
  const text = sources.join("\n").replace(/\/\*[\s\S]*?\*\//g, " ");
  /** @type {Map<string, Map<string, string>>} */
  const bodies = new Map();
  for (const [, name = "", body = ""] of text.matchAll(/struct bpf_func_proto\s+(\w+)\s*=\s*\{([\s\S]*?)\n\};/g))
    bodies.set(
      name,
      new Map(
        [...body.matchAll(/\.(\w+)\s*=\s*([^,\n]+)/g)].map(([, field = "", value = ""]) => [field, value.trim()]),
      ),
    );
  // Which table stands for which helper is said where tables are handed out.
  const names = new Map();
  for (const [, name, table] of text.matchAll(/case BPF_FUNC_(\w+):\s*(?:if \([^)]*\)\s*)?return[^;&]*&(\w+)/g))
    names.set(table, `bpf_${name}`);
  for (const [, name, one, other] of text.matchAll(/case BPF_FUNC_(\w+):\s*return[^;?]*\?\s*&?(\w+)[^;:]*:\s*&?(\w+)/g))
    for (const table of [one, other]) names.set(table, `bpf_${name}`);
  return [...bodies].flatMap(([table, fields]) => {
    const helper =
      names.get(table) ?? (fields.get("func") === table.replace(/_proto$/, "") ? fields.get("func") : undefined);
    return helper === undefined ? [] : [{ helper, fields }];
  });
}

/** @param {string} tree @returns {string[]} */
function sourcesOf(tree) {
  return FOLDERS.map((folder) => join(tree, folder))
    .filter((folder) => existsSync(folder))
    .flatMap((folder) =>
      readdirSync(folder, { recursive: true, encoding: "utf8" })
        .filter((file) => file.endsWith(".c"))
        .map((file) => join(folder, file))
        .filter((file) => statSync(file).isFile())
        .map((file) => readFileSync(file, "utf8"))
        .filter((text) => text.includes("bpf_func_proto")),
    );
}

/** @param {import("./support/base.mjs").Base} base @returns {Outcome} */
export function run(base) {
  const given = process.env["HOOKPOINT_KERNEL_TREES"]?.split(":");
  /** @type {string[]} */
  const cannot = [];
  const trees = given ?? PACKAGES.flatMap((name) => fetched(name, cannot));
  const helpers = base("helpers");
  const found = trees.map((tree) => compareTree(tree, helpers, /(\d+\.\d+)[^/]*$/.exec(basename(tree))?.[1] ?? ""));
  return {
    compared: found.reduce((sum, { compared }) => sum + compared, 0),
    disagreements: found.flatMap(({ disagreements }) => disagreements),
    cannot,
  };
}

/** Debian's package of a kernel's source, unpacked as far as it is read, in the cache. @param {string} name @param {string[]} cannot @returns {string[]} */
function fetched(name, cannot) {
  const cache = join(process.env["XDG_CACHE_HOME"] || join(homedir(), ".cache"), "hookpoint", "kernel-source");
  const tree = join(cache, name);
  if (existsSync(tree)) return [tree];
  mkdirSync(cache, { recursive: true });
  const run_ = (/** @type {string} */ command, /** @type {string[]} */ args) =>
    spawnSync(command, args, { cwd: cache, encoding: "utf8" });
  run_("apt-get", ["download", name]);
  const file = readdirSync(cache).find((one) => one.startsWith(`${name}_`) && one.endsWith(".deb"));
  if (file === undefined || run_("dpkg-deb", ["-x", file, "unpacked"]).status !== 0) {
    cannot.push(`needs Debian's package ${name} (apt-get download)`);
    return [];
  }
  const archive = join("unpacked", "usr", "src", `${name}.tar.xz`);
  run_("tar", ["-xJf", archive, ...FOLDERS.map((folder) => `${name}/${folder}`)]);
  rmSync(join(cache, "unpacked"), { recursive: true, force: true });
  rmSync(join(cache, file), { force: true });
  return existsSync(tree) ? [tree] : [];
}
