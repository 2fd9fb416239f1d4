/** The helper facts as committed, and the readers that made them. */

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { buildKnowledge } from "../../data/tools/build.mjs";
import { helperNames, helpersOf, parseSignatures } from "../../data/tools/extract/helpers.mjs";
import { parseDocs } from "../../data/tools/origin.mjs";
import { compareVersions } from "../../data/tools/versions.mjs";
import type { Helper } from "../../server/src/analysis/knowledge/types.ts";
import { withKernel } from "../support/kernel.ts";

const DATA = join(import.meta.dirname, "../../data");
const text = readFileSync(join(DATA, "facts/helpers.json"), "utf8");
const facts: { generated: string; entries: Helper[] } = JSON.parse(text);
const joined = new Map(buildKnowledge(DATA).helpers.map((helper) => [helper.name, helper]));

test("all 211 helpers are there, numbered without gaps", () => {
  const ids = facts.entries.map(({ id }) => id).sort((a, b) => a - b);
  expect(ids).toEqual(Array.from({ length: 211 }, (_, index) => index + 1));
  expect(new Set(facts.entries.map(({ name }) => name)).size).toBe(211);
});

test("one entry per line, sorted by name, behind a header that says who wrote it", () => {
  const lines = text.split("\n");
  expect(lines.length).toBe(211 + 3);
  expect(lines.slice(1, -2).map((line) => JSON.parse(line.replace(/,$/, "")).name)).toEqual(
    facts.entries.map(({ name }) => name),
  );
  const names = facts.entries.map(({ name }) => name);
  expect(names).toEqual([...names].sort());
  expect(facts.generated).toContain("do not edit");
});

test("types and names read as C", () => {
  for (const entry of facts.entries) {
    expect(entry.name).toMatch(/^bpf_[a-z0-9_]+$/);
    expect(entry.returns).toMatch(/^(struct )?\w+( \*)?$/);
    for (const { type, name } of entry.params) {
      if (type === "...") expect(name).toBe("");
      else expect(`${type} ${name}`).toMatch(/^(const |unsigned )?(struct )?\w+( \*)? \w+$/);
    }
    if (entry.commit !== undefined) expect(entry.commit).toMatch(/^[0-9a-f]{40}$/);
  }
});

test("releases are strings and never fall as the numbers rise", () => {
  const byId = [...joined.values()].sort((a, b) => a.id - b.id);
  for (const [index, { name, since }] of byId.entries()) {
    expect(since, name).toMatch(/^\d+\.\d+$/);
    const before = byId[index - 1];
    if (before) expect(compareVersions(before.since, since), `${before.name}, ${name}`).toBeLessThanOrEqual(0);
  }
});

test.each([
  ["bpf_map_lookup_elem", "3.19"],
  ["bpf_map_update_elem", "3.19"],
  ["bpf_map_delete_elem", "3.19"],
  ["bpf_get_prandom_u32", "4.1"],
  ["bpf_trace_printk", "4.1"],
  ["bpf_tail_call", "4.2"],
  ["bpf_probe_read_kernel", "5.5"],
  ["bpf_ringbuf_reserve", "5.8"],
  ["bpf_copy_from_user", "5.10"],
  ["bpf_trace_vprintk", "5.16"],
  ["bpf_loop", "5.17"],
  ["bpf_user_ringbuf_drain", "6.1"],
  ["bpf_cgrp_storage_get", "6.2"],
])("%s is there since %s", (name, since) => {
  expect(joined.get(name)?.since).toBe(since);
});

