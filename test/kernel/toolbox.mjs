// @ts-check
/** Builds BPF programs with the real clang and loads them into the running kernel with the real libbpf. */

import { execFile } from "node:child_process";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { findClang, findProgram } from "../vscode/process.mjs";

const run = promisify(execFile);

/** @typedef {{ ok: boolean, says: string }} Outcome `says` is everything that the tool printed */

/**
 * @typedef {object} Toolbox
 * @property {(name: string, source: string) => Promise<Outcome & { object: string }>} build
 * @property {(object: string) => Promise<Outcome>} load
 * @property {() => void} dispose
 */

const MULTIARCH = process.arch === "arm64" ? "aarch64-linux-gnu" : "x86_64-linux-gnu";
const TARGET_ARCH = process.arch === "arm64" ? "arm64" : "x86";
const KERNEL_BTF = "/sys/kernel/btf/vmlinux";
const LOAD_TIMEOUT_MS = 30_000;

/** What an example without includes stands behind. */
const PRELUDE = `#include "vmlinux.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>
#include <bpf/bpf_core_read.h>
#include <bpf/bpf_endian.h>
`;
const LICENCE = 'char LICENSE[] SEC("license") = "GPL";\n';

/** Why nothing can be built or loaded here. @returns {string | undefined} */
export function whyNotHere() {
  if (process.platform !== "linux") return "needs Linux";
  if (process.getuid?.() !== 0) return "needs root";
  if (!findClang()) return "needs clang";
  if (!findProgram("bpftool")) return "needs bpftool";
  if (!existsSync("/usr/include/bpf/libbpf.h")) return "needs libbpf-dev";
  if (!findProgram("gcc", "cc")) return "needs a C compiler";
  return existsSync(KERNEL_BTF) ? undefined : `needs a kernel with ${KERNEL_BTF}`;
}

/** @returns {Promise<Toolbox>} */
export async function toolbox() {
  const folder = mkdtempSync(join(tmpdir(), "hookpoint-kernel-"));
  const clang = findClang() ?? "clang";
  const arch = [`-D__TARGET_ARCH_${TARGET_ARCH}`, "-I", folder, "-idirafter", `/usr/include/${MULTIARCH}`];
  const flags = ["-g", "-O2", "-target", "bpf", ...arch];
  const loader = join(folder, "load");
  const prelude = join(folder, "prelude.h");
  const { stdout: vmlinux } = await run("bpftool", ["btf", "dump", "file", KERNEL_BTF, "format", "c"], {
    maxBuffer: 64 * 1024 * 1024,
  });
  writeFileSync(join(folder, "vmlinux.h"), vmlinux);
  writeFileSync(prelude, PRELUDE);
  const source = fileURLToPath(new URL("load.c", import.meta.url));
  await run(findProgram("gcc", "cc") ?? "cc", ["-O1", "-o", loader, source, "-lbpf"]);
  // The kernel's types are read once, not for each of the hundreds of examples.
  await run(clang, [...flags, "-x", "c-header", prelude, "-o", `${prelude}.pch`]);

  return {
    build: async (name, text) => {
      const file = join(folder, `${name}.bpf.c`);
      const object = join(folder, `${name}.bpf.o`);
      const bare = !/^\s*#\s*include\b/m.test(text);
      // Behind the text, so that the lines of what clang says are those of the text.
      const licence = /"license"/.test(text) || !/\bSEC\s*\(/.test(text) ? "" : LICENCE;
      writeFileSync(file, `${text}\n${licence}`);
      const before = bare ? ["-include-pch", `${prelude}.pch`] : [];
      return { ...(await outcome(clang, [...flags, ...before, "-c", file, "-o", object])), object };
    },
    load: async (object) => {
      const { ok, says, stdout } = await outcome(loader, [object]);
      return { ok: ok && stdout.endsWith("\t0\n"), says };
    },
    dispose: () => rmSync(folder, { recursive: true, force: true }),
  };
}

/** @param {string} command @param {readonly string[]} args @returns {Promise<Outcome & { stdout: string }>} */
async function outcome(command, args) {
  try {
    const { stdout, stderr } = await run(command, args, { timeout: LOAD_TIMEOUT_MS, maxBuffer: 64 * 1024 * 1024 });
    return { ok: true, says: stderr, stdout };
  } catch (error) {
    const { stderr, message } = /** @type {Error & { stderr?: string }} */ (error);
    return { ok: false, says: stderr || message, stdout: "" };
  }
}
