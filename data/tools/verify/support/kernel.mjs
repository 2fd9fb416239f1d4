// @ts-check
/** Asks the running kernel: hands lines to `ask.c` and reads its answers. */

import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { release, tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { releaseOf } from "./base.mjs";

/** @typedef {{ errno: number, log: string }} Answer `errno` is 0 where it worked */
/** @typedef {(questions: readonly string[]) => Answer[]} Ask */

/** BPF_OBJ_GET_INFO and friends aside, every question needs these. */
const ALL_CAPS = 0xffffffffffffffffn;
export const CAPS = /** @type {const} */ ({ CAP_NET_ADMIN: 12, CAP_SYS_ADMIN: 21, CAP_PERFMON: 38, CAP_BPF: 39 });

/** All capabilities but these, as `ask.c` takes them. @param {readonly (keyof typeof CAPS)[]} names */
export function capsWithout(names) {
  return names.reduce((caps, name) => caps & ~(1n << BigInt(CAPS[name])), ALL_CAPS).toString(16);
}

/** Only these capabilities. @param {readonly (keyof typeof CAPS)[]} names */
export function capsOnly(names) {
  return names.reduce((caps, name) => caps | (1n << BigInt(CAPS[name])), 0n).toString(16);
}

/** Where this is not the place to ask, the reason. @returns {string | undefined} */
export function whyNotHere() {
  if (process.platform !== "linux") return "needs Linux";
  if (process.getuid?.() !== 0) return "needs root";
  if (!existsSync(compiler()) && spawnSync(compiler(), ["--version"]).error) return "needs a C compiler (gcc, or CC)";
  return undefined;
}

function compiler() {
  return process.env["CC"] || "gcc";
}

/** The release that runs here. */
export function runningRelease() {
  return releaseOf(release());
}

/** Options that the running kernel was built with, where it tells. @returns {ReadonlySet<string> | undefined} */
export function kernelConfig() {
  const { status, stdout } = spawnSync("sh", ["-c", 'zcat /proc/config.gz || cat "/boot/config-$(uname -r)"'], {
    encoding: "utf8",
  });
  return status === 0 ? new Set([...stdout.matchAll(/^(CONFIG_\w+)=[ym]$/gm)].map(([, name = ""]) => name)) : undefined;
}

/**
 * @template Result
 * @param {string} name of a C file beside the checks
 * @param {readonly string[]} flags
 * @param {(binary: string) => Result} use
 * @returns {Result}
 */
export function withProgram(name, flags, use) {
  const folder = mkdtempSync(join(tmpdir(), "hookpoint-verify-"));
  try {
    const binary = join(folder, name);
    const source = fileURLToPath(new URL(`../${name}.c`, import.meta.url));
    const { status, stderr, error } = spawnSync(compiler(), ["-O1", "-o", binary, source, ...flags], {
      encoding: "utf8",
    });
    if (error || status !== 0) throw new Error(`cannot compile ${source}: ${error?.message ?? stderr}`);
    return use(binary);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** @template Result @param {(ask: Ask) => Result} use @returns {Result} */
export function withKernel(use) {
  return withProgram("ask", [], (binary) => use((questions) => put(binary, questions)));
}

/** @param {string} binary @param {readonly string[]} questions @returns {Answer[]} */
function put(binary, questions) {
  const input = questions.map((question) => `${question}\n`).join("");
  const { stdout, status, error } = spawnSync(binary, { input, encoding: "utf8", maxBuffer: 1024 * 1024 * 1024 });
  if (error || status !== 0) throw new Error(`ask.c failed: ${error?.message ?? `status ${status}`}`);
  const answers = stdout.split("\n").slice(0, -1).map(readAnswer);
  if (answers.length !== questions.length) throw new Error(`ask.c: ${answers.length} answers to ${questions.length}`);
  return answers;
}

/** @param {string} line @returns {Answer} */
export function readAnswer(line) {
  const [errno = "", log = ""] = line.split("\t");
  return { errno: Number(errno), log };
}

/** Fields of a question; what is undefined is left out. @param {string} kind @param {Record<string, string | number | undefined>} fields */
export function question(kind, fields) {
  const words = Object.entries(fields).flatMap(([name, value]) => (value === undefined ? [] : [`${name}=${value}`]));
  return [kind, ...words].join(" ");
}

/** The kernel's own names and types, where it has them. @returns {Buffer | undefined} */
export function vmlinuxBtf() {
  const file = "/sys/kernel/btf/vmlinux";
  return existsSync(file) ? readFileSync(file) : undefined;
}
