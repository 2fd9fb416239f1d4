import { expect, test } from "vitest";
import { knowledgeBase } from "../../../server/src/analysis/knowledge/knowledge-base.ts";
import { classifySection, dataSection } from "../../../server/src/analysis/knowledge/sections.ts";
import type { SectionFact } from "../../../server/src/analysis/knowledge/types.ts";
import { kb } from "../../support/check.ts";
import { knowledgeOf } from "../../support/knowledge.ts";

/** Program type and attach type without what all of them begin with. */
function typesOf(name: string): string | undefined {
  const section = classifySection(name, kb);
  if (section === undefined) return undefined;
  const { progType, attachType = "" } = section;
  return `${progType.replace("BPF_PROG_TYPE_", "")} ${attachType}`.trim();
}

test.each([
  ["socket", "SOCKET_FILTER", undefined],
  ["kprobe", "KPROBE", undefined],
  ["kprobe/do_exit", "KPROBE", "do_exit"],
  ["kprobe/", "KPROBE", ""],
  ["kprobe/do_exit+0x10", "KPROBE", "do_exit+0x10"],
  ["kprobe/nf_tables:nft_do_chain", "KPROBE", "nf_tables:nft_do_chain"],
  ["kretprobe/vfs_read", "KPROBE", "vfs_read"],
  ["kprobe.multi/tcp_*", "KPROBE BPF_TRACE_KPROBE_MULTI", "tcp_*"],
  ["kprobe.session/tcp_*", "KPROBE BPF_TRACE_KPROBE_SESSION", "tcp_*"],
  ["ksyscall/openat", "KPROBE", "openat"],
  ["uprobe//usr/bin/bash:readline", "KPROBE", "/usr/bin/bash:readline"],
  ["uprobe/libc.so.6:malloc", "KPROBE", "libc.so.6:malloc"],
  ["uprobe.s//proc/self/exe:f", "KPROBE", "/proc/self/exe:f"],
  ["uprobe.multi.s//bin/x:f*", "KPROBE BPF_TRACE_UPROBE_MULTI", "/bin/x:f*"],
  ["usdt", "KPROBE", undefined],
  ["usdt//usr/lib/libc.so.6:libc:setjmp", "KPROBE", "/usr/lib/libc.so.6:libc:setjmp"],
  ["tp/syscalls/sys_enter_openat", "TRACEPOINT", "syscalls/sys_enter_openat"],
  ["tracepoint/sched/sched_switch", "TRACEPOINT", "sched/sched_switch"],
  ["tp/sched_switch", "TRACEPOINT", "sched_switch"],
  ["raw_tp/sys_enter", "RAW_TRACEPOINT", "sys_enter"],
  ["raw_tp.w/x", "RAW_TRACEPOINT_WRITABLE", "x"],
  ["tp_btf/sched_switch", "TRACING BPF_TRACE_RAW_TP", "sched_switch"],
  ["fentry", "TRACING BPF_TRACE_FENTRY", undefined],
  ["fentry/do_unlinkat", "TRACING BPF_TRACE_FENTRY", "do_unlinkat"],
  ["fentry.multi/vfs_*", "TRACING BPF_TRACE_FENTRY_MULTI", "vfs_*"],
  ["fexit/do_unlinkat", "TRACING BPF_TRACE_FEXIT", "do_unlinkat"],
  ["fmod_ret/security_file_open", "TRACING BPF_MODIFY_RETURN", "security_file_open"],
  ["freplace/handler", "EXT", "handler"],
  ["lsm/file_open", "LSM BPF_LSM_MAC", "file_open"],
  ["lsm_cgroup/socket_bind", "LSM BPF_LSM_CGROUP", "socket_bind"],
  ["iter/task", "TRACING BPF_TRACE_ITER", "task"],
  ["syscall", "SYSCALL", undefined],
  ["xdp", "XDP BPF_XDP", undefined],
  ["xdp.frags", "XDP BPF_XDP", undefined],
  ["xdp/cpumap", "XDP BPF_XDP_CPUMAP", undefined],
  ["xdp.frags/devmap", "XDP BPF_XDP_DEVMAP", undefined],
  ["tc", "SCHED_CLS", undefined],
  ["tc/ingress", "SCHED_CLS BPF_TCX_INGRESS", undefined],
  ["classifier", "SCHED_CLS", undefined],
  ["action", "SCHED_ACT", undefined],
  ["cgroup/skb", "CGROUP_SKB", undefined],
  ["cgroup_skb/ingress", "CGROUP_SKB BPF_CGROUP_INET_INGRESS", undefined],
  ["cgroup/connect4", "CGROUP_SOCK_ADDR BPF_CGROUP_INET4_CONNECT", undefined],
  ["cgroup/connect_unix", "CGROUP_SOCK_ADDR BPF_CGROUP_UNIX_CONNECT", undefined],
  ["sockops", "SOCK_OPS BPF_CGROUP_SOCK_OPS", undefined],
  ["sk_skb/stream_verdict", "SK_SKB BPF_SK_SKB_STREAM_VERDICT", undefined],
  ["perf_event", "PERF_EVENT", undefined],
  ["struct_ops/init", "STRUCT_OPS", "init"],
  ["struct_ops.s", "STRUCT_OPS", undefined],
  ["netfilter", "NETFILTER BPF_NETFILTER", undefined],
])("%s is %s with target %j", (name, types, target) => {
  expect(typesOf(name)).toBe(types);
  expect(classifySection(name, kb)).toMatchObject({ autoload: true, target });
  // The mark for "not by itself" changes nothing else.
  expect(classifySection(`?${name}`, kb)).toEqual({ ...classifySection(name, kb), autoload: false });
});

