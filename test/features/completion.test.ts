import { execFileSync, spawnSync } from "node:child_process";
import { describe, expect, type TestContext, test } from "vitest";
import type { CompletionItem, TextEdit } from "vscode-languageserver-types";
import { allows } from "../../server/src/analysis/knowledge/number-rules.ts";
import { classifySection } from "../../server/src/analysis/knowledge/sections.ts";
import { applyEdits, linesOf } from "../../server/src/analysis/text.ts";
import { skeletons } from "../../server/src/features/complete/skeletons.ts";
import { type CompletionOptions, completeAt, completeInTurn, detailsOf, kb, modelOf } from "../support/check.ts";
import { fixture } from "../support/fixture.ts";

function labels(source: string, options?: CompletionOptions): readonly string[] | undefined {
  return completeAt(source, options)?.map(({ label }) => label);
}

function item(source: string, label: string, options?: CompletionOptions): CompletionItem {
  const found = completeAt(source, options)?.find((one) => one.label === label);
  if (found === undefined) throw new Error(`${label} is not offered`);
  return found;
}

/** The text after an item is accepted, its snippet with the default values and `$0` where the cursor ends up. */
function accept(source: string, label: string, options?: CompletionOptions): string {
  const { text, cursor } = fixture(source);
  const chosen = item(source, label, options);
  const edit = (chosen.textEdit as TextEdit | undefined) ?? wordEdit(text, cursor, chosen.insertText ?? chosen.label);
  return applyEdits(text, [{ ...edit, newText: filled(edit.newText) }, ...(chosen.additionalTextEdits ?? [])]);
}

function wordEdit(text: string, cursor = { line: 0, character: 0 }, newText: string): TextEdit {
  const lines = linesOf(text);
  const offset = lines.offsetAt(cursor);
  const start = offset - (/\w*$/.exec(text.slice(0, offset))?.[0].length ?? 0);
  const end = offset + (/^\w*/.exec(text.slice(offset))?.[0].length ?? 0);
  return { range: lines.rangeOf({ start, end }), newText };
}

function filled(snippet: string): string {
  const values = new Map<string, string>();
  const text = snippet.replace(/\$\{(\d+)(?::((?:\\.|[^}\\])*)|\|([^|]*)\|)\}/g, (_, stop: string, value, choices) => {
    values.set(stop, (value ?? choices.split(",")[0]).replace(/\\([\\$}])/g, "$1"));
    return values.get(stop) ?? "";
  });
  return text.replace(/\$([1-9])/g, (_, stop: string) => values.get(stop) ?? "").replace(/\\([\\$}])/g, "$1");
}

const XDP = 'SEC("xdp")\nint f(struct xdp_md *ctx)\n{\n\t$0\n}\n';
const inside = (section: string, code: string, params = "void *ctx"): string =>
  `SEC("${section}")\nint f(${params})\n{\n\t${code}\n}\n`;

describe("sections", () => {
  test("an empty string offers families, with the program type", () => {
    const offered = labels('SEC("$0")\nint f(void *ctx) { return 0; }') ?? [];
    for (const family of ["fentry/", "kprobe/", "xdp", "tc", "tracepoint/", "cgroup/", "uprobe/", "lsm/", "sockops"])
      expect(offered).toContain(family);
    expect(offered).not.toContain("cgroup/connect4");
    expect(item('SEC("$0")', "fentry/").detail).toContain("TRACING");
    expect(item('SEC("$0")', "cgroup/").detail).toContain("connect4");
  });

  test("the whole table can be reached", () => {
    const missing = kb.sections.filter(({ name }) => {
      const plain = name.replace(/\+$/, "");
      const label = name.endsWith("+") ? `${plain}/` : plain;
      return !(labels(`SEC("${plain.replace(/\/.*/, "")}$0")`) ?? []).includes(label);
    });
    expect(missing.map(({ name }) => name)).toEqual([]);
  });

  test("what is typed narrows it down; the string is replaced, its quote is kept", () => {
    expect(labels('SEC("fe$0")')).toContain("fentry/");
    expect(labels('SEC("fe$0")')).not.toContain("kprobe/");
    expect(accept('SEC("fe$0")', "fentry/")).toBe('SEC("fentry/")');
    expect(accept('SEC("fe$0ntry/do_exit")', "fexit/")).toBe('SEC("fexit/do_exit")');
    expect(accept('SEC("x$0yz")\nint f;', "xdp")).toBe('SEC("xdp")\nint f;');
    expect(accept('SEC("connect$0")', "cgroup/connect4")).toBe('SEC("cgroup/connect4")');
  });

  test("what is missing behind the string is added", () => {
    expect(accept('SEC("xd$0', "xdp")).toBe('SEC("xdp")');
    expect(accept('SEC("xd$0)\nint f(void *ctx)', "xdp")).toBe('SEC("xdp")\nint f(void *ctx)');
    expect(accept('SEC("$0\nint f(void *ctx) { return 0; }', "xdp")).toBe('SEC("xdp")\nint f(void *ctx) { return 0; }');
    expect(accept('SEC("kpr$0', "kprobe/")).toBe('SEC("kprobe/$0")');
  });

  test("a leading ? stays", () => {
    expect(accept('SEC("?fe$0")', "fentry/")).toBe('SEC("?fentry/")');
    expect(accept('SEC("?tp/sch$0")', "tp/sched/sched_switch")).toBe('SEC("?tp/sched/sched_switch")');
  });

  test("families ask again, targets do not", () => {
    expect(item('SEC("$0")', "fentry/").command?.command).toBe("editor.action.triggerSuggest");
    expect(item('SEC("tp/$0")', "tp/sched/").command?.command).toBe("editor.action.triggerSuggest");
    expect(item('SEC("tp/$0")', "tp/sched/sched_switch").command).toBeUndefined();
  });

  test("behind the slash there are targets", () => {
    expect(labels('SEC("tracepoint/$0")')).toContain("tracepoint/syscalls/");
    expect(labels('SEC("tracepoint/syscalls/$0")')).toContain("tracepoint/syscalls/sys_enter_openat");
    expect(labels('SEC("tp/net/$0")')).toContain("tp/net/netif_receive_skb");
    expect(labels('SEC("raw_tp/$0")')).toContain("raw_tp/sched_process_exec");
    expect(labels('SEC("tp_btf.s/$0")')).toEqual(["tp_btf.s/sys_enter", "tp_btf.s/sys_exit"]);
    expect(labels('SEC("iter/$0")')).toContain("iter/task_vma");
    expect(labels('SEC("lsm/$0")')).toContain("lsm/bprm_check_security");
    expect(labels('SEC("lsm.s/$0")')).not.toContain("lsm.s/task_free");
    expect(labels('SEC("ksyscall/$0")')).toContain("ksyscall/openat");
    expect(labels('SEC("cgroup/$0")')).toContain("cgroup/setsockopt");
    expect(labels('SEC("xdp/$0")')).toEqual(["xdp/cpumap", "xdp/devmap"]);
  });

  test("every target fits what libbpf expects", () => {
    for (const fact of kb.sections.filter(({ name }) => name.endsWith("+"))) {
      const base = fact.name.slice(0, -1);
      for (const { label, textEdit } of completeAt(`SEC("${base}/$0")`) ?? []) {
        const section = filled((textEdit as TextEdit).newText);
        if (section.endsWith("/")) continue;
        const meaning = classifySection(section, kb);
        expect(meaning?.fact.name, label).toBe(fact.name);
        expect(meaning?.target, label).toMatch(new RegExp(fact.targetRules?.pattern ?? "$^"));
      }
    }
  });

  test("targets that only the kernel knows are a pattern to fill in", () => {
    expect(accept('SEC("fentry/$0")', "fentry/[module:]function")).toBe('SEC("fentry/do_unlinkat")');
    expect(accept('SEC("usdt/$0', "usdt/path:provider:name")).toBe('SEC("usdt//usr/lib/libc.so.6:libc:setjmp")');
    const kept = 'SEC("kprobe/tcp_connect")\nint a(void *c) { return 0; }\n';
    expect(labels(`${kept}SEC("kretprobe/$0")\nint b(void *c) { return 0; }`)).toContain("kretprobe/tcp_connect");
  });

  test("struct_ops offers the operations of the file", () => {
    const source = `SEC("struct_ops/$0")
void BPF_PROG(init, struct sock *sk) { }

SEC(".struct_ops")
struct tcp_congestion_ops own = {
	.init = (void *)init,
	.ssthresh = (void *)ssthresh,
	.name = "own",
};`;
    expect(labels(source)).toEqual(["struct_ops/init", "struct_ops/ssthresh"]);
  });

  test("what a target lacks comes last and says why", () => {
    const offered = completeAt('SEC("$0")', { target: "4.18" }) ?? [];
    expect(offered.find(({ label }) => label === "fentry/")?.detail).toMatch(/^not on 4\.18: first in 5\.5/);
    const at = (label: string): number => offered.findIndex((one) => one.label === label);
    expect(at("fentry/")).toBeGreaterThan(at("lwt_in"));
    expect(at("kprobe/")).toBeLessThan(at("lwt_in"));
    expect(item('SEC("fentry/$0")', "fentry/[module:]function", { target: "4.18" }).detail).toContain("not on 4.18");
  });

  test("variables get the sections of data", () => {
    expect(labels('struct { int x; } m SEC("$0");')?.[0]).toBe(".maps");
    expect(labels('char LICENSE[] SEC("$0") = "GPL";')?.[0]).toBe("license");
    expect(labels('struct ops x SEC("$0") = {};')?.[0]).toBe(".struct_ops.link");
    expect(labels('char LICENSE[] SEC("$0")')).not.toContain("xdp");
    expect(accept('struct { int x; } m SEC("$0;', ".maps")).toBe('struct { int x; } m SEC(".maps");');
    expect(labels('SEC(".str$0")\nstruct ops x;')).toContain(".struct_ops.link");
  });

  test("a half-typed line above does not count", () => {
    expect(labels('int x\nSEC("$0")\nint f(void *c) { return 0; }')).toContain("xdp");
    expect(labels('int g(void) { if (x) {\n\nSEC("$0")\nint f(void *c) { return 0; }')).toContain("xdp");
  });
});