test("who may call what, as the kernel's tables had it", () => {
  const allowance = (name: string, where: string) =>
    joined.get(name)?.allowed.filter((one) => one.in.some((label) => label === where || label === where.split("/")[0]));
  expect(allowance("bpf_redirect_map", "KPROBE")).toEqual([]);
  expect(allowance("bpf_redirect_map", "XDP")).toMatchObject([{ since: "4.14" }]);
  // One bit per helper would be wrong: GPL-only but for perf events.
  expect(allowance("bpf_get_stackid", "KPROBE")?.at(-1)?.gpl).toBe(true);
  expect(allowance("bpf_get_stackid", "PERF_EVENT")?.at(-1)?.gpl).toBeUndefined();
  expect(allowance("bpf_ktime_get_ns", "XDP")).toMatchObject([{ maybe: "5.8" }, { until: "5.9", gpl: true }]);
  expect(allowance("bpf_ktime_get_coarse_ns", "KPROBE")).toMatchObject([{ since: "5.11", until: "5.15" }]);
  expect(allowance("bpf_copy_from_user", "KPROBE")).toMatchObject([{ since: "6.0", sleepable: true }]);
  expect(allowance("bpf_copy_from_user", "XDP")).toEqual([]);
  expect(allowance("bpf_bind", "CGROUP_SOCK_ADDR/BPF_CGROUP_INET4_CONNECT")).toHaveLength(1);
  expect(allowance("bpf_bind", "CGROUP_SOCK_ADDR/BPF_CGROUP_INET4_BIND")).toEqual([]);
});

test("what the verifier wants of arguments and results", () => {
  const kinds = (name: string) => joined.get(name)?.params.map(({ kind }) => kind);
  expect(kinds("bpf_map_update_elem")).toEqual(["map", "key", "value", "number"]);
  expect(kinds("bpf_probe_read_kernel")).toEqual(["memory", "size", "number"]);
  expect(kinds("bpf_skb_load_bytes")).toEqual(["context", "number", "memory", "size"]);
  expect(joined.get("bpf_probe_read_kernel")?.params[0]?.written).toBe(true);
  expect(joined.get("bpf_ringbuf_submit")?.params[0]).toMatchObject({ kind: "ring buffer record", releases: true });
  expect(joined.get("bpf_ringbuf_reserve")).toMatchObject({ result: "pointer or null", acquires: true });
  expect(joined.get("bpf_map_lookup_elem")?.result).toBe("pointer or null");
  expect(joined.get("bpf_probe_write_user")).toMatchObject({ needs: ["CAP_SYS_ADMIN"], lockdown: true });
  expect(joined.get("bpf_override_return")?.config).toEqual(["CONFIG_BPF_KPROBE_OVERRIDE"]);
  expect(joined.get("bpf_ringbuf_reserve")?.maps?.flatMap((one) => one.in)).toEqual(["RINGBUF"]);
});

test("no helper is without a program that may call it, and every label is a program type's", () => {
  const types = new Set(buildKnowledge(DATA).programTypes.map(({ name }) => name.replace("BPF_PROG_TYPE_", "")));
  for (const { name, allowed } of joined.values()) {
    expect(allowed.length, name).toBeGreaterThan(0);
    for (const label of allowed.flatMap((one) => one.in))
      expect(types, `${name}: ${label}`).toContain(label.split("/")[0]);
  }
});

test("reads a signature without the compiler's attributes", () => {
  const header = [
    "static __bpf_fastcall __u32 (* const bpf_get_smp_processor_id)(void) = (void *) 8;",
    "static long (* const bpf_trace_printk)(const char *fmt, __u32 fmt_size, ...) = (void *) 6;",
    "static struct bpf_sock *(* const bpf_sk_fullsock)(struct bpf_sock *sk) = (void *) 95;",
  ].join("\n");
  expect(parseSignatures(header)).toEqual([
    { name: "bpf_get_smp_processor_id", id: 8, returns: "__u32", params: [] },
    {
      name: "bpf_trace_printk",
      id: 6,
      returns: "long",
      params: [
        { type: "const char *", name: "fmt" },
        { type: "__u32", name: "fmt_size" },
        { type: "...", name: "" },
      ],
    },
    {
      name: "bpf_sk_fullsock",
      id: 95,
      returns: "struct bpf_sock *",
      params: [{ type: "struct bpf_sock *", name: "sk" }],
    },
  ]);
});

