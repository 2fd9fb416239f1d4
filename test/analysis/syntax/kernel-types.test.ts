/** What we say about the kernel's own types is what a compiler says of its headers. */

import { spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { KERNEL_CONSTANTS, KERNEL_TYPES } from "../../../server/src/analysis/syntax/kernel-types.ts";
import { clang as kind } from "../../../server/src/toolchain/clang.ts";
import { find } from "../../../server/src/toolchain/tool.ts";

const HEADER = "/usr/include/linux/bpf.h";
const CONSTANT_HEADERS = ["linux/perf_event.h", "linux/limits.h", "linux/if_ether.h"];

test("sizes, alignments and values are those of the installed headers", async (ctx) => {
  const { tool: clang } = await find(kind, "", ".");
  if (clang === undefined || !existsSync(HEADER)) {
    if (process.env["CI"]) throw new Error("no clang with the BPF target, or no kernel headers");
    ctx.skip("no clang with the BPF target, or no kernel headers");
    return;
  }
  // Older headers lack the newest types.
  const header = readFileSync(HEADER, "utf8");
  const types = [...KERNEL_TYPES].filter(([name]) => /^struct in6?_addr$/.test(name) || header.includes(`${name} {`));
  expect(types.length).toBeGreaterThan(8);
  const source = [
    "#include <linux/bpf.h>",
    "#include <linux/in6.h>",
    "#include <linux/in.h>",
    ...CONSTANT_HEADERS.map((name) => `#include <${name}>`),
    ...types.map(
      ([name, { size, align }]) =>
        `_Static_assert(sizeof(${name}) == ${size} && _Alignof(${name}) == ${align}, "${name}");`,
    ),
    ...[...KERNEL_CONSTANTS].map(
      ([name, value]) => `#ifdef ${name}\n_Static_assert(${name} == ${value}, "${name}");\n#endif`,
    ),
  ].join("\n");
  const include = ["x86_64", "aarch64"].map((arch) => `-I/usr/include/${arch}-linux-gnu`);
  const args = ["-target", "bpf", ...include, "-fsyntax-only", "-x", "c", "-"];
  const { status, stderr } = spawnSync(clang.program, args, { input: source, encoding: "utf8" });
  expect(stderr).toBe("");
  expect(status).toBe(0);
});
