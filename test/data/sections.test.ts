/** The section facts as committed, the reader that made them, and libbpf's own verdict where it is installed. */

import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, type TestContext, test } from "vitest";
import { buildKnowledge } from "../../data/tools/build.mjs";
import { parseSections } from "../../data/tools/extract/sections.mjs";
import { knowledgeBase } from "../../server/src/analysis/knowledge/knowledge-base.ts";
import { classifySection } from "../../server/src/analysis/knowledge/sections.ts";
import type { SectionFact } from "../../server/src/analysis/knowledge/types.ts";

const DATA = join(import.meta.dirname, "../../data");
const text = readFileSync(join(DATA, "facts/sections.json"), "utf8");
const facts: SectionFact[] = JSON.parse(text).entries;
const kb = knowledgeBase(buildKnowledge(DATA));

/** Written by hand: what can stand in `SEC()`, by the program type it makes. */
const KNOWN: Record<string, string> = {
  SOCKET_FILTER: "socket",
  SK_REUSEPORT: "sk_reuseport sk_reuseport/migrate",
  KPROBE: `kprobe+ kretprobe+ kprobe.multi+ kretprobe.multi+ kprobe.session+ ksyscall+ kretsyscall+ usdt+ usdt.s+
    uprobe+ uprobe.s+ uretprobe+ uretprobe.s+ uprobe.multi+ uprobe.multi.s+ uretprobe.multi+ uretprobe.multi.s+
    uprobe.session+ uprobe.session.s+`,
  SCHED_CLS: "tc tc/ingress tc/egress tcx/ingress tcx/egress classifier netkit/primary netkit/peer",
  SCHED_ACT: "action",
  TRACEPOINT: "tracepoint+ tracepoint.s+ tp+ tp.s+",
  RAW_TRACEPOINT: "raw_tracepoint+ raw_tracepoint.s+ raw_tp+ raw_tp.s+",
  RAW_TRACEPOINT_WRITABLE: "raw_tracepoint.w+ raw_tp.w+",
  TRACING: `tp_btf+ tp_btf.s+ fentry+ fentry.s+ fentry.multi+ fentry.multi.s+ fexit+ fexit.s+ fexit.multi+ fexit.multi.s+
    fmod_ret+ fmod_ret.s+ fsession+ fsession.s+ fsession.multi+ fsession.multi.s+ iter+ iter.s+`,
  EXT: "freplace+",
  LSM: "lsm+ lsm.s+ lsm_cgroup+",
  SYSCALL: "syscall",
  XDP: "xdp xdp/devmap xdp/cpumap xdp.frags xdp.frags/devmap xdp.frags/cpumap",
  PERF_EVENT: "perf_event",
  LWT_IN: "lwt_in",
  LWT_OUT: "lwt_out",
  LWT_XMIT: "lwt_xmit",
  LWT_SEG6LOCAL: "lwt_seg6local",
  SOCK_OPS: "sockops",
  SK_SKB: "sk_skb sk_skb/stream_parser sk_skb/stream_verdict sk_skb/verdict",
  SK_MSG: "sk_msg",
  LIRC_MODE2: "lirc_mode2",
  FLOW_DISSECTOR: "flow_dissector",
  CGROUP_SKB: "cgroup_skb/ingress cgroup_skb/egress cgroup/skb",
  CGROUP_SOCK: "cgroup/sock cgroup/sock_create cgroup/sock_release cgroup/post_bind4 cgroup/post_bind6",
  CGROUP_SOCK_ADDR: `cgroup/bind4 cgroup/bind6 cgroup/connect4 cgroup/connect6 cgroup/connect_unix
    cgroup/sendmsg4 cgroup/sendmsg6 cgroup/sendmsg_unix cgroup/recvmsg4 cgroup/recvmsg6 cgroup/recvmsg_unix
    cgroup/getpeername4 cgroup/getpeername6 cgroup/getpeername_unix
    cgroup/getsockname4 cgroup/getsockname6 cgroup/getsockname_unix`,
  CGROUP_SYSCTL: "cgroup/sysctl",
  CGROUP_SOCKOPT: "cgroup/getsockopt cgroup/setsockopt",
  CGROUP_DEVICE: "cgroup/dev",
  STRUCT_OPS: "struct_ops+ struct_ops.s+",
  SK_LOOKUP: "sk_lookup",
  NETFILTER: "netfilter",
};