const ENUM = "enum bpf_func_id {\n\tBPF_FUNC_unspec,\n\tBPF_FUNC_tail_call, /* jump */\n\t__BPF_FUNC_MAX_ID,\n};\n";
const MACRO = `#define __BPF_FUNC_MAPPER(FN)\t\t\\
\tFN(unspec),\t\\
\tFN(tail_call), /* jump */\t\\
\tFN(redirect),

enum bpf_func_id {
\t__BPF_FUNC_MAPPER(__BPF_ENUM_FN)
};
`;
const NUMBERED = `#define ___BPF_FUNC_MAPPER(FN, ctx...)\t\t\\
\tFN(unspec, 0, ##ctx)\t\\
\tFN(tail_call, 12, ##ctx)\t\\
\t/* This helper list is effectively frozen. */

#define __BPF_FUNC_MAPPER_APPLY(name, value, FN) FN(name),
#define __BPF_FUNC_MAPPER(FN) ___BPF_FUNC_MAPPER(__BPF_FUNC_MAPPER_APPLY, FN)
`;

test("reads the three ways the header has listed helpers", () => {
  expect(helperNames(ENUM)).toEqual(["bpf_tail_call"]);
  expect(helperNames(MACRO)).toEqual(["bpf_tail_call", "bpf_redirect"]);
  expect(helperNames(NUMBERED)).toEqual(["bpf_tail_call"]);
});

test("keeps 6.10 apart from 6.1", () => {
  const text = "- name: helpers\n  features:\n    - name: bpf_x\n      version: 6.10\n      commit: 12e34\n";
  const docs = parseDocs(text, "helpers");
  expect(docs.get("bpf_x")).toEqual({ version: "6.10", commit: "12e34" });
  expect(compareVersions("6.10", "6.9")).toBeGreaterThan(0);
  expect(compareVersions("v6.10.0", "6.10")).toBe(0);
});

test("the header decides; ebpf-docs may only date what is in the oldest header", () => {
  const header = (name: string) => ENUM.replace("tail_call", name);
  const declare = (name: string, id: number) => `static long (* const bpf_${name})(void) = (void *) ${id};\n`;
  const feature = (name: string, version: string) => `    - {name: bpf_${name}, version: ${version}, commit: c0ffee}\n`;
  const files: Record<string, string> = {
    "libbpf:src/bpf_helper_defs.h": declare("old", 1) + declare("late", 2) + declare("early", 3),
    "ebpf-docs:data/feature-versions.yaml": `- name: helpers\n  features:\n${feature("old", "v3.19")}${feature("late", "v4.17")}${feature("early", "v4.1")}`,
    "iproute2:include/linux/bpf.h@v4.1.0": header("old,\n\tBPF_FUNC_late"),
    "iproute2:include/uapi/linux/bpf.h@v4.20.0": header("early"),
  };
  const upstreams = withKernel(
    {},
    {
      read: (upstream, path, ref) => files[`${upstream}:${path}${ref ? `@${ref}` : ""}`],
      refs: () => ["v4.1.0", "v4.20.0"],
    },
  );
  const { entries, disagreements } = helpersOf(upstreams, () => ({
    facts: { result: "number", allowed: [] },
    params: [],
  }));
  expect(entries.map(({ name, since, commit }) => [name, since, commit])).toEqual([
    ["bpf_early", "4.20", undefined],
    ["bpf_late", "4.1", undefined],
    ["bpf_old", "3.19", "c0ffee"],
  ]);
  expect(disagreements).toEqual([
    "bpf_late: 4.1 by iproute2:include/linux/bpf.h@v4.1.0, 4.17 by ebpf-docs",
    "bpf_early: 4.20 by iproute2:include/uapi/linux/bpf.h@v4.20.0, 4.1 by ebpf-docs",
  ]);
});