describe("loaders", () => {
  test("cilium/ebpf: its own table, no notation of libbpf's, no sections that it does not read", () => {
    const loader = "cilium/ebpf";
    expect(labels('SEC("$0")', { loader })).toEqual(
      expect.arrayContaining(["fentry/", "xdp", "tc", "cgroup/", "socket"]),
    );
    expect(labels('SEC("raw_tp.s$0")', { loader })).not.toContain("raw_tp.s/");
    expect(labels('SEC("raw_tp.s$0")')).toContain("raw_tp.s/");
    expect(labels('SEC("fentry/$0")', { loader })).toEqual(["fentry/function"]);
    expect(item('SEC("fen$0")', "fentry", { loader }).detail).toBe("TRACING · user space must say to what");
    expect(labels('SEC("uprobe/$0")', { loader })).toEqual([]);
    expect(labels('SEC("tp/sched/$0")', { loader })).toContain("tp/sched/sched_switch");
    expect(labels('struct ops x SEC("$0") = {};', { loader })).toContain(".struct_ops.link");
    const known = 'SEC("kprobe/tcp_connect")\nint a(void *c) { return 0; }\n';
    expect(labels(`${known}SEC("kretprobe/$0")\nint b(void *c) { return 0; }`, { loader })).toContain(
      "kretprobe/tcp_connect",
    );
  });

  test("aya: classifier, but no tc; no structures of operations", () => {
    const loader = "aya";
    expect(labels('SEC("$0")', { loader })).toContain("classifier");
    for (const section of ["tc", "usdt/", "netfilter", "struct_ops/", ".kconfig"])
      expect(labels('SEC("$0")', { loader }), section).not.toContain(section);
    expect(labels('SEC("cgroup/$0")', { loader })).toContain("cgroup/connect4");
    expect(labels('SEC("cgroup/$0")', { loader })).not.toContain("cgroup/connect_unix");
    expect(labels('struct ops x SEC("$0") = {};', { loader })).not.toContain(".struct_ops.link");
    expect(item("TC$0", "TC program", { loader }).detail).toBe("aya knows no section tc");
    expect(item("$0", "XDP program", { loader }).detail).not.toContain("aya");
  });

  test("ebpf-manager loads with cilium/ebpf, eunomia-bpf and libbpfgo with libbpf", () => {
    expect(labels('SEC("$0")', { loader: "ebpf-manager" })).toEqual(expect.arrayContaining(["xdp", "kprobe/"]));
    for (const loader of ["eunomia-bpf", "libbpfgo"])
      expect(labels('SEC("$0")', { loader })).toEqual(labels('SEC("$0")'));
  });

  test("iproute2: its own names, and those of what tc and ip load", () => {
    const offered = labels('SEC("$0")', { loader: "iproute2" }) ?? [];
    expect(offered).toEqual(expect.arrayContaining(["classifier", "action", "prog", "xdp", "tc", "lwt_in", ".maps"]));
    for (const section of ["kprobe/", "fentry/", "cgroup/", "tcx/"]) expect(offered).not.toContain(section);
  });

  test("bcc: no sections, but names of functions", () => {
    const loader = "bcc";
    expect(labels('SEC("$0")', { loader })).toEqual([]);
    expect(labels('SEC("xdp") int a;\nint kpro$0', { loader })).toContain("kprobe__");
    expect(labels('SEC("xdp") int a;\nint kpro$0')).not.toContain("kprobe__");
  });

  test("what may be called and returned follows from how this loader reads the section", () => {
    const loader = "cilium/ebpf";
    expect(labels(inside("xdp_pass", "return $0"), { loader })).toContain("XDP_PASS");
    expect(labels(inside("xdp_pass", "return $0"))).not.toContain("XDP_PASS");
    const detail = (code: string, name: string, options?: CompletionOptions) =>
      item(inside("xdp_pass", code), name, options).detail;
    expect(detail("bpf_get_stackid$0", "bpf_get_stackid", { loader })).toBe("not for XDP programs");
    expect(detail("bpf_get_stackid$0", "bpf_get_stackid")).toContain("long bpf_get_stackid(");
  });

  test("what is said of a section is what this loader makes of it", () => {
    const said = (section: string, label: string, loader: string) =>
      detailsOf(section, item(section, label, { loader }), { loader });
    expect(said('SEC("fen$0")', "fentry/", "libbpf")).toContain("`[module:]function`");
    expect(said('SEC("fen$0")', "fentry/", "aya")).not.toContain("[module:]");
    expect(said('SEC("fen$0")', "fentry/", "aya")).toContain("as aya reads it");
    for (const loader of ["aya", "libbpf"]) expect(said('SEC("$0")', "cgroup/", loader)).toContain("`cgroup/connect4`");
    expect(said('SEC("$0")', "xdp/", "libbpf")).toContain("`xdp/devmap`, `xdp/cpumap`");
    expect(said('SEC("tp/$0")', "tp/sched/", "libbpf")).toContain('SEC("tp")');
    expect(said('SEC("fentry/$0")', "fentry/[module:]function", "libbpf")).toContain("here `do_unlinkat`");
  });
});

