/** Map, program and attach types as committed, and the readers that made them. */

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { buildKnowledge } from "../../data/tools/build.mjs";
import { enumOf } from "../../data/tools/c-enum.mjs";
import { extract as attachTypes } from "../../data/tools/extract/attach-types.mjs";
import { extract as mapTypes } from "../../data/tools/extract/map-types.mjs";
import { readPins } from "../../data/tools/upstream.mjs";
import { compareVersions } from "../../data/tools/versions.mjs";
import type { EnumFact } from "../../server/src/analysis/knowledge/types.ts";

const DATA = join(import.meta.dirname, "../../data");
const knowledge = buildKnowledge(DATA);

/** As counted by hand in the header of the pinned revision; `first` is the number after the placeholder for none. */
describe.each([
  { kind: "map-types", joined: knowledge.mapTypes, prefix: "BPF_MAP_TYPE_", first: 1, numbers: 35, aliases: 2 },
  {
    kind: "program-types",
    joined: knowledge.programTypes,
    prefix: "BPF_PROG_TYPE_",
    first: 1,
    numbers: 32,
    aliases: 0,
  },
  { kind: "attach-types", joined: knowledge.attachTypes, prefix: "BPF_", first: 0, numbers: 62, aliases: 0 },
  { kind: "link-types", joined: knowledge.linkTypes, prefix: "BPF_LINK_TYPE_", first: 1, numbers: 15, aliases: 0 },
])("$kind", ({ kind, joined, prefix, first, numbers, aliases }) => {
  const text = readFileSync(join(DATA, `facts/${kind}.json`), "utf8");
  const facts: EnumFact[] = JSON.parse(text).entries;
  const types = joined.filter(({ aliasOf }) => aliasOf === undefined);

  test("all are there, numbered without gaps", () => {
    const found = types.map(({ number }) => number).sort((a, b) => a - b);
    expect(found).toEqual(Array.from({ length: numbers }, (_, index) => first + index));
    expect(joined.length).toBe(numbers + aliases);
  });

  test("one entry per line, sorted by name", () => {
    expect(text.split("\n").length).toBe(facts.length + 3);
    const names = facts.map(({ name }) => name);
    expect(names).toEqual([...new Set(names)].sort());
    for (const entry of facts) {
      expect(entry.name.startsWith(prefix), entry.name).toBe(true);
      if (entry.commit !== undefined) expect(entry.commit).toMatch(/^[0-9a-f]{40}$/);
    }
  });

  test("releases are strings and never fall as the numbers rise", () => {
    const latest = "99.0";
    const byNumber = [...types].sort((a, b) => a.number - b.number);
    for (const [index, { name, since }] of byNumber.entries()) {
      if (since !== undefined) expect(since, name).toMatch(/^\d+\.\d+$/);
      const before = byNumber[index - 1];
      if (before === undefined) continue;
      const order = compareVersions(before.since ?? latest, since ?? latest);
      expect(order, `${before.name}, ${name}`).toBeLessThanOrEqual(0);
    }
  });

  test("an alias has the number of the type it names", () => {
    const byName = new Map(types.map((type) => [type.name, type]));
    for (const { aliasOf, number } of joined)
      if (aliasOf !== undefined) expect(byName.get(aliasOf)?.number).toBe(number);
  });

  test("every source names an upstream", () => {
    const upstreams = Object.keys(readPins(DATA));
    for (const { name, source } of joined) {
      expect(source.length, name).toBeGreaterThan(0);
      for (const statement of source) expect(upstreams).toContain(/^([a-z0-9-]+):[^@]+(@.+)?$/.exec(statement)?.[1]);
    }
  });
});

test.each([
  ["BPF_MAP_TYPE_HASH", 1, "3.19"],
  ["BPF_MAP_TYPE_PROG_ARRAY", 3, "4.2"],
  ["BPF_MAP_TYPE_LPM_TRIE", 11, "4.11"],
  ["BPF_MAP_TYPE_CGROUP_STORAGE", 19, "4.19"],
  ["BPF_MAP_TYPE_CGROUP_STORAGE_DEPRECATED", 19, "6.2"],
  ["BPF_MAP_TYPE_RINGBUF", 27, "5.8"],
  ["BPF_MAP_TYPE_TASK_STORAGE", 29, "5.11"],
  ["BPF_MAP_TYPE_ARENA", 33, "6.9"],
  ["BPF_PROG_TYPE_SOCKET_FILTER", 1, "3.19"],
  ["BPF_PROG_TYPE_KPROBE", 2, "4.1"],
  ["BPF_PROG_TYPE_XDP", 6, "4.8"],
  ["BPF_PROG_TYPE_TRACING", 26, "5.5"],
  ["BPF_PROG_TYPE_LSM", 29, "5.7"],
  ["BPF_PROG_TYPE_SYSCALL", 31, "5.14"],
  ["BPF_PROG_TYPE_NETFILTER", 32, "6.4"],
  ["BPF_CGROUP_INET_INGRESS", 0, "4.10"],
  ["BPF_TRACE_FENTRY", 24, "5.5"],
  ["BPF_XDP", 37, "5.9"],
  ["BPF_TRACE_KPROBE_MULTI", 42, "5.18"],
  ["BPF_TCX_INGRESS", 46, "6.6"],
  ["BPF_TRACE_UPROBE_SESSION", 57, "6.13"],
])("%s is number %i since %s", (name, number, since) => {
  const all = [...knowledge.mapTypes, ...knowledge.programTypes, ...knowledge.attachTypes];
  expect(all.find((type) => type.name === name)).toMatchObject({ number, since });
});

