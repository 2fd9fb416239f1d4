/** Verdicts: releases, intervals, distributions, kernels that were looked at, and what loaders put right. */

import { expect, test } from "vitest";
import { readFeatureProbe } from "../../../server/src/analysis/knowledge/feature-probe.ts";
import { type Feature, supports } from "../../../server/src/analysis/knowledge/supports.ts";
import { type KernelProfile, readTargets } from "../../../server/src/analysis/knowledge/target.ts";
import { kb } from "../../support/check.ts";

const XDP = { progType: "BPF_PROG_TYPE_XDP" };
const KPROBE = { progType: "BPF_PROG_TYPE_KPROBE" };
const FENTRY = { progType: "BPF_PROG_TYPE_TRACING", attachType: "BPF_TRACE_FENTRY" };

function verdict(target: string, feature: Feature, profile?: KernelProfile, loader?: string) {
  const { targets } = readTargets(target, { distribution: kb.distribution, profile: () => profile });
  const [only] = targets;
  if (only === undefined) throw new Error(`${target} is no target`);
  return supports(only, feature, kb, loader);
}
const answer = (...args: Parameters<typeof verdict>) => verdict(...args).answer;
const helper = (name: string, program?: Feature["program"]): Feature => ({
  kind: "helper",
  name,
  ...(program && { program }),
});

test("before, within and after an interval, and in the gap between two that were read", () => {
  expect(verdict("5.16", helper("bpf_loop"))).toEqual({ answer: "no", reason: "first in 5.17" });
  expect(verdict("5.17", helper("bpf_loop"))).toEqual({ answer: "yes", reason: "since 5.17" });
  expect(answer("5.11", helper("bpf_ktime_get_coarse_ns", KPROBE))).toBe("yes");
  expect(verdict("6.1", helper("bpf_ktime_get_coarse_ns", KPROBE))).toMatchObject({
    answer: "no",
    reason: "no longer from 5.15 on",
  });
  expect(verdict("5.8", helper("bpf_ringbuf_reserve", XDP))).toMatchObject({
    answer: "unknown",
    reason: "it came between 5.8 and 5.9",
  });
  expect(answer("5.7", helper("bpf_ringbuf_reserve", XDP))).toBe("no");
});

test("what the verifier can do has no name to look for: only where nothing was brought back a release tells that it lacks", () => {
  const loops: Feature = { kind: "ability", name: "bounded-loops" };
  expect(verdict("5.2", loops)).toEqual({ answer: "no", reason: "first in 5.3" });
  expect(verdict("5.3", loops)).toEqual({ answer: "yes", reason: "since 5.3" });
  expect(answer("host", loops, { release: "5.2.0", names: new Set() })).toBe("unknown");
  expect(answer("host", loops, { release: "6.1.0" })).toBe("yes");
  expect(answer("host", loops, {})).toBe("unknown");
  expect(answer("debian-11", { kind: "ability", name: "atomic-fetch" })).toBe("no");
  expect(answer("rhel-8.6", loops)).toBe("unknown");
  expect(answer("5.2", { kind: "ability", name: "flying" })).toBe("unknown");
});

test("a program decides: some never, some only when they may sleep, some only under the GPL", () => {
  expect(verdict("6.1", helper("bpf_redirect_map", KPROBE))).toEqual({
    answer: "no",
    reason: "no kernel lets KPROBE programs call this helper",
  });
  expect(answer("6.1", helper("bpf_redirect_map", XDP))).toBe("yes");
  expect(verdict("6.1", helper("bpf_copy_from_user", FENTRY))).toMatchObject({ answer: "yes", sleepable: true });
  expect(verdict("6.1", helper("bpf_get_stackid", KPROBE))).toMatchObject({ answer: "yes", gpl: true });
  expect(verdict("6.1", helper("bpf_get_stackid", { progType: "BPF_PROG_TYPE_PERF_EVENT" }))).not.toHaveProperty("gpl");
  expect(answer("6.5", { kind: "kfunc", name: "bpf_obj_new_impl", program: XDP })).toBe("no");
  expect(answer("6.8", { kind: "kfunc", name: "bpf_obj_new_impl", program: XDP })).toBe("yes");
  expect(answer("6.2", { kind: "kfunc", name: "bpf_rcu_read_lock", program: KPROBE })).toBe("yes");
});