describe("helpers", () => {
  test("those of this program come first, the others say why not", () => {
    const offered = completeAt(XDP.replace("$0", "bpf_s$0")) ?? [];
    const names = offered.map(({ label }) => label);
    expect(names).toContain("bpf_spin_lock");
    expect(names.indexOf("bpf_spin_lock")).toBeLessThan(names.indexOf("bpf_skb_store_bytes"));
    const barred = offered.find(({ label }) => label === "bpf_skb_store_bytes");
    expect(barred?.detail).toBe("not for XDP programs");
    expect(item(XDP.replace("$0", "bpf_$0"), "bpf_map_lookup_elem").detail).toContain("void *map, const void *key");
  });

  test("where there are too many, those that may be called are all there", () => {
    const names = labels(XDP.replace("$0", "bpf_$0"));
    expect(names).toEqual(
      expect.arrayContaining(["bpf_xdp_adjust_head", "bpf_redirect_map", "bpf_printk", "bpf_htons"]),
    );
    expect(names).not.toContain("bpf_skb_store_bytes");
  });

  test("arguments become stops; where the parenthesis stands only the name is put", () => {
    const chosen = item(XDP.replace("$0", "bpf_map_loo$0"), "bpf_map_lookup_elem");
    // biome-ignore lint/suspicious/noTemplateCurlyInString: the language of snippets
    expect(chosen.insertText).toBe("bpf_map_lookup_elem(${1:&map}, ${2:&key})");
    expect(accept(XDP.replace("$0", "bpf_map_loo$0(&m)"), "bpf_map_lookup_elem")).toContain(
      "\tbpf_map_lookup_elem(&m)\n",
    );
    const map = 'struct { __uint(type, BPF_MAP_TYPE_RINGBUF); } events SEC(".maps");\n';
    expect(accept(map + XDP.replace("$0", "bpf_ringbuf_res$0"), "bpf_ringbuf_reserve")).toContain(
      "bpf_ringbuf_reserve(&events, size, flags)",
    );
    expect(accept(XDP.replace("$0", "bpf_ktime_get_n$0"), "bpf_ktime_get_ns")).toContain("bpf_ktime_get_ns()");
  });

  test("the context has the name that the function gives it", () => {
    expect(accept(XDP.replace("ctx", "packet").replace("$0", "bpf_xdp_adjust_he$0"), "bpf_xdp_adjust_head")).toContain(
      "_head(packet, delta)",
    );
    const traced = 'SEC("fexit/x")\nint BPF_PROG(f, struct task_struct *t)\n{\n\tbpf_get_func_re$0\n}\n';
    expect(accept(traced, "bpf_get_func_ret")).toContain("bpf_get_func_ret(ctx, value)");
  });

  test("targets, sleep and licence count", () => {
    const code = XDP.replace("$0", "bpf_loo$0");
    expect(item(code, "bpf_loop", { target: "5.10" }).detail).toBe("not on 5.10: first in 5.17");
    expect(item(code, "bpf_loop", { target: "6.1" }).detail).toContain("long bpf_loop(");
    const copy = (section: string): string => inside(section, "bpf_copy_from_user$0");
    expect(item(copy("fentry/x"), "bpf_copy_from_user").detail).toBe("only in programs that may sleep");
    expect(item(copy("fentry.s/x"), "bpf_copy_from_user").detail).toContain("long bpf_copy_from_user(");
    const closed = `char L[] SEC("license") = "MIT";\n${inside("kprobe/x", "bpf_probe_read_ke$0")}`;
    expect(item(closed, "bpf_probe_read_kernel").detail).toBe("only under a GPL-compatible licence");
  });

  test("a function that programs call may call what all of them may", () => {
    const helper = "static int g(void) { bpf_skb_s$0 }\n";
    const xdp = 'SEC("xdp") int a(struct xdp_md *c) { return g(); }\n';
    const tc = 'SEC("tc") int b(struct __sk_buff *c) { return g(); }\n';
    expect(item(helper + xdp + tc, "bpf_skb_store_bytes").detail).toBe("not for XDP programs");
    expect(item(helper + tc, "bpf_skb_store_bytes").detail).toContain("long bpf_skb_store_bytes(");
    expect(item(helper, "bpf_skb_store_bytes").detail).toContain("long bpf_skb_store_bytes(");
  });

  test("what an extension may call no file says", () => {
    expect(item(inside("freplace/x", "bpf_skb_sto$0"), "bpf_skb_store_bytes").detail).toContain(
      "long bpf_skb_store_bytes(",
    );
  });

  test("details are made when an item is looked at", () => {
    const code = XDP.replace("$0", "bpf_red$0");
    const chosen = item(code, "bpf_redirect_map");
    expect(chosen.documentation).toBeUndefined();
    expect(detailsOf(code, chosen)).toContain("Here (XDP, BPF_XDP)");
    expect(detailsOf(code, { label: "other" })).toBeUndefined();
  });

  test("a list is short enough to be read", () => {
    for (const code of ["bpf_$0", "b$0", "_$0", "B$0", "$0"])
      expect(completeAt(XDP.replace("$0", code))?.length).toBeLessThanOrEqual(150);
  });

  test("a function of the file's own by that name is left alone", () => {
    expect(labels(`static int bpf_loop(int a) { return a; }\n${XDP.replace("$0", "bpf_loo$0")}`)).not.toContain(
      "bpf_loop",
    );
  });
});