test("all patterns are there, each with its program type", () => {
  const known = Object.entries(KNOWN).flatMap(([type, patterns]) =>
    patterns.split(/\s+/).map((pattern) => `${pattern} BPF_PROG_TYPE_${type}`),
  );
  expect(facts.map(({ name, progType }) => `${name} ${progType}`).sort()).toEqual(known.sort());
  expect(facts.length).toBe(116);
});

test("one entry per line, sorted by name, with libbpf's order kept as a number", () => {
  expect(text.split("\n").length).toBe(facts.length + 3);
  const names = facts.map(({ name }) => name);
  expect(names).toEqual([...new Set(names)].sort());
  expect(kb.sections.map(({ order }) => order)).toEqual(facts.map((_, index) => index));
  expect(kb.sections[0]?.name).toBe("socket");
});

test("every program and attach type is one of the kernel's", () => {
  for (const { name, progType, attachType } of kb.sections) {
    expect(kb.programType(progType), name).toBeDefined();
    if (attachType !== undefined) expect(kb.attachType(attachType), name).toBeDefined();
  }
});

test("every program type has a section", () => {
  const made = new Set(facts.map(({ progType }) => progType));
  for (const { name } of buildKnowledge(DATA).programTypes) expect(made).toContain(name);
});

test("flags go with their families", () => {
  const withFlag = (flag: "attachBtf" | "sleepable" | "frags" | "usdt" | "autoAttach" | "attachOptional") =>
    kb.sections.filter((section) => section[flag]).map(({ name }) => name);
  expect(withFlag("usdt")).toEqual(["usdt+", "usdt.s+"]);
  expect(withFlag("frags")).toEqual(["xdp.frags/devmap", "xdp.frags/cpumap", "xdp.frags"]);
  const sleepable = facts.map(({ name }) => name).filter((name) => /\.s\+$/.test(name) || name === "syscall");
  expect(withFlag("sleepable").sort()).toEqual(sleepable);
  const btf = /^(?:tp_btf|fentry|fexit|fmod_ret|fsession|lsm|iter)(?:\.s)?\+$|^(?:freplace|lsm_cgroup)\+$/;
  expect(withFlag("attachBtf").sort()).toEqual(facts.map(({ name }) => name).filter((name) => btf.test(name)));
  expect(withFlag("autoAttach")).toContain("kprobe+");
  expect(withFlag("autoAttach")).not.toContain("usdt.s+");
  expect(withFlag("autoAttach").every((name) => name.endsWith("+"))).toBe(true);
  expect(withFlag("attachOptional")).toContain("xdp");
});

const SOURCE = `enum sec_def_flags {
	SEC_NONE = 0,
	SEC_EXP_ATTACH_OPT = 1, /* optional */
	SEC_ATTACHABLE = 2,
	SEC_ATTACHABLE_OPT = SEC_ATTACHABLE | SEC_EXP_ATTACH_OPT,
	SEC_ATTACH_BTF = 4,
	SEC_SLEEPABLE = 8,
	SEC_XDP_FRAGS = 16,
	SEC_USDT = 32,
};
static const struct bpf_sec_def section_defs[] = {
	SEC_DEF("tc",			SCHED_CLS, 0, SEC_NONE), /* old, use "tcx" */
	SEC_DEF("a.s+",	TRACING, BPF_TRACE_ITER, SEC_ATTACH_BTF | SEC_SLEEPABLE, attach_iter),
	SEC_DEF("b/c",LSM, BPF_LSM_MAC, SEC_ATTACHABLE_OPT),
};
`;

test("reads libbpf's table", () => {
  const none = {
    attachable: false,
    attachOptional: false,
    attachBtf: false,
    sleepable: false,
    frags: false,
    usdt: false,
  };
  const source = ["libbpf:src/libbpf.c"];
  expect(parseSections(SOURCE)).toEqual([
    { name: "tc", order: 0, progType: "BPF_PROG_TYPE_SCHED_CLS", ...none, autoAttach: false, source },
    {
      name: "a.s+",
      order: 1,
      progType: "BPF_PROG_TYPE_TRACING",
      attachType: "BPF_TRACE_ITER",
      ...none,
      attachBtf: true,
      sleepable: true,
      autoAttach: true,
      source,
    },
    {
      name: "b/c",
      order: 2,
      progType: "BPF_PROG_TYPE_LSM",
      attachType: "BPF_LSM_MAC",
      ...none,
      attachable: true,
      attachOptional: true,
      autoAttach: false,
      source,
    },
  ]);
});