test.each([
  "",
  "?",
  "??xdp",
  " xdp",
  "XDP",
  "xdp/foo",
  "xdp_prog",
  "xdp.frags/foo",
  "xdp/cpumap/x",
  "tc/foo",
  "tcx",
  "classifier/x",
  "action/x",
  "socket/http",
  "perf_event/x",
  "sockops/x",
  "cgroup",
  "cgroup/",
  "cgroup/connect",
  "cgroup/connect_unix4",
  "cgroup_skb",
  "kprobes/x",
  "kprobe.s/x",
  "kprobe.multi.s/x",
  "kprobe+",
  "tracepoint:cat:name",
  "tp:sched/sched_switch",
  "fmod_ret.multi/x",
  "kfunc/x",
  "netkit",
  "syscall/x",
  "prog",
  ".text",
  "maps",
  ".maps",
  "license",
])("%j makes no program", (name) => {
  expect(classifySection(name, kb)).toBeUndefined();
});

test.each([
  ["fentry.s/x", true],
  ["fentry/x", false],
  ["lsm.s/file_open", true],
  ["lsm/file_open", false],
  ["iter.s/task", true],
  ["uprobe.s", true],
  ["usdt.s/x:y:z", true],
  ["tp_btf.s/x", true],
  ["struct_ops.s/x", true],
  ["syscall", true],
  ["xdp.frags", false],
])("%s may sleep: %s", (name, sleepable) => {
  expect(classifySection(name, kb)?.sleepable).toBe(sleepable);
});

test("every pattern stands for itself, and for a target where it takes one", () => {
  for (const fact of kb.sections) {
    const plain = fact.name.replace("+", "");
    expect(classifySection(plain, kb)?.fact).toBe(fact);
    if (fact.name.endsWith("+")) expect(classifySection(`${plain}/x`, kb)).toMatchObject({ fact, target: "x" });
  }
});

test("the first pattern in libbpf's order decides, and one that ends with a slash needs a target", () => {
  const fact = (name: string, order: number): SectionFact => ({ ...(kb.sections[0] as SectionFact), name, order });
  const json = knowledgeOf({ sections: [fact("a+", 2), fact("a/b", 0), fact("c/", 1)] });
  const own = knowledgeBase(json);
  expect(classifySection("a/b", own)).toMatchObject({ fact: { name: "a/b" }, target: undefined });
  expect(classifySection("a/c", own)).toMatchObject({ fact: { name: "a+" }, target: "c" });
  expect(classifySection("c/d", own)).toMatchObject({ fact: { name: "c/" }, target: "d" });
  expect(classifySection("c", own)).toBeUndefined();
});

test.each([
  [".maps", "maps"],
  ["maps", "legacy-maps"],
  ["maps/events", "legacy-maps"],
  ["license", "license"],
  ["version", "version"],
  [".rodata", "rodata"],
  [".rodata.str1.1", "rodata"],
  [".data", "data"],
  [".data.counters", "data"],
  [".bss", "bss"],
  [".bss.a", "bss"],
  [".kconfig", "kconfig"],
  [".ksyms", "ksyms"],
  [".struct_ops", "struct-ops"],
  [".struct_ops.link", "struct-ops-link"],
  ["?.struct_ops.link", "struct-ops-link"],
  [".addr_space.1", "arena"],
  [".rodata2", undefined],
  [".maps.x", undefined],
  ["license/x", undefined],
  ["?.maps", undefined],
  [".text", undefined],
  ["xdp", undefined],
  ["", undefined],
])("data in %j: %s", (name, kind) => {
  expect(dataSection(name)).toBe(kind);
});

test("looks up types by the names of the C source", () => {
  expect(kb.mapType("BPF_MAP_TYPE_RINGBUF")).toMatchObject({ number: 27, since: "5.8" });
  expect(kb.mapType("BPF_MAP_TYPE_CGROUP_STORAGE_DEPRECATED")?.aliasOf).toBe("BPF_MAP_TYPE_CGROUP_STORAGE");
  expect(kb.programType("BPF_PROG_TYPE_XDP")).toMatchObject({ number: 6, since: "4.8" });
  expect(kb.attachType("BPF_XDP_CPUMAP")).toMatchObject({ number: 35, since: "5.9" });
  expect(kb.mapType("BPF_MAP_TYPE_UNSPEC")).toBeUndefined();
  expect(kb.mapType("toString")).toBeUndefined();
});
