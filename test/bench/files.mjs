// @ts-check
/** The files that are measured and how they are compiled: written into a folder of the bench, or given by the caller. */

import { copyFileSync, cpSync, existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { arch } from "node:os";
import { basename, dirname, extname, join, resolve } from "node:path";
import { findProgram, run } from "../vscode/process.mjs";
import { program } from "./programs.mjs";

/**
 * @typedef {object} Source
 * @property {string} path
 * @property {string} text
 *
 * A file to measure with two more of its kind to open beside it.
 * @typedef {Source & { readonly title: string, readonly siblings: readonly Source[], readonly usesVmlinux: boolean }} BenchFile
 */

const KERNEL_BTF = "/sys/kernel/btf/vmlinux";

/**
 * The running kernel's types as a header, which nobody keeps beside their sources.
 * @param {string} folder
 * @returns {Promise<boolean>} whether it could be written
 */
export async function writeVmlinux(folder) {
  const bpftool = findProgram("bpftool");
  if (bpftool === undefined || !existsSync(KERNEL_BTF)) return false;
  const { code, output } = await run(bpftool, ["btf", "dump", "file", KERNEL_BTF, "format", "c"], { quiet: true });
  if (code !== 0) return false;
  writeFileSync(join(folder, "vmlinux.h"), output);
  return true;
}

/**
 * Our own programs, in three sizes.
 * @param {string} folder
 * @param {boolean} hasVmlinux
 * @param {readonly import("./programs.mjs").Size[]} [sizes]
 * @returns {readonly BenchFile[]}
 */
export function generatedFiles(folder, hasVmlinux, sizes = ["small", "middling", "large"]) {
  return sizes.map((size) => {
    const [main, ...siblings] = [0, 1, 2].map((variant) => {
      const path = join(folder, `${size}${variant}.bpf.c`);
      const text = program(size, variant, hasVmlinux);
      writeFileSync(path, text);
      return { path, text };
    });
    if (main === undefined) throw new Error("no program");
    return benchFile(size, main, siblings);
  });
}

/**
 * Files from elsewhere, read where they are, so that their headers are found. Their neighbours are opened beside them.
 * @param {string} folder
 * @param {readonly string[]} paths
 * @returns {readonly BenchFile[]}
 */
export function givenFiles(folder, paths) {
  return paths.map((given, i) => {
    const path = resolve(given);
    const text = readFileSync(path, "utf8");
    const siblings = neighbours(path, text);
    while (siblings.length < 2)
      siblings.push(copyOf(path, text, join(folder, `${i}-${siblings.length}-${basename(path)}`)));
    return benchFile(basename(path), { path, text }, siblings);
  });
}

/** The two files of the same folder that are most like one in size. @param {string} path @param {string} text @returns {Source[]} */
function neighbours(path, text) {
  const others = readdirSync(dirname(path))
    .filter((name) => name.endsWith(".bpf.c") && name !== basename(path))
    .map((name) => ({ path: join(dirname(path), name), text: readFileSync(join(dirname(path), name), "utf8") }))
    .filter((other) => usesVmlinux(other.text) === usesVmlinux(text));
  const distance = (/** @type {Source} */ other) => Math.abs(other.text.length - text.length);
  return others.sort((a, b) => distance(a) - distance(b)).slice(0, 2);
}

/** @param {string} path @param {string} text @param {string} copy @returns {Source} */
function copyOf(path, text, copy) {
  copyFileSync(path, copy);
  return { path: copy, text };
}

/** @param {string} name @param {Source} main @param {readonly Source[]} siblings @returns {BenchFile} */
function benchFile(name, main, siblings) {
  const size = (Buffer.byteLength(main.text) / 1000).toFixed(1);
  const isKernelSized = usesVmlinux(main.text);
  const title = `${name}, ${size} KB${isKernelSized ? ", vmlinux.h" : ""}`;
  return { ...main, title, siblings, usesVmlinux: isKernelSized };
}

/** @param {string} text */
function usesVmlinux(text) {
  return /^\s*#\s*include\s*["<]vmlinux\.h/m.test(text);
}

/**
 * The flags a BPF file is compiled with here, also for files elsewhere.
 * @param {string} folder
 * @param {readonly BenchFile[]} files
 * @param {readonly string[]} includes
 */
export function compileFlags(folder, files, includes) {
  const machine = MACHINES[arch()] ?? { target: "x86", folder: arch() };
  const own = new Set(files.map(({ path }) => dirname(path)));
  const folders = [...includes.map((path) => resolve(path)), ...own, folder, `/usr/include/${machine.folder}`];
  return [
    "-g",
    "-O2",
    "-target",
    "bpf",
    `-D__TARGET_ARCH_${machine.target}`,
    ...[...new Set(folders)].filter((path) => existsSync(path)).map((path) => `-I${path}`),
  ];
}

/** @type {Readonly<Record<string, { target: string, folder: string }>>} */
const MACHINES = {
  x64: { target: "x86", folder: "x86_64-linux-gnu" },
  arm64: { target: "arm64", folder: "aarch64-linux-gnu" },
};

/**
 * A copy of dist that stays as it is while the bench runs, whoever builds meanwhile.
 * @param {string} dist
 * @param {string} folder
 */
export function freeze(dist, folder) {
  const copy = join(folder, "dist");
  cpSync(dist, copy, { recursive: true, filter: (path) => extname(path) !== ".map" });
  return copy;
}