describe("kfuncs, macros and constants", () => {
  test("a kfunc brings its declaration", () => {
    const code = `// About f.\n${inside("tp_btf/x", "bpf_rcu_read_lo$0")}`;
    expect(accept(code, "bpf_rcu_read_lock")).toBe(
      `extern void bpf_rcu_read_lock(void) __ksym;\n\n// About f.\n${inside("tp_btf/x", "bpf_rcu_read_lock()")}`,
    );
    expect(accept(inside("tp_btf/x", "bpf_task_from_p$0"), "bpf_task_from_pid")).toMatch(
      /^struct task_struct;\nextern struct task_struct \*bpf_task_from_pid\(s32 pid\) __ksym;\n/,
    );
  });

  test("one that is declared, or may be, brings none", () => {
    const code = inside("tp_btf/x", "bpf_rcu_read_lo$0");
    for (const lead of [
      "extern void bpf_rcu_read_lock(void) __ksym;\n",
      '#include "vmlinux.h"\n',
      '#include "bpf_experimental.h"\n',
    ])
      expect(item(lead + code, "bpf_rcu_read_lock").additionalTextEdits).toBeUndefined();
  });

  test("a kfunc that this program may not call says so", () => {
    expect(item(inside("socket", "bpf_task_from_p$0"), "bpf_task_from_pid").detail).toBe(
      "not for SOCKET_FILTER programs",
    );
  });

  test("libbpf's macros", () => {
    expect(item(XDP.replace("$0", "bpf_pri$0"), "bpf_printk").detail).toBe("<bpf/bpf_helpers.h>");
    expect(accept(XDP.replace("$0", "bpf_hto$0"), "bpf_htons")).toContain("bpf_htons(x)");
    expect(accept("SE$0", "SEC")).toBe('SEC("$0")');
    expect(labels("int BPF_PR$0")).toContain("BPF_PROG");
    expect(labels("int bpf_map_loo$0")).not.toContain("bpf_map_lookup_elem");
  });

  test("names of the kernel's header", () => {
    expect(labels(XDP.replace("$0", "int x = BPF_F_CURR$0"))).toContain("BPF_F_CURRENT_CPU");
    expect(item("int x = BPF_MAP_TYPE_RING$0;", "BPF_MAP_TYPE_RINGBUF", { target: "5.4" }).detail).toBe(
      "not on 5.4: first in 5.8",
    );
    expect(labels("#define KIND BPF_MAP_TYPE_HA$0")).toContain("BPF_MAP_TYPE_HASH");
  });

  test("constants, where the knowledge base has them", () => {
    if (!("constants" in kb.facts)) return;
    expect(item(XDP.replace("$0", "int x = ETH_P_IPV$0"), "ETH_P_IPV6").detail).toMatch(
      /0x86dd · <linux\/if_ether\.h>/i,
    );
  });
});

