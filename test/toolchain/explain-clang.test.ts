/** What compilers say of programs of ours that they refuse, and that each row of the table explains one. */

import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { printingFlags, readOutput } from "../../server/src/toolchain/compiler-output.ts";
import { explanationIds } from "../../server/src/toolchain/explain-clang.ts";
import { machineOf } from "../../server/src/toolchain/machine.ts";
import { run } from "../../server/src/toolchain/run.ts";
import { clangs } from "../support/tools.ts";

const folder = mkdtempSync(join(tmpdir(), "hookpoint explain-"));
afterAll(() => rmSync(folder, { recursive: true }));

interface Case {
  readonly id: string;
  readonly text: string;
  readonly flags?: readonly string[];
  /** Only these say it. */
  readonly only?: RegExp;
  /** Words of the explanation. */
  readonly says?: string;
}

const HELPERS = "#include <linux/bpf.h>\n#include <bpf/bpf_helpers.h>\n#include <bpf/bpf_tracing.h>\n";

const CASES: readonly Case[] = [
  { id: "vmlinux-missing", text: '#include "vmlinux.h"\n', says: "hookpoint vmlinux" },
  { id: "libbpf-missing", text: "#include <bpf/bpf_helpers.h>\n", flags: ["-nostdinc"], says: "libbpf-dev" },
  { id: "libbpf-missing", text: "#include <bpf_tracing.h>\n", says: "#include <bpf/bpf_tracing.h>" },
  { id: "multiarch", text: "#include <asm/types.h>\n", flags: ["-nostdinc"], says: "asm/types.h" },
  { id: "libc-header", text: "#include <bits/libc-header-start.h>\n", flags: ["-nostdinc"] },
  { id: "kernel-header", text: "#include <linux/skbuff.h>\n", says: "linux/skbuff.h" },
  {
    id: "stack-limit",
    text: "int p(int *c) { volatile char b[600]; for (int i = 0; i < 600; i++) b[i] = *c; return b[c[1] & 511]; }\n",
  },
  {
    id: "built-in-call",
    text: "char b[9999]; int p(int *c) { __builtin_memset(b, 1, *c); return 0; }\n",
    says: "memset()",
  },
  { id: "built-in-call", text: "int p(int *c) { __builtin_trap(); }\n", says: "undefined behaviour" },
  { id: "floating-point", text: "int p(int *c) { double d = *c; return (int)(d * 1.5); }\n" },
  { id: "library-call", text: "int p(char *c) { return strlen(c); }\n", says: "__builtin_strlen()" },
  {
    id: "target-arch",
    text: `${HELPERS}SEC("kprobe/x") int BPF_KPROBE(p, int fd) { return fd; }\n`,
    says: "-D__TARGET_ARCH_x86",
  },
  {
    id: "wrong-arch-registers",
    text: `struct pt_regs { long regs[31]; };\n#define __VMLINUX_H__\n${HELPERS}int p(struct pt_regs *c) { return PT_REGS_PARM1(c); }\n`,
    flags: ["-D__TARGET_ARCH_x86"],
  },
  {
    id: "too-many-arguments",
    text: "__attribute__((noinline)) int f(int a, int b, int c, int d, int e, int g) { return a + b * c - d * e * g; }\nint p(int *c) { return f(c[0], c[1], c[2], c[3], c[4], c[5]); }\n",
  },
  {
    id: "large-return",
    text: "__attribute__((noinline)) __int128 f(int x) { return (__int128)x << 70; } int p(int *c) { return f(*c); }\n",
  },
  {
    id: "large-return",
    text: "struct b { long a[5]; }; __attribute__((noinline)) struct b f(int x) { struct b b = {}; b.a[x & 3] = x; return b; }\nint p(int *c) { return f(*c).a[1]; }\n",
    only: /clang(?:-(?:1[89]|2\d))?$/,
  },
  {
    id: "variable-arguments",
    text: "__attribute__((noinline)) int f(int a, ...) { return a; } int p(int *c) { return f(*c, 2); }\n",
  },
  {
    id: "stack-allocation",
    text: "int p(int *c) { char a[*c]; for (int i = 0; i < *c; i++) a[i] = i; return a[c[1]]; }\n",
  },
  { id: "signed-division", text: "int p(int *c) { return c[0] / c[1]; }\n", flags: ["-mcpu=v3"] },
  { id: "unknown-flag", text: "int p;\n", flags: ["-fnonsense"], says: "-fnonsense" },
  { id: "headers-mixed", text: '#include "kernel.h"\n#include <linux/types.h>\n' },
  { id: "types-before-helpers", text: "#include <bpf/bpf_helpers.h>\n", says: "before <bpf/bpf_helpers.h>" },
  { id: "types-before-helpers", text: "__u32 x;\n", says: "include one of them" },
  {
    id: "kernel-type-name",
    text: "#include <linux/types.h>\nu64 x;\nint p(void) { u32 y = 1; return y; }\n",
    says: "__u64",
  },
  { id: "macro-not-in-vmlinux", text: "int p(int *c) { return *c == ETH_P_IP; }\n", says: "#define ETH_P_IP" },
  { id: "endian", text: "int p(int *c) { return bpf_htons(*c); }\n", says: "bpf/bpf_endian.h" },
  { id: "missing-libbpf-include", text: "int p(int *c) { return BPF_CORE_READ(c); }\n", says: "bpf/bpf_core_read.h" },
  { id: "undeclared-function", text: "int p(int *c) { return bpf_brand_new(c); }\n", says: "__ksym" },
  {
    id: "incomplete-kernel-type",
    text: "struct task_struct; int p(struct task_struct *t) { return t->pid; }\n",
    says: "task_struct",
  },
  { id: "undefined-size", text: "struct sk_buff; int p(void) { return sizeof(struct sk_buff); }\n", says: "sk_buff" },
  { id: "atomic", text: "int p(int *c) { return __sync_fetch_and_add(c, 1); }\n", flags: ["-mcpu=v2"] },
  {
    id: "no-instruction",
    text: "int p(int *c) { return (long)__builtin_return_address(1); }\n",
    only: /clang(?:-(?:1[89]|2\d))?$/,
  },
];