test.each([
  ["SEC_USDT = 32,", "SEC_USDT = 32,\n\tSEC_NEW = 64,", "has a flag we do not read, SEC_NEW"],
  ["SEC_NONE)", "SEC_GONE)", 'cannot tell the value of "SEC_GONE"'],
  ['SEC_DEF("tc",', "SEC_DEF(TC,", "cannot read SEC_DEF(TC,"],
  ["section_defs[]", "other_defs[]", "has no entries in section_defs[]"],
])("with %s changed to %s it says what is wrong", (from, to, message) => {
  expect(() => parseSections(SOURCE.replace(from, to))).toThrow(message);
});

const ORACLE = `#include <stdio.h>
#include <string.h>
#include <bpf/libbpf.h>

int main(void)
{
	enum bpf_attach_type attach;
	enum bpf_prog_type prog;
	char name[256];

	libbpf_set_print(NULL);
	while (fgets(name, sizeof(name), stdin)) {
		name[strcspn(name, "\\n")] = 0;
		if (libbpf_prog_type_by_name(name, &prog, &attach))
			puts("none");
		else
			printf("%d %d\\n", prog, attach);
	}
	return 0;
}
`;

test("the installed libbpf says the same of every section it knows", { timeout: 60_000 }, (ctx) => {
  const folder = mkdtempSync(join(tmpdir(), "hookpoint-sections-"));
  try {
    const program = join(folder, "oracle");
    const problem = compile(program);
    if (problem !== undefined) return unable(ctx, problem);
    const bare = (pattern: string) => pattern.replace("+", "");
    const plain = kb.sections.map(({ name }) => bare(name));
    const tails = ["/x", "/", "/a/b", "/x:y", "//bin/x:f", "x", ".s", ".s/x", ".w/x", ".multi/x", "+"];
    const madeUp = ["", "/", "prog", ".text", ".maps", "maps", "license", "xdp_prog", "tracepoint:cat:name", "kfunc/x"];
    const answers = ask(program, [...plain, ...plain.flatMap((name) => tails.map((tail) => name + tail)), ...madeUp]);
    const differences = [...answers].flatMap(([name, libbpf]) => {
      const section = classifySection(name, kb);
      // A pattern that the installed libbpf does not have yet.
      if (section !== undefined && answers.get(bare(section.fact.name)) === NONE) return [];
      const ours = section === undefined ? NONE : numbersOf(section);
      return ours === libbpf ? [] : [`${name}: ${ours}, libbpf ${libbpf}`];
    });
    expect(differences).toEqual([]);
    expect(plain.filter((name) => answers.get(name) !== NONE).length).toBeGreaterThan(60);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

const NONE = "none";

/** @returns what went wrong, or undefined */
function compile(program: string): string | undefined {
  writeFileSync(`${program}.c`, ORACLE);
  const problems = ["cc", "gcc", "clang"].map((compiler) => {
    const { status, stderr, error } = spawnSync(compiler, ["-o", program, `${program}.c`, "-lbpf"], {
      encoding: "utf8",
    });
    return status === 0 ? undefined : `${compiler}: ${error?.message ?? stderr.trim().split("\n")[0]}`;
  });
  return problems.includes(undefined) ? undefined : `cannot build with libbpf: ${problems.join("; ")}`;
}

/** libbpf's answer by section: the numbers of program and attach type. */
function ask(program: string, names: readonly string[]): ReadonlyMap<string, string> {
  const { stdout, status } = spawnSync(program, { input: `${names.join("\n")}\n`, encoding: "utf8" });
  expect(status).toBe(0);
  const lines = stdout.split("\n").slice(0, -1);
  expect(lines.length).toBe(names.length);
  return new Map(names.map((name, index) => [name, lines[index] ?? NONE]));
}

function numbersOf({ progType, attachType }: { progType: string; attachType: string | undefined }): string {
  const attach = attachType === undefined ? 0 : kb.attachType(attachType)?.number;
  return `${kb.programType(progType)?.number} ${attach}`;
}

/** On CI a missing tool is a broken setup; elsewhere the test is skipped and says why. */
function unable(ctx: TestContext, reason: string): void {
  if (process.env["CI"]) throw new Error(reason);
  ctx.skip(reason);
}
