// @ts-check
/** Headers of which we say that they do not go with vmlinux.h: clang compiles each behind the running kernel's. */

import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { load } from "../../../server/tools/load.mjs";

/** @typedef {import("./support/base.mjs").Outcome} Outcome */

const BTF = "/sys/kernel/btf/vmlinux";
const CLANGS = ["clang", "clang-19", "clang-18", "clang-17", "clang-16"];
const INCLUDE = `/usr/include/${process.arch === "arm64" ? "aarch64" : "x86_64"}-linux-gnu`;

/** @returns {Promise<Outcome>} */
export async function run() {
  const clang = CLANGS.find((name) => spawnSync(name, ["--version"]).status === 0);
  const cannot = [
    ...(clang === undefined ? ["needs clang"] : []),
    ...(existsSync(BTF) ? [] : [`needs a kernel with ${BTF}`]),
    ...(spawnSync("bpftool", ["version"]).status === 0 ? [] : ["needs bpftool"]),
  ];
  if (clang === undefined || cannot.length > 0) return { compared: 0, disagreements: [], cannot };
  const { CONFLICTING } = await load("server/src/analysis/kernel-headers.ts");
  const folder = mkdtempSync(join(tmpdir(), "hookpoint-headers-"));
  try {
    const vmlinux = execFileSync("bpftool", ["btf", "dump", "file", BTF, "format", "c"], { maxBuffer: 1 << 26 });
    writeFileSync(join(folder, "vmlinux.h"), vmlinux);
    const compile = (/** @type {string[]} */ ...headers) => compiles(clang, folder, headers);
    // One that is not installed, or compiles by itself neither, says nothing.
    const usable = [...CONFLICTING].filter((header) => compile("linux/types.h", header));
    const fine = usable.filter((header) => compile("vmlinux.h", header));
    const leftOut = [...CONFLICTING].filter((header) => !usable.includes(header));
    return {
      compared: usable.length,
      disagreements: fine.map((header) => `${header}: goes with vmlinux.h`),
      leftOut: leftOut.map((header) => `${header}: not installed, or needs a C library for 32 bits`),
    };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** @param {string} clang @param {string} folder @param {string[]} headers */
function compiles(clang, folder, headers) {
  const input = headers.map((header) => `#include <${header}>\n`).join("");
  const flags = ["-target", "bpf", "-fsyntax-only", "-I", folder, "-idirafter", INCLUDE, "-x", "c", "-"];
  return spawnSync(clang, flags, { input }).status === 0;
}