writeFileSync(
  join(folder, "kernel.h"),
  "typedef struct { long other; } __kernel_fsid_t;\ntypedef struct { long other; } __kernel_fd_set;\n",
);

for (const [n, { id, text, flags = [], only, says }] of CASES.entries())
  test(`${id} is explained: ${text.trim().split("\n").at(-1)}`, async (ctx) => {
    const source = join(folder, `${n}.bpf.c`);
    writeFileSync(source, text);
    const multiarch = flags.includes("-nostdinc") ? [] : ["-idirafter", `/usr/include/${machineOf("").triple}`];
    const sayers = clangs(ctx).filter((name) => only?.test(name) ?? true);
    expect(sayers).not.toEqual([]);
    for (const clang of sayers) {
      const args = [...printingFlags("clang"), "-target", "bpf", "-O2", "-g", ...multiarch, ...flags];
      const { stderr } = await run(clang, [...args, "-c", source, "-o", join(folder, "x.o")], { cwd: folder });
      const found = readOutput(stderr, { source, cwd: folder }).map(({ explanation }) => explanation);
      expect(
        found.map((one) => one?.id),
        `${clang}: ${stderr}`,
      ).toContain(id);
      if (says !== undefined) expect(found.map((one) => one?.text).join("\n")).toContain(says);
    }
  });

test("a name of one's own that is misspelt is not taken for the kernel's", async (ctx) => {
  const source = join(folder, "own.bpf.c");
  writeFileSync(source, "int p(int *c) { return *c == XDP_PAS || *c == EVENTS || *c == OTHER || *c == u64_max; }\n");
  const [clang = ""] = clangs(ctx);
  const { stderr } = await run(clang, [...printingFlags("clang"), "-target", "bpf", "-c", source], { cwd: folder });
  const found = readOutput(stderr, { source, cwd: folder });
  expect(found.map(({ explanation }) => explanation)).toEqual([undefined, undefined, undefined, undefined]);
});

test("no row of the table is without such a program", () => {
  expect([...new Set(CASES.map(({ id }) => id))].sort()).toEqual([...explanationIds()].sort());
});