describe("map definitions", () => {
  const map = (body: string): string => `struct {\n${body}\n} m SEC(".maps");\n`;

  test("attributes that are not there yet and fit the type", () => {
    expect(labels(map("\t$0"))?.slice(0, 4)).toEqual([
      "__uint(type, …)",
      "__uint(max_entries, …)",
      "__type(key, …)",
      "__type(value, …)",
    ]);
    const hash = labels(map("\t__uint(type, BPF_MAP_TYPE_HASH);\n\t__type(key, __u32);\n\t$0"));
    expect(hash).toContain("__uint(max_entries, …)");
    for (const absent of [
      "__uint(type, …)",
      "__type(key, …)",
      "__uint(key_size, …)",
      "__array(values, …)",
      "__ulong(map_extra, …)",
    ])
      expect(hash).not.toContain(absent);
    expect(labels(map("\t__uint(type, BPF_MAP_TYPE_RINGBUF);\n\t$0"))).toEqual([
      "__uint(max_entries, …)",
      "__uint(map_flags, …)",
      "__uint(pinning, …)",
    ]);
    expect(labels(map("\t__uint(type, BPF_MAP_TYPE_TASK_STORAGE);\n\t$0"))).not.toContain("__uint(max_entries, …)");
    expect(labels(map("\t__uint(type, BPF_MAP_TYPE_PROG_ARRAY);\n\t$0"))).toContain("__array(values, …)");
    expect(labels(map("\t__uint(type, BPF_MAP_TYPE_BLOOM_FILTER);\n\t$0"))).toContain("__ulong(map_extra, …)");
  });

  test("what a type must have comes first, filled in", () => {
    const source = map("\t__uint(type, BPF_MAP_TYPE_LPM_TRIE);\n\t$0");
    expect(labels(source)?.[0]).toBe("__uint(map_flags, …)");
    expect(accept(source, "__uint(map_flags, …)")).toContain("__uint(map_flags, BPF_F_NO_PREALLOC);");
    expect(accept(map("\t__ui$0"), "__uint(type, …)")).toContain("\t__uint(type, $0);\n");
  });

  test("without the end, and for the maps that a map holds", () => {
    expect(
      labels('struct {\n\t__uint(type, BPF_MAP_TYPE_HASH);\n\t$0\n\nSEC("xdp") int f(void *c) { return 0; }'),
    ).toContain("__type(key, …)");
    const inner = labels(map("\t__uint(type, BPF_MAP_TYPE_ARRAY_OF_MAPS);\n\t__array(values, struct {\n\t\t$0\n\t});"));
    expect(inner).toContain("__uint(type, …)");
    expect(inner).not.toContain("__uint(pinning, …)");
    expect(labels("struct event {\n\t$0\n};") ?? []).not.toContain("__uint(type, …)");
    expect(
      labels('struct event {\n\tint x;\n\t$0\n};\nstruct { __uint(type, 1); } m SEC(".maps");') ?? [],
    ).not.toContain("__uint(type, …)");
  });

  test("types, those that are gone last", () => {
    const offered = labels(map("\t__uint(type, $0)")) ?? [];
    expect(offered[0]).toMatch(/^BPF_MAP_TYPE_(?:ARRAY|HASH)$/);
    expect(offered.slice(-2).every((name) => /CGROUP_STORAGE|RHASH|DEPRECATED/.test(name))).toBe(true);
    expect(item(map("\t__uint(type, $0)"), "BPF_MAP_TYPE_RINGBUF", { target: "5.4" }).detail).toBe(
      "not on 5.4: first in 5.8",
    );
    expect(labels(map("\t__uint(type, BPF_MAP_TYPE_LRU$0);"))).toEqual([
      "BPF_MAP_TYPE_LRU_HASH",
      "BPF_MAP_TYPE_LRU_PERCPU_HASH",
    ]);
    expect(labels("struct {\n\t__uint(type, $0")).toContain("BPF_MAP_TYPE_HASH");
  });

  test("flags that the kernel takes for the type, each once", () => {
    expect(labels(map("\t__uint(type, BPF_MAP_TYPE_LRU_HASH);\n\t__uint(map_flags, $0);"))).not.toContain(
      "BPF_F_NO_PREALLOC",
    );
    const more = labels(map("\t__uint(type, BPF_MAP_TYPE_HASH);\n\t__uint(map_flags, BPF_F_NO_PREALLOC | $0);"));
    expect(more).toContain("BPF_F_RDONLY_PROG");
    expect(more).not.toContain("BPF_F_NO_PREALLOC");
    expect(labels(map("\t__uint(type, BPF_MAP_TYPE_RINGBUF);\n\t__uint(map_flags, $0);"))).toEqual([
      "BPF_F_NUMA_NODE",
      "BPF_F_RB_OVERWRITE",
    ]);
  });

  test("a flag that came to a type later than the type says so", () => {
    const source = map("\t__uint(type, BPF_MAP_TYPE_RINGBUF);\n\t__uint(map_flags, $0);");
    expect(item(source, "BPF_F_RB_OVERWRITE", { target: "6.18" }).detail).toBe(
      "not on 6.18: RINGBUF takes it since 6.19",
    );
    expect(item(source, "BPF_F_RB_OVERWRITE", { target: "7.0" }).detail).toContain("flag");
  });

  test("what older kernels wanted counts where they are asked for", () => {
    const source = map("\t__uint(type, BPF_MAP_TYPE_DEVMAP);\n\t__type(value, $0);");
    expect(labels(source)).toEqual(["__u32", "struct bpf_devmap_val"]);
    expect(labels(source, { target: "6.1" })).toEqual(["__u32", "struct bpf_devmap_val"]);
    expect(labels(source, { target: "5.4, 6.1" })).toEqual(["__u32"]);
  });

  test("every definition of what is offered first is one that the kernel takes", () => {
    for (const { name, rules, since } of kb.facts.mapTypes) {
      if (rules === undefined || since === undefined || name === "BPF_MAP_TYPE_STRUCT_OPS") continue;
      const { key, value, entries, requires = [], inner } = rules;
      const written = definitionOf(name);
      const says = (attribute: string): string | undefined =>
        new RegExp(`\\(${attribute}, (.*)\\);`).exec(written)?.[1];
      expect(says("key") !== undefined, written).toBe(key.exactly !== 0);
      expect(says("value") !== undefined, written).toBe(value.exactly !== 0 && !inner);
      expect(says("max_entries") !== undefined, written).toBe(entries.exactly !== 0);
      for (const flag of requires) expect(says("map_flags"), written).toContain(flag);
      const made = modelOf(written).maps[0];
      for (const [rule, size] of [
        [key, made?.keySize],
        [value, made?.valueSize],
        [entries, made?.maxEntries],
      ] as const)
        if (size !== undefined && rule.exactly !== 0 && !(inner && rule === value))
          expect(allows(rule, size), written).toBe(true);
    }
  });

  test("sizes, pinning and types of keys", () => {
    expect(labels(map("\t__uint(type, BPF_MAP_TYPE_RINGBUF);\n\t__uint(max_entries, $0);"))?.[0]).toBe("256 * 1024");
    expect(labels(map("\t__uint(pinning, $0);"))?.[0]).toBe("LIBBPF_PIN_BY_NAME");
    expect(labels(`struct event { int x; };\n${map("\t__type(value, $0);")}`)).toContain("struct event");
    expect(labels(map("\t__uint(type, BPF_MAP_TYPE_ARRAY);\n\t__type(key, $0);"))).toEqual(["__u32"]);
    expect(labels(map("\t__uint($0);"))).toContain("max_entries");
    const lpm = (name: string, value: string): string =>
      map(`\t__uint(type, BPF_MAP_TYPE_LPM_TRIE);\n\t__type(${name}, ${value});`);
    const keys = "struct tiny { __u32 n; };\nstruct route { __u32 prefixlen; __u32 address; };\n";
    expect(labels(keys + lpm("key", "$0"))).toEqual(["struct route"]);
    expect(labels(keys + lpm("value", "$0"))).toContain("struct tiny");
    expect(accept(lpm("value", "__u32").replace("__type", "$0\n\t__type"), "__type(key, …)")).toContain(
      "__type(key, struct key);",
    );
    const stacks = "\t__uint(type, BPF_MAP_TYPE_STACK_TRACE);\n";
    expect(labels(map(`${stacks}\t__uint(value_size, $0);`))).toEqual(["sizeof(__u64[127])"]);
    expect(labels(map("\t__uint(type, BPF_MAP_TYPE_TASK_STORAGE);\n\t__uint(max_entries, $0);"))).toEqual(["0"]);
    expect(labels(map("\t__uint(type, BPF_MAP_TYPE_TASK_STORAGE);\n\t$0"))).not.toContain("__uint(key_size, …)");
    expect(item(map("\t__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);\n\t$0"), "__type(value, …)").detail).toBe(
      "the type of its values: 1 to 32768 bytes",
    );
    expect(item(map("\t__uint(type, BPF_MAP_TYPE_RINGBUF);\n\t$0"), "__uint(max_entries, …)").detail).toMatch(
      /^bytes: a power of two, and whole pages · libbpf: /,
    );
  });
});

