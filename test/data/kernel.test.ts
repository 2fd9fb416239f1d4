/** Reading the kernel's tables, on a kernel of our own. */

import { expect, test } from "vitest";
import { intervals, next } from "../../data/tools/kernel/availability.mjs";
import { contextTables } from "../../data/tools/kernel/context-tables.mjs";
import { programContexts, sleeping } from "../../data/tools/kernel/contexts.mjs";
import { helperTables } from "../../data/tools/kernel/helper-tables.mjs";
import { kfuncTables } from "../../data/tools/kernel/kfunc-tables.mjs";
import { layoutOf, placeIn } from "../../data/tools/kernel/layout.mjs";
import { returnRanges } from "../../data/tools/kernel/return-ranges.mjs";
import { kernelSource, preprocessed, readKernel } from "../../data/tools/kernel/source.mjs";
import { MINI_KERNEL, sourcesOf, withKernel } from "../support/kernel.ts";

const kernel = kernelSource("v6.10.3", sourcesOf(MINI_KERNEL));
const helpers = helperTables(kernel);
const contexts = programContexts([]);
const context = (label: string) => {
  const found = contexts.find((one) => one.label === label);
  if (found === undefined) throw new Error(label);
  return found;
};
const [xdp, kprobe] = [context("XDP"), context("KPROBE")];

test("who gets which table follows calls, switches and conditions", () => {
  expect(helpers.proto("bpf_common", xdp)?.name).toBe("bpf_common_proto");
  expect(helpers.proto("bpf_lookup", xdp)).toMatchObject({ name: "bpf_lookup_proto", gpl: true });
  expect(helpers.proto("bpf_lookup", xdp, "CAP_PERFMON")).toBeUndefined();
  expect(helpers.proto("bpf_lookup", kprobe)).toBeUndefined();
  expect(helpers.has(context("SK_MSG"))).toBe(false);
});

test("a program that may sleep gets more, where the kernel lets it be sleepable", () => {
  const [napping, dozing] = [sleeping(kprobe), sleeping(context("TRACING/BPF_TRACE_FENTRY"))];
  expect(helpers.proto("bpf_nap", kprobe)).toBeUndefined();
  expect(napping && helpers.proto("bpf_nap", napping)?.name).toBe("bpf_common_proto");
  expect(napping && helpers.canSleep(napping)).toBe(true);
  expect(dozing && helpers.canSleep(dozing)).toBe(false);
  expect(sleeping(xdp)).toBeUndefined();
});

test("maps and helpers are matched both ways", () => {
  expect(helpers.mapFits("BPF_MAP_TYPE_PROG_ARRAY", "bpf_tail_call")).toBe(true);
  expect(helpers.mapFits("BPF_MAP_TYPE_PROG_ARRAY", "bpf_map_lookup_elem")).toBe(false);
  expect(helpers.mapFits("BPF_MAP_TYPE_HASH", "bpf_tail_call")).toBe(false);
  expect(helpers.mapFits("BPF_MAP_TYPE_HASH", "bpf_map_lookup_elem")).toBe(true);
});

test("members lie where a 64-bit compiler puts them", () => {
  const layout = layoutOf(kernel.files.get("include/uapi/linux/bpf.h") ?? "", "xdp_md");
  if (layout === undefined) throw new Error("no layout");
  const place = (member: string) => placeIn(layout, member);
  expect(place("mark[1]")).toEqual({ from: 12, to: 15 });
  expect(place("mark")).toEqual({ from: 8, to: 15 });
  expect(place("sk")).toEqual({ from: 16, to: 23 });
  expect([place("a"), place("b")]).toEqual([
    { from: 32, to: 35 },
    { from: 32, to: 39 },
  ]);
  expect(layout.size).toBe(40);
});

test("a field may be read, written, or neither", () => {
  const tables = contextTables(kernel);
  const access = (name: string) => {
    const member = tables.layout("xdp_md")?.members.find((one) => one.name === name);
    if (member === undefined) throw new Error(name);
    return tables.access(xdp, member);
  };
  expect(tables.structOf("BPF_PROG_TYPE_XDP")).toBe("xdp_md");
  expect(tables.structOf("BPF_PROG_TYPE_KPROBE")).toBeUndefined();
  expect(access("data")).toEqual({ read: true, write: false, pointer: "PTR_TO_PACKET" });
  expect(access("mark")).toEqual({ read: true, write: true });
  expect(access("sk")).toEqual({ read: true, write: false, pointer: "PTR_TO_SOCKET | PTR_MAYBE_NULL" });
  expect(access("port")).toEqual({ read: false, write: false });
});

test("return ranges come from the check of a program's end", () => {
  const rangeOf = returnRanges(kernel);
  expect(rangeOf(xdp)).toEqual({ low: 2, high: 3 });
  expect(rangeOf(context("CGROUP_SKB/BPF_CGROUP_INET_INGRESS"))).toEqual({ low: 0, high: 1 });
  expect(rangeOf(kprobe)).toBeUndefined();
});

test("a kfunc has its set, flags, types and prototype", () => {
  const kfunc = kfuncTables(kernel, ["BPF_PROG_TYPE_XDP", "BPF_PROG_TYPE_KPROBE"]).get("bpf_thing_get");
  expect(kfunc).toMatchObject({ sets: ["thing_ids"], flags: ["KF_ACQUIRE", "KF_RET_NULL"], filtered: false });
  expect([...(kfunc?.types ?? [])]).toEqual(["BPF_PROG_TYPE_XDP"]);
  expect(kfunc?.returns).toBe("struct thing *");
  expect(kfunc?.params).toEqual([
    { type: "u64", name: "id" },
    { type: "void *", name: "meta__ign" },
  ]);
});

test("every option is on, and an #else is for those who lack it", () => {
  const text = "#ifdef CONFIG_A\na\n#else\nb\n#endif\n#ifndef CONFIG_A\nc\n#endif\n#if 0\nd\n#elif 1\ne\n#endif";
  expect(preprocessed(text).match(/^\w$/gm)).toEqual(["a", "e"]);
});

test("intervals: gaps are said, ends too, and a backport in a point release is none", () => {
  const read = (...releases: string[]) => releases.map((release) => ({ release, late: release === "4.19" }));
  const has =
    (...states: (string | undefined)[]) =>
    (index: number) =>
      states[index];
  expect(intervals(read("5.4", "5.7"), has(undefined, "y"), [])).toEqual([
    { state: "y", interval: { since: "5.7", maybe: "5.5" } },
  ]);
  expect(intervals(read("5.4", "5.7"), has(undefined, "y"), ["5.7"])).toEqual([
    { state: "y", interval: { since: "5.7" } },
  ]);
  expect(intervals(read("5.4", "5.5", "5.6"), has("y", "g", undefined), ["5.4"])).toEqual([
    { state: "y", interval: { since: "5.4", until: "5.5" } },
    { state: "g", interval: { since: "5.5", until: "5.6" } },
  ]);
  expect(intervals(read("4.18", "4.19", "4.20", "5.0"), has(undefined, "y", undefined, "y"), [])).toEqual([
    { state: "y", interval: { since: "5.0" } },
  ]);
  expect([next("4.20"), next("5.19"), next("6.9")]).toEqual(["5.0", "6.0", "6.10"]);
});

test("a tree that is not the pinned one is refused", () => {
  const upstreams = withKernel({ "v6.10": {} }, { read: () => undefined, refs: () => [] });
  expect(readKernel(upstreams, "v6.10").release).toBe("6.10");
  expect(() => readKernel({ ...upstreams, digest: () => "0123456789abcdef" }, "v6.10")).toThrow("unchanged?");
});