test("types, flags and commands; what is in no release, and what nobody knows", () => {
  expect(answer("5.7", { kind: "map-type", name: "BPF_MAP_TYPE_RINGBUF" })).toBe("no");
  expect(answer("5.8", { kind: "map-type", name: "BPF_MAP_TYPE_RINGBUF" })).toBe("yes");
  expect(answer("4.6", { kind: "flag", name: "BPF_F_NO_PREALLOC" })).toBe("yes");
  expect(verdict("7.1", { kind: "map-type", name: "BPF_MAP_TYPE_RHASH" }).reason).toContain("no release yet");
  expect(answer("7.1", helper("bpf_make_coffee"))).toBe("unknown");
});

test("a distribution is not its number", () => {
  const ringbuf: Feature = { kind: "map-type", name: "BPF_MAP_TYPE_RINGBUF" };
  expect(answer("4.18", ringbuf)).toBe("no");
  expect(verdict("rhel-8.6", ringbuf)).toMatchObject({
    answer: "yes",
    reason: "Red Hat Enterprise Linux 8.6 has it as a backport",
  });
  expect(answer("rhel-8.6", helper("bpf_ringbuf_reserve", XDP))).toBe("yes");
  // Its backports are all known, and this is none of them.
  expect(answer("rhel-8.6", helper("bpf_loop"))).toBe("no");
  expect(answer("rhel-8.6", { kind: "program-type", name: "BPF_PROG_TYPE_LIRC_MODE2" })).toBe("no");
  // There from the start, here for programs that the release did not let call it yet: the list of names cannot tell.
  expect(answer("rhel-8.6", helper("bpf_ktime_get_ns", FENTRY))).not.toBe("no");
  expect(answer("ubuntu-20.04", ringbuf)).not.toBe("yes");
  expect(answer("ubuntu-22.04", ringbuf)).toBe("yes");
});

test("libbpf and cilium/ebpf mend what old kernels lack; others do not", () => {
  const read = helper("bpf_probe_read_kernel", KPROBE);
  expect(verdict("4.18", read)).toMatchObject({ answer: "yes", reason: "libbpf turns it into bpf_probe_read() there" });
  expect(answer("4.18", read, undefined, "cilium/ebpf")).toBe("yes");
  expect(answer("4.18", read, undefined, "bcc")).toBe("no");
});

test("a kernel that was looked at is believed before its number", () => {
  const names = new Set(["BPF_MAP_TYPE_HASH", "BPF_FUNC_map_lookup_elem", "bpf_rcu_read_lock"]);
  const profile = { release: "6.18.1", names };
  expect(answer("host", { kind: "map-type", name: "BPF_MAP_TYPE_ARENA" }, profile)).toBe("no");
  expect(answer("host", { kind: "map-type", name: "BPF_MAP_TYPE_HASH" }, profile)).toBe("yes");
  expect(answer("host", { kind: "kfunc", name: "bpf_rcu_read_lock", program: XDP }, profile)).toBe("yes");
  expect(answer("host", { kind: "kfunc", name: "bpf_obj_new_impl", program: XDP }, profile)).toBe("no");
  expect(answer("host", helper("bpf_map_lookup_elem", XDP), profile)).toBe("yes");
  expect(answer("host", helper("bpf_loop", XDP), profile)).toBe("no");
});

test("a feature probe answers for types and helpers, and for nothing else", () => {
  const probe = readFeatureProbe(`{
    "program_types": { "have_xdp_prog_type": true, "have_lsm_prog_type": false },
    "map_types": { "have_hash_map_type": true, "have_arena_map_type": false },
    "helpers": { "xdp_available_helpers": ["bpf_redirect_map"], "lsm_available_helpers": [] }
  }`);
  if (typeof probe === "string") throw new Error(probe);
  expect(answer("p.json", helper("bpf_redirect_map", XDP), { probe })).toBe("yes");
  expect(answer("p.json", helper("bpf_loop", XDP), { probe })).toBe("no");
  expect(answer("p.json", { kind: "map-type", name: "BPF_MAP_TYPE_ARENA" }, { probe })).toBe("no");
  expect(answer("p.json", { kind: "program-type", name: "BPF_PROG_TYPE_LSM" }, { probe })).toBe("no");
  expect(verdict("p.json", { kind: "flag", name: "BPF_F_MMAPABLE" }, { probe })).toEqual({
    answer: "unknown",
    reason: "the kernel's release is not known",
  });
});

test("a file that is no probe says what to do", () => {
  expect(readFeatureProbe("nonsense")).toContain("bpftool feature probe -j");
  expect(readFeatureProbe('{"a": 1}')).toContain("bpftool feature probe -j");
  expect(readFeatureProbe("[]")).toContain("bpftool feature probe -j");
});