describe("arguments and fields", () => {
  const maps = `struct { __uint(type, BPF_MAP_TYPE_HASH); __type(key, __u32); __type(value, __u64); } counts SEC(".maps");
struct { __uint(type, BPF_MAP_TYPE_RINGBUF); } events SEC(".maps");
`;

  test("maps that the helper takes", () => {
    expect(labels(maps + XDP.replace("$0", "bpf_map_lookup_elem(&$0"))).toEqual(["counts"]);
    expect(labels(maps + XDP.replace("$0", "bpf_ringbuf_reserve($0, 8, 0);"))).toEqual(["&events"]);
    expect(labels(maps + XDP.replace("$0", "bpf_map_update_elem(&co$0, &key, &value, 0);"))).toEqual(["counts"]);
    expect(item(maps + XDP.replace("$0", "bpf_map_lookup_elem($0)"), "&counts").detail).toBe("HASH · __u32 → __u64");
    expect(accept(maps + XDP.replace("$0", "bpf_map_lookup_elem(cou$0)"), "&counts")).toContain("elem(&counts)");
    expect(labels(maps + XDP.replace("$0", "own_function(&$0)"))).toEqual(["counts", "events"]);
  });

  test("a key is no map, and a comma asks for nothing else", () => {
    expect(labels(maps + XDP.replace("$0", "bpf_map_lookup_elem(&counts, &$0)"), { typed: "&" })).toEqual([]);
    expect(labels(maps + XDP.replace("$0", "own_function(1,$0)"), { typed: "," })).toEqual([]);
    expect(labels(XDP.replace("$0", "if ($0"), { typed: "(" })).toEqual([]);
    expect(labels(XDP.replace("$0", "x = a & $0"), { typed: "&" })).toEqual([]);
  });

  test("flags that the helper takes, here", () => {
    const flags = (code: string, section = "xdp") => labels(inside(section, code));
    expect(flags("bpf_ringbuf_output(&m, p, 8, $0);")).toEqual(["0", "BPF_RB_FORCE_WAKEUP", "BPF_RB_NO_WAKEUP"]);
    expect(flags("bpf_ringbuf_output(&m, p, 8, BPF_RB_NO_WAKEUP | $0);")).toEqual([
      "BPF_RB_FORCE_WAKEUP",
      "BPF_RB_NO_WAKEUP",
    ]);
    expect(flags("bpf_map_update_elem(&m, &k, &v, $0)")?.slice(0, 3)).toEqual([
      "BPF_ANY",
      "BPF_EXIST",
      "BPF_F_ALL_CPUS",
    ]);
    expect(flags("bpf_map_update_elem(&m, &k, &v, NOE$0)")).toEqual(["BPF_NOEXIST"]);
    expect(flags("bpf_redirect(1, $0)", "tc")).toEqual(["0", "BPF_F_INGRESS"]);
    expect(flags("bpf_redirect(1, $0)")).toEqual(["0"]);
    expect(flags("bpf_timer_init(t, &m, $0)")).toEqual(["CLOCK_BOOTTIME", "CLOCK_MONOTONIC", "CLOCK_REALTIME"]);
    expect(labels(inside("xdp", "bpf_ringbuf_output(&m, p,$0, 0)"), { typed: "," })).toEqual([]);
    expect(item(inside("xdp", "bpf_map_update_elem(&m, &k, &v, $0)"), "BPF_F_LOCK", { target: "4.18" }).detail).toMatch(
      /^not on 4\.18/,
    );
  });

  test("fields of the context, those of other programs last", () => {
    const offered = completeAt(XDP.replace("$0", "ctx->$0")) ?? [];
    expect(offered.map(({ label }) => label)).toEqual([
      "data",
      "data_end",
      "data_meta",
      "ingress_ifindex",
      "rx_queue_index",
      "egress_ifindex",
    ]);
    expect(offered[0]?.detail).toBe("__u32 (packet) · only read");
    expect(offered.at(-1)?.detail).toBe("not for XDP, BPF_XDP programs");
    expect(offered[0] && detailsOf(XDP.replace("$0", "ctx->$0"), offered[0])).toContain("field of `struct xdp_md`");
    expect(labels(XDP.replace("$0", "int x = ctx->da$0;\n\treturn 0;"))).toContain("data_end");
    expect(item(XDP.replace("$0", "ctx->$0"), "ingress_ifindex", { target: "4.15" }).detail).toMatch(
      /^not on 4\.15: first in/,
    );
    expect(labels(XDP.replace("$0", "other->$0"))).toEqual([]);
    expect(item(inside("tc", "skb->$0", "struct __sk_buff *skb"), "mark").detail).toContain("read and written");
  });
});

describe("return values", () => {
  const values = (section: string): readonly string[] | undefined => labels(inside(section, "return $0;"))?.slice(0, 6);

  test("of each kind of program", () => {
    expect(values("xdp")?.slice(0, 5).sort()).toEqual([
      "XDP_ABORTED",
      "XDP_DROP",
      "XDP_PASS",
      "XDP_REDIRECT",
      "XDP_TX",
    ]);
    expect(values("xdp/devmap")?.slice(0, 4)).not.toContain("XDP_TX");
    expect(values("tc")).toContain("TC_ACT_SHOT");
    expect(values("tcx/ingress")?.slice(0, 4)).toContain("TCX_NEXT");
    expect(values("netkit/primary")).toContain("NETKIT_PASS");
    expect(values("sk_lookup")?.slice(0, 2)).toEqual(["SK_PASS", "SK_DROP"]);
    expect(values("sk_skb/stream_parser")).not.toContain("SK_PASS");
    expect(values("netfilter")?.slice(0, 2).sort()).toEqual(["NF_ACCEPT", "NF_DROP"]);
    expect(values("cgroup/connect4")?.slice(0, 2)).toEqual(["1", "0"]);
    expect(values("cgroup/recvmsg4")?.slice(0, 2)).not.toContain("0");
    expect(values("cgroup_skb/egress")).toContain("3");
    expect(values("cgroup_skb/ingress")).not.toContain("3");
  });

  test("say what they mean", () => {
    expect(item(inside("xdp", "return $0;"), "XDP_TX").detail).toContain("3: the packet leaves");
    expect(item(inside("cgroup/sysctl", "return $0"), "0").detail).toBe("refuse with EPERM");
  });

  test("a value may be half typed; a function that is no program returns what it likes", () => {
    expect(labels(inside("xdp", "if (x) return XDP_D$0\n\treturn 0;"))?.[0]).toBe("XDP_DROP");
    expect(labels(`static int g(void) { return $0; }\n${inside("xdp", "return g();")}`)?.slice(0, 5)).not.toContain(
      "XDP_PASS",
    );
  });
});

