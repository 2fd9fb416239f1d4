/** What we say about the kernel's own types is what a compiler says of its headers. */

import { spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { expect, test } from "vitest";
import { readType } from "../../../server/src/analysis/flow/ctypes.ts";
import { KERNEL_CONSTANTS, KERNEL_RECORDS, KERNEL_TYPES } from "../../../server/src/analysis/syntax/kernel-types.ts";
import { clang as kind } from "../../../server/src/toolchain/clang.ts";
import { find } from "../../../server/src/toolchain/tool.ts";
import { modelOf } from "../../support/check.ts";

const HEADER = "/usr/include/linux/bpf.h";
const CONSTANT_HEADERS = ["linux/perf_event.h", "linux/limits.h", "linux/if_ether.h"];

test("sizes, alignments and values are those of the installed headers", async (ctx) => {
  const { tool: clang } = await find(kind, "", ".");
  if (clang === undefined || !existsSync(HEADER)) {
    if (process.env["CI"]) throw new Error("no clang with the BPF target, or no kernel headers");
    ctx.skip("no clang with the BPF target, or no kernel headers");
    return;
  }
  const records = recordsOf(await packetHeaders());
  expect(records.length).toBeGreaterThan(8);
  // Older headers lack the newest types.
  const header = readFileSync(HEADER, "utf8");
  const types = [...KERNEL_TYPES].filter(([name]) => /^struct in6?_addr$/.test(name) || header.includes(`${name} {`));
  expect(types.length).toBeGreaterThan(8);
  const source = [
    "#include <linux/bpf.h>",
    "#include <linux/in6.h>",
    "#include <linux/in.h>",
    ...CONSTANT_HEADERS.map((name) => `#include <${name}>`),
    ...PACKET_HEADERS.map((name) => `#include <${name}>`),
    ...records,
    ...types.map(
      ([name, { size, align }]) =>
        `_Static_assert(sizeof(${name}) == ${size} && _Alignof(${name}) == ${align}, "${name}");`,
    ),
    ...[...KERNEL_CONSTANTS].map(
      ([name, value]) => `#ifdef ${name}\n_Static_assert(${name} == ${value}, "${name}");\n#endif`,
    ),
  ].join("\n");
  const include = ["x86_64", "aarch64"].map((arch) => `-I/usr/include/${arch}-linux-gnu`);
  // linux/if.h asks the C library for sockets, which nothing of this needs.
  const args = ["-target", "bpf", ...include, "-D_LINUX_IF_H", "-DIFNAMSIZ=16", "-fsyntax-only", "-x", "c", "-"];
  const { status, stderr } = spawnSync(clang.program, args, { input: source, encoding: "utf8" });
  expect(stderr).toBe("");
  expect(status).toBe(0);
});

/** Those of user space; the others are known to the kernel alone. */
const PACKET_HEADERS = [
  "linux/bpf.h",
  "linux/if_ether.h",
  "linux/ip.h",
  "linux/ipv6.h",
  "linux/tcp.h",
  "linux/udp.h",
  "linux/icmp.h",
  "linux/icmpv6.h",
  "linux/mpls.h",
];

async function packetHeaders(): Promise<string> {
  const texts = await Promise.all(PACKET_HEADERS.map((name) => readFile(`/usr/include/${name}`, "utf8")));
  return texts.join("\n");
}

/** What a compiler is asked about the headers of packets: their size, and where each field is. */
function recordsOf(text: string): readonly string[] {
  const { types } = modelOf("");
  return [...KERNEL_RECORDS].flatMap(([name, { fields }]) => {
    if (!text.includes(`${name} {`)) return [];
    const type = readType(name, types);
    const size = `_Static_assert(sizeof(${name}) == ${types.layout(type)?.size}, "${name}");`;
    const places = fields.flatMap((field) => {
      const { offset } = types.field(type, field.name) ?? {};
      return offset === undefined || field.name === ""
        ? []
        : [`_Static_assert(__builtin_offsetof(${name}, ${field.name}) == ${offset}, "${name}.${field.name}");`];
    });
    return [size, ...places];
  });
}

test("headers of packets that only the kernel knows have the sizes that networks give them", () => {
  const { types } = modelOf("");
  const sizes = ["vlan_hdr", "frag_hdr", "sctphdr", "arphdr"].map(
    (name) => types.layout(readType(`struct ${name}`, types))?.size,
  );
  expect(sizes).toEqual([4, 8, 12, 8]);
});

test("a structure of the file's own goes before the kernel's of the same name", () => {
  const { types } = modelOf("struct udphdr { __u64 all[4]; };");
  expect(types.layout(readType("struct udphdr", types))?.size).toBe(32);
  expect(types.field(readType("struct udphdr", types), "dest")).toBeUndefined();
});
