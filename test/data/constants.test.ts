/** The constants as committed, and the reader that made them. */

import { spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { definitionsIn, evaluate, written } from "../../data/tools/c-constants.mjs";
import { constantsOf, extract } from "../../data/tools/extract/constants.mjs";
import type { ConstantFact } from "../../server/src/analysis/knowledge/types.ts";

const DATA = join(import.meta.dirname, "../../data");
const text = readFileSync(join(DATA, "facts/constants.json"), "utf8");
const facts: readonly ConstantFact[] = JSON.parse(text).entries;
const fact = (name: string) => facts.find((constant) => constant.name === name);

const HEADER = `#ifndef _X_H
#define _X_H 1
/* #define GONE 1 */
#define X_HEX 0x0800 /* two
			lines */
#define X_SHIFT (1U << 3)
#define X_OCTAL 0755
#define X_MINUS (-1)
#define X_INVERSE (~0U)
#define X_SUM (X_HEX + \\
	X_SHIFT)
#define X_CALL(n) ((n) << X_BITS)
#define X_BITS 4
#define X_CALLED X_CALL(2)
#define X_BIT _BITUL(40)
#define X_CAST ((__force x_t)5)
#define X_STRING "x"
#define X_SIZE sizeof(int)
#define X_SELF X_SELF
#define X_EMPTY
#ifdef __KERNEL__
#define X_KERNEL 1
#elif __BITS_PER_LONG == 64 && defined(X_BITS)
#define X_WIDE 64
#else
#define X_NARROW 32
#endif
#if __UAPI_DEF_X
enum x_kind {
	X_A, /* first */
#define X_A X_A
	X_B = X_SHIFT,
	X_C,
#ifndef __KERNEL__
	X_OURS,
#endif
	__X_MAX,
};
#endif
enum { X_D = 'd' };
#undef X_BITS
#define X_BITS 8
#endif
`;

test("a header's constants have the values a compiler gives them", () => {
  const definitions = definitionsIn(HEADER);
  const values = [...definitions].map(([name, { body, params }]) => {
    const value = params ? undefined : evaluate(body, (other) => definitions.get(other));
    return [name, value && written(value)];
  });
  expect(Object.fromEntries(values)).toEqual({
    _X_H: "1",
    X_HEX: "0x800",
    X_SHIFT: "0x8",
    X_OCTAL: "0x1ed",
    X_MINUS: "-1",
    X_INVERSE: "0xffffffff",
    X_SUM: "0x808",
    X_CALL: undefined,
    X_BITS: "8",
    X_CALLED: "0x200",
    X_BIT: "0x10000000000",
    X_CAST: "5",
    X_STRING: undefined,
    X_SIZE: undefined,
    X_EMPTY: undefined,
    X_WIDE: "64",
    X_A: "0",
    X_B: "0x8",
    X_C: "0x9",
    X_OURS: "0xa",
    __X_MAX: "0xb",
    X_D: "0x64",
  });
  expect(definitionsIn(HEADER, { kernel: true }).has("X_KERNEL")).toBe(true);
});

test.each([
  ["1 + 2 * 3", "7"],
  ["(1 + 2) * 3", "9"],
  ["7 / 2 - 7 % 2", "2"],
  ["1 << 31", "0x80000000"],
  ["1ULL << 63", "0x8000000000000000"],
  ["~0ULL", "0xffffffffffffffff"],
  ["0xffffffff + 1", "0x0"],
  ["4294967295 + 1", "4294967296"],
  ["-1 < 1", "1"],
  ["-1 < 1U", "0"],
  ["!1 || 2 == 2", "1"],
  ["UNKNOWN", undefined],
  ["1 2", undefined],
  ["(1", undefined],
  ["1 / 0", undefined],
])("%s is %s", (expression, value) => {
  const result = evaluate(expression, () => undefined);
  expect(result && written(result)).toBe(value);
});

test("what a pick names becomes facts, what has no value is reported", () => {
  const pick = { header: "linux/x.h", group: "x", names: /^X_(?:A|OURS|HEX|SIZE|EMPTY|CALL)/, why: "" };
  const inKernel = definitionsIn(HEADER, { kernel: true });
  expect(constantsOf(definitionsIn(HEADER), pick, undefined, inKernel)).toEqual({
    found: [
      { name: "X_HEX", value: "0x0800", header: "linux/x.h", kind: "define", group: "x" },
      { name: "X_CALLED", value: "0x200", header: "linux/x.h", kind: "define", group: "x" },
      { name: "X_A", value: "0", header: "linux/x.h", kind: "enum", enum: "x_kind", inBtf: true, group: "x" },
      { name: "X_OURS", value: "0xa", header: "linux/x.h", kind: "enum", enum: "x_kind", group: "x" },
    ],
    unread: ["X_SIZE"],
  });
});

test("a name of two values is reported, an architecture's own value is kept", () => {
  const picks = [
    { header: "asm-generic/errno-base.h", group: "error codes", names: /^E/, why: "" },
    { header: "asm-generic/errno.h", machine: "errno.h", group: "error codes", names: /^E/, why: "" },
    { header: "linux/sched.h", internal: true, group: "names", names: /LEN$/, inBtfSince: "5.17", why: "" },
  ] as const;
  const files = new Map([
    ["include/uapi/asm-generic/errno-base.h", "#define EPERM 1\n"],
    ["include/uapi/asm-generic/errno.h", "#define EPERM 2\n#define EDEADLK 35\n#define ENOLCK 37\n"],
    ["include/linux/sched.h", "enum {\n\tTASK_COMM_LEN = 16,\n};\n"],
    ["arch/mips/include/uapi/asm/errno.h", "#define EDEADLK 45\n#define ENOLCK 37\n"],
  ]);
  const upstreams = {
    read: (_: string, path: string) => files.get(path),
    readAll: () => [],
    refs: () => ["v1.0", "v2.0"],
    digest: () => undefined,
  };
  const { entries, disagreements } = extract(upstreams, picks);
  expect(disagreements).toEqual(["EPERM: 1 in asm-generic/errno-base.h, 2 in asm-generic/errno.h"]);
  const found = (name: string) => entries.find((constant) => constant.name === name);
  expect(found("EDEADLK")).toMatchObject({
    value: "35",
    except: { mips: "45" },
    source: ["linux:include/uapi/asm-generic/errno.h@v2.0"],
  });
  expect(found("ENOLCK")).not.toHaveProperty("except");
  expect(found("TASK_COMM_LEN")).toMatchObject({ inBtf: true, inBtfSince: "5.17" });
});

test("well-known constants have their values", () => {
  const known = {
    ETH_P_IP: "0x0800",
    ETH_P_8021Q: "0x8100",
    ETH_ALEN: "6",
    IPPROTO_TCP: "6",
    IPPROTO_ICMPV6: "58",
    TC_ACT_UNSPEC: "-1",
    TC_ACT_SHOT: "2",
    TCX_NEXT: "-1",
    XDP_DROP: "1",
    NF_ACCEPT: "1",
    AF_INET6: "10",
    SOL_TCP: "6",
    SO_REUSEPORT: "15",
    TCP_CONGESTION: "13",
    CLOCK_MONOTONIC: "1",
    IP_OFFSET: "0x1fff",
    EPERM: "1",
    ENOTSUPP: "524",
    CAP_SYS_ADMIN: "21",
    S_IFMT: "0xf000",
    O_CREAT: "0x40",
    PATH_MAX: "4096",
    IFNAMSIZ: "16",
    NSEC_PER_SEC: "1000000000",
    BPF_F_CURRENT_CPU: undefined,
    BPF_F_SLEEPABLE: "0x10",
  };
  for (const [name, value] of Object.entries(known)) expect(fact(name)?.value, name).toBe(value);
  expect(fact("ETH_P_IP")).toMatchObject({ header: "linux/if_ether.h", kind: "define" });
  expect(fact("XDP_DROP")).toMatchObject({ kind: "enum", enum: "xdp_action", inBtf: true });
  expect(fact("TASK_COMM_LEN")).toMatchObject({ value: "16", internal: true, inBtf: true, inBtfSince: "5.17" });
  expect(fact("O_DIRECTORY")?.except).toMatchObject({ arm64: "0x4000" });
  expect(fact("LIBBPF_PIN_BY_NAME")).toMatchObject({ value: "1", header: "bpf/bpf_helpers.h" });
  expect(fact("LIBBPF_PIN_BY_NAME")).not.toHaveProperty("inBtf");
  expect(fact("TC_ACT_OK")).not.toHaveProperty("inBtf");
});

test("one entry per line", () => {
  expect(text.split("\n").length).toBe(facts.length + 3);
});

test("a compiler agrees, as far as the installed headers go", { timeout: 60_000 }, (ctx) => {
  const clang = ["clang-19", "clang"].find((name) => spawnSync(name, ["--version"]).status === 0);
  if (!clang || !existsSync("/usr/include/linux/if_ether.h")) {
    const reason = clang ? "no kernel headers in /usr/include" : "no clang";
    if (process.env["CI"]) throw new Error(reason);
    return ctx.skip(reason);
  }
  let compared = 0;
  const wrong = [...installed()].flatMap(([header, constants]) => {
    const include = `#include <${header}>\n`;
    const there = new Set(compile(clang, ["-E", "-dD"], include).stdout.match(/\w+/g));
    const lines = constants.filter(({ name }) => there.has(name)).map(assertion);
    compared += lines.length;
    return (
      compile(clang, ["-fsyntax-only", "-ferror-limit=0"], include + lines.join("")).stderr.match(/error: .*/g) ?? []
    );
  });
  expect(wrong).toEqual([]);
  expect(compared).toBeGreaterThan(800);
});

/** The constants of every header that is installed, by the name to include it by. */
function installed(): Map<string, ConstantFact[]> {
  const headers = new Map<string, ConstantFact[]>();
  for (const constant of facts) {
    const header = constant.header.replace(/^asm-generic\/(\w+?)(?:-base|-common)?\.h$/, "asm/$1.h");
    if (
      constant.internal ||
      header.startsWith("bpf/") ||
      !(header.startsWith("asm/") || existsSync(`/usr/include/${header}`))
    )
      continue;
    headers.set(header, [...(headers.get(header) ?? []), constant]);
  }
  return headers;
}

function assertion({ name, value, except }: ConstantFact): string {
  const arch = process.arch === "x64" ? "x86" : process.arch;
  return `_Static_assert((${name}) == (${except?.[arch] ?? value}), "${name}");\n`;
}

function compile(clang: string, flags: readonly string[], input: string) {
  return spawnSync(clang, [...flags, "-x", "c", "-"], { input, encoding: "utf8", maxBuffer: 64 * 1024 * 1024 });
}