describe("includes and licences", () => {
  test("headers, each once", () => {
    expect(labels("#include <$0")?.slice(0, 2)).toEqual(["vmlinux.h", "bpf/bpf_helpers.h"]);
    expect(labels("#include <linux/bpf.h>\n#include <$0>")).not.toContain("linux/bpf.h");
    expect(accept("#include <bpf/$0", "bpf/bpf_helpers.h")).toBe("#include <bpf/bpf_helpers.h>");
    expect(accept("#include <bpf/$0>\nint x;", "bpf/usdt.bpf.h")).toBe("#include <bpf/usdt.bpf.h>\nint x;");
    expect(accept('#include "vm$0"', "vmlinux.h")).toBe('#include "vmlinux.h"');
    expect(item('#include "vmlinux.h"\n#include <$0>', "linux/bpf.h").detail).toContain("vmlinux.h");
    expect(labels("#incl$0")).toBeUndefined();
  });

  test("an angle bracket asks for headers behind #include alone", () => {
    expect(labels("#include <$0", { typed: "<" })).toContain("bpf/bpf_helpers.h");
    for (const code of ["if (a <$0 b)", "if (a <$0", "bpf_map_lookup_elem(<$0", "return <$0", "x <<$0 1", "ctx-><$0"])
      expect(labels(XDP.replace("$0", code), { typed: "<" }), code).toBeUndefined();
    for (const source of ['SEC("<$0")', "#define LESS(a, b) a <$0 b", "#if X <$0", "<$0", "// #include <$0"])
      expect(labels(source, { typed: "<" }), source).toBeUndefined();
  });

  test("licences, as the kernel compares them", () => {
    const offered = completeAt('char LICENSE[] SEC("license") = "$0";') ?? [];
    expect(offered.filter(({ detail }) => detail === "GPL-compatible").map(({ label }) => label)).toEqual([
      "GPL",
      "GPL v2",
      "GPL and additional rights",
      "Dual BSD/GPL",
      "Dual MIT/GPL",
      "Dual MPL/GPL",
    ]);
    expect(offered.at(-1)?.detail).toBe("the kernel refuses GPL-only helpers");
    expect(accept('SEC("license") char _license[] = "Du$0', "Dual BSD/GPL")).toBe(
      'SEC("license") char _license[] = "Dual BSD/GPL";',
    );
  });
});

describe("skeletons", () => {
  test("stand at the beginning of a line outside of functions, and nowhere else", () => {
    expect(labels("$0")).toContain("XDP program");
    expect(labels(`${XDP.replace("$0", "")}\nbpf$0`)).toContain("Ring buffer map with reserve and submit");
    expect(labels(XDP)).not.toContain("XDP program");
    expect(labels("int x = $0")).not.toContain("XDP program");
    expect(labels("struct event {\n\t$0\n};")).not.toContain("XDP program");
  });

  test("bring the headers and types that are missing", () => {
    const lead = "#include <linux/bpf.h>\n#include <bpf/bpf_helpers.h>\n";
    expect(accept(`${lead}\n$0`, "fentry program")).toMatch(
      /^#include <linux\/bpf\.h>\n#include <bpf\/bpf_helpers\.h>\n#include <bpf\/bpf_tracing\.h>\n\nstruct filename;\n\nSEC\("fentry/,
    );
    expect(accept("$0", "XDP program")).toMatch(
      /^#include <linux\/bpf\.h>\n#include <bpf\/bpf_helpers\.h>\n\nSEC\("xdp"\)/,
    );
    expect(accept('#include "vmlinux.h"\n\n$0', "kprobe program")).toMatch(
      /^#include "vmlinux\.h"\n#include <bpf\/bpf_helpers\.h>\n#include <bpf\/bpf_tracing\.h>\n\nSEC\("kprobe/,
    );
  });

  describe.each(skeletons.map(({ title }) => [title] as const))("%s", (title) => {
    test("compiles as it is accepted", (ctx) => {
      const clang = needClang(ctx);
      for (const lead of ["", "#include <linux/bpf.h>\n#include <bpf/bpf_helpers.h>\n\n"]) {
        const code = accept(`${lead}$0`, title).replace("$0", "");
        expect(compile(clang, code)).toBe("");
      }
    });
  });
});

describe("silence", () => {
  test("in comments, plain strings, characters and numbers", () => {
    for (const code of [
      "// bpf_$0",
      "/* bpf_$0 */",
      "/* bpf_$0",
      'char *s = "bpf_$0";',
      'f("xd$0p");',
      "'b$0'",
      "x = 12$0;",
      "0x$0",
    ])
      expect(completeAt(XDP.replace("$0", code)), code).toBeUndefined();
    expect(completeAt('SEC("$0") // SEC', { typed: '"' })).toBeDefined();
    expect(completeAt('// SEC("$0")')).toBeUndefined();
    expect(completeAt("#define bpf_$0")).toBeUndefined();
    expect(completeAt("#ifdef BPF_$0")).toBeUndefined();
  });

  test("in a file that is no BPF", () => {
    const uri = "file:///plain.c";
    expect(completeAt("int f(void) { bpf_$0 }", { uri })).toBeUndefined();
    expect(completeAt('char *s = "$0";', { uri })).toBeUndefined();
    expect(completeAt('SEC("$0', { uri })).toBeDefined();
    expect(completeAt("#include <bpf/bpf_helpers.h>\nint f(void) { bpf_$0 }", { uri })).toBeDefined();
  });

  test("half-typed code never throws, wherever the cursor is", () => {
    const file = `#include <bpf/bpf_helpers.h>
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__type(key, __u32);
} m SEC(".maps");

SEC("kprobe/do_exit")
int BPF_KPROBE(f, long code)
{
	__u64 *v = bpf_map_lookup_elem(&m, &(__u32){1});
	if (v && ctx->di) return 0;
	for (int i = 0; i < 3; i++) { bpf_printk("%d", i, 'x'); }
	return 1;
}
char LICENSE[] SEC("license") = "GPL";
`;
    for (let at = 0; at <= file.length; at += 3) {
      expect(() => completeAt(`${file.slice(0, at)}$0${file.slice(at)}`)).not.toThrow();
      expect(() => completeAt(`${file.slice(0, at)}$0`)).not.toThrow();
    }
  });

  test("every edit stays on the line of the cursor and around it", () => {
    for (const source of [
      'SEC("fe$0ntry/x")',
      'SEC("tp/sched/sched$0")',
      'SEC("?$0',
      "#include <bpf/$0bpf.h>",
      'char L[] SEC("license") = "G$0PL";',
    ]) {
      const { cursor = { line: 0, character: 0 } } = fixture(source);
      for (const { textEdit } of completeAt(source) ?? []) {
        const { start, end } = (textEdit as TextEdit).range;
        expect(start.line === cursor.line && end.line === cursor.line).toBe(true);
        expect(start.character <= cursor.character && cursor.character <= end.character).toBe(true);
      }
    }
  });
});