test("both names of a deprecated map type say so", () => {
  const deprecated = knowledge.mapTypes.filter((type) => type.deprecated);
  expect(deprecated.map(({ name, aliasOf }) => [name, aliasOf])).toEqual([
    ["BPF_MAP_TYPE_CGROUP_STORAGE", undefined],
    ["BPF_MAP_TYPE_CGROUP_STORAGE_DEPRECATED", "BPF_MAP_TYPE_CGROUP_STORAGE"],
    ["BPF_MAP_TYPE_PERCPU_CGROUP_STORAGE", undefined],
    ["BPF_MAP_TYPE_PERCPU_CGROUP_STORAGE_DEPRECATED", "BPF_MAP_TYPE_PERCPU_CGROUP_STORAGE"],
  ]);
});

test("reads an enum as C does", () => {
  const source =
    "enum x {\n\tA, /* first, of = all */\n\tB = 4,\n\tC,\n\tD = A,\n\tE = B | 2,\n\tF,\n\tG = 1 << 16,\n};\nenum xy { Z };\n";
  const numbers = Object.fromEntries(enumOf(source, "x").map(({ name, number }) => [name, number]));
  expect(numbers).toEqual({ A: 0, B: 4, C: 5, D: 0, E: 6, F: 7, G: 65536 });
  expect(enumOf(source, "y")).toEqual([]);
  expect(() => enumOf("enum x { A = 1 + 3 };", "x")).toThrow('cannot tell the value of "1 + 3" in "1 + 3"');
  expect(() => enumOf("enum x { A(B) };", "x")).toThrow('enum x: cannot read "A(B)"');
});

/** Upstreams of one enum: the pinned header, ebpf-docs, and a header for each of two releases. */
function upstreams(name: string, group: string, { pinned, docs, first, second }: Record<string, string>) {
  const header = (body: string | undefined) => `enum ${name} {\n\t${body},\n\t__MAX_X\n};\n`;
  const files: Record<string, string> = {
    "libbpf:include/uapi/linux/bpf.h": header(pinned),
    "ebpf-docs:data/feature-versions.yaml": `- name: ${group}\n  features:\n${docs}`,
    "iproute2:include/linux/bpf.h@v4.1.0": header(first),
    "iproute2:include/uapi/linux/bpf.h@v4.20.0": header(second),
  };
  return {
    read: (upstream: string, path: string, ref?: string) => files[`${upstream}:${path}${ref ? `@${ref}` : ""}`],
    refs: () => ["v4.1.0", "v4.20.0"],
    readAll: () => [],
    digest: () => undefined,
  };
}

test("dates a name by its first header; a new name for an old number is an alias; what is unreleased has no date", () => {
  const { entries, disagreements } = mapTypes(
    upstreams("bpf_map_type", "map_types", {
      pinned: "T_UNSPEC, T_OLD_DEPRECATED, T_OLD = T_OLD_DEPRECATED, T_MID, T_NEW",
      docs: "    - {name: T_OLD, version: v3.19, commit: c0ffee}\n    - {name: T_MID, version: v4.19, commit: c0ffee}\n",
      first: "T_UNSPEC, T_OLD",
      second: "T_UNSPEC, T_OLD_DEPRECATED, T_OLD = T_OLD_DEPRECATED, T_MID",
    }),
  );
  const number = "libbpf:include/uapi/linux/bpf.h";
  const second = "iproute2:include/uapi/linux/bpf.h@v4.20.0";
  const docs = "ebpf-docs:data/feature-versions.yaml";
  expect(entries).toEqual([
    { name: "T_MID", number: 2, since: "4.20", source: [number, second] },
    { name: "T_NEW", number: 3, source: [number] },
    { name: "T_OLD", number: 1, deprecated: true, since: "3.19", commit: "c0ffee", source: [number, docs] },
    {
      name: "T_OLD_DEPRECATED",
      number: 1,
      aliasOf: "T_OLD",
      deprecated: true,
      since: "4.20",
      source: [number, second],
    },
  ]);
  expect(disagreements).toEqual([
    "T_OLD_DEPRECATED: not in ebpf-docs",
    `T_MID: 4.20 by ${second}, 4.19 by ebpf-docs`,
    "T_NEW: in no release up to v4.20.0",
  ]);
});

test("a number that changed, and a name that is gone, are disagreements", () => {
  const { disagreements } = attachTypes(
    upstreams("bpf_attach_type", "attach_types", {
      pinned: "T_A, T_B",
      docs: "    - {name: T_A, version: v4.1}\n    - {name: T_GONE, version: v4.1}\n",
      first: "T_A, T_GONE, T_B",
      second: "T_A, T_B",
    }),
  );
  expect(disagreements).toEqual([
    "T_B: not in ebpf-docs",
    "T_GONE = 1: in iproute2:include/linux/bpf.h@v4.1.0, not in libbpf",
    "T_B = 2: in iproute2:include/linux/bpf.h@v4.1.0, not in libbpf",
    "T_GONE: in ebpf-docs, not in libbpf",
  ]);
});

test("an enum that is not there is an error", () => {
  const empty = upstreams("bpf_link_type", "map_types", { pinned: "T_A", docs: "", first: "T_A", second: "T_A" });
  expect(() => mapTypes(empty)).toThrow("libbpf: include/uapi/linux/bpf.h has no enum bpf_map_type");
});