/** What is offered for a type, each attribute with the value that is offered first. */
function definitionOf(type: string): string {
  let text = `struct {\n\t__uint(type, ${type});\n} m SEC(".maps");\n`;
  for (const attribute of ["max_entries", "key", "value", "map_flags"]) {
    const source = text.replace("\n} m", "\n\t$0\n} m");
    const label = labels(source)?.find((one) => one.includes(`(${attribute},`));
    if (label === undefined || (attribute === "map_flags" && kb.mapType(type)?.rules?.requires === undefined)) continue;
    const accepted = accept(source, label);
    text = accepted.includes("$0") ? accepted.replace("$0", labels(accepted)?.[0] ?? "") : accepted;
  }
  return text;
}

test("items that are kept from key to key are what would be made anew", () => {
  const view = { targets: [], loader: "libbpf" };
  const client = { sharesData: true, asksDetail: true };
  const map = (name: string, type = "HASH"): string =>
    `struct { __uint(type, BPF_MAP_TYPE_${type}); __uint(max_entries, 1); __type(key, int); __type(value, int); } ${name} SEC(".maps");\n`;
  const typed = "bpf_map_lookup_e$0";
  const asked = [
    map("counts") + inside("xdp", typed),
    map("others") + inside("xdp", typed),
    map("counts", "RINGBUF") + inside("xdp", typed),
    map("counts") + inside("xdp", `${typed}(&counts, 0)`),
    map("counts") + inside("kprobe/x", "bpf_xdp_adj$0"),
    map("counts") + inside("xdp", "bpf_xdp_adj$0", "struct xdp_md *packet"),
    inside("xdp", "bpf_xdp_ct_al$0"),
    `\n${inside("xdp", "bpf_xdp_ct_al$0")}`,
    `${inside("kprobe/x", "bpf_get_stack$0")}char LICENSE[] SEC("license") = "Proprietary";\n`,
    inside("kprobe/x", "bpf_get_stack$0"),
    inside("xdp", "BPF_CORE_RE$0"),
    inside("xdp", "BPF_F_NO_$0"),
  ];
  for (const source of [...asked, ...asked.toReversed(), ...asked]) {
    const kept = completeAt(source, { view, client });
    expect(kept).toEqual(completeAt(source, { client }));
    expect(kept?.length).toBeGreaterThan(0);
  }
});

const MAP = 'struct { __uint(type, BPF_MAP_TYPE_HASH); __type(key, int); __type(value, int); } counts SEC(".maps");\n';

/** Each list beside one that nothing was kept for. */
function expectAsAfresh(sources: readonly string[], beside: { readonly besideC?: readonly string[] } = {}): void {
  const client = { sharesData: true, asksDetail: true };
  const lists = completeInTurn(sources, { ...beside, client });
  lists.forEach((list, i) => {
    expect(list, sources[i]).toEqual(completeAt(sources[i] ?? "", { ...beside, client }));
  });
  expect(lists[1]?.length).toBeGreaterThan(0);
}

function keysOf(word: string): readonly string[] {
  return [...word].map((_, i) => word.slice(0, i + 1));
}

test.each([
  ["xdp", "bpf_map_lookup_elem"],
  ["xdp", "BPF_F_NO_PREALLOC"],
  ["xdp", "bpf_xdp_ct_alloc"],
  ["kprobe/x", "bpf_get_stack_id"],
  ["kprobe/x", "get_stack"],
  ["lsm/file_open", "bpf_ctx_"],
  ["xdp", "mapelem"],
])("in a program for %s, with each key of %s the list is what it would be without the key before", (section, word) => {
  const texts = keysOf(word);
  // Somebody takes some of it back, and writes something else.
  const others = [...texts.toReversed().slice(0, 4), "bpf_k", "bpf_kt", "XDP_", word];
  expectAsAfresh([...texts, ...others].map((text) => MAP + inside(section, `${text}$0`)));
});

test("with each key the list leaves out what another server for C shows, and has verdicts to return once", () => {
  const includes = "#include <linux/bpf.h>\n#include <bpf/bpf_helpers.h>\n";
  const typed = (text: string): string => `${includes}${MAP}${inside("xdp", text)}`;
  const sources = [
    ...keysOf("bpf_task_acquire").map((text) => typed(`${text}$0`)),
    ...keysOf("XDP_PASS").map((text) => typed(`return ${text}$0`)),
  ];
  expectAsAfresh(sources, { besideC: [] });
  expectAsAfresh(sources, { besideC: ["bpf/bpf_helpers.h"] });
  expectAsAfresh(sources);
});

test("what is kept in one program does not serve in another of the file", () => {
  const words = keysOf("bpf_get_stack");
  const inOne = (text: string): string => `${MAP}${inside("xdp", text)}`;
  const other = (text: string): string =>
    inside("kprobe/x", text, "struct pt_regs *regs").replace(/^(.*\bint )\w+\(/m, "$1other(");
  const sources = words.flatMap((word) => [inOne(`${word}$0`) + other(word), inOne(word) + other(`${word}$0`)]);
  expectAsAfresh(sources);
});

function needClang(ctx: TestContext): string {
  const clang = findClang();
  if (clang !== undefined) return clang;
  if (process.env["CI"] !== undefined) throw new Error("clang is required on CI");
  return ctx.skip("no clang: set HOOKPOINT_CLANG or install clang-14 or newer");
}

function findClang(): string | undefined {
  const own = process.env["HOOKPOINT_CLANG"];
  const candidates =
    own === undefined ? ["clang-19", "clang-18", "clang-17", "clang-16", "clang-15", "clang-14", "clang"] : [own];
  return candidates.find((name) => spawnSync(name, ["--version"]).status === 0);
}

/** What clang has to say. Skeletons that look into registers are compiled for one processor. */
function compile(command: string, code: string): string {
  const machine = execFileSync("uname", ["-m"], { encoding: "utf8" }).trim();
  const flags = ["-target", "bpf", "-g", "-O2", "-Wall", "-Werror", `-I/usr/include/${machine}-linux-gnu`];
  const arch = machine === "aarch64" ? "-D__TARGET_ARCH_arm64" : "-D__TARGET_ARCH_x86";
  const args = [...flags, arch, "-x", "c", "-c", "-", "-o", "/dev/null"];
  const { error, status, stderr } = spawnSync(command, args, { input: code, encoding: "utf8" });
  if (error !== undefined) throw error;
  return status === 0 ? "" : `${stderr}\n${code}`;
}
