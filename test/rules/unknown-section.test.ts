import { expect, test } from "vitest";
import { unknownSection } from "../../server/src/analysis/rules/unknown-section.ts";
import { checkFix, checkNoFindings, checkRule, findingsIn, type Options } from "../support/check.ts";

const program = (section: string, name = "f"): string => `SEC("${section}")\nint ${name}(void *ctx) { return 0; }\n`;

function meant(section: string, options?: Options): string | undefined {
  const [finding] = findingsIn(program(section), [unknownSection], options);
  return finding?.fixes?.[0]?.edits[0]?.newText;
}

test("flags the string and says what was meant", () => {
  checkRule(
    unknownSection,
    `
SEC("kporbe/do_exit")
//   ^^^^^^^^^^^^^^ libbpf has no section "kporbe/do_exit" and refuses the file; write "kprobe/do_exit"
int f(void *ctx) { return 0; }
`,
  );
});

test("mends slips of the fingers, colons, blanks and capitals, and keeps a leading ?", () => {
  for (const [wrong, right] of [
    ["kporbe/do_exit", "kprobe/do_exit"],
    ["?fentri/do_exit", "?fentry/do_exit"],
    ["xpd", "xdp"],
    ["XDP", "xdp"],
    ["KPROBE/do_exit", "kprobe/do_exit"],
    ["tc ", "tc"],
    ["tc_ingress", "tc/ingress"],
    ["kprobe:do_exit", "kprobe/do_exit"],
    ["tracepoint:sched:sched_switch", "tracepoint/sched/sched_switch"],
    ["t:sched:sched_switch", "tracepoint/sched/sched_switch"],
    ["uprobe:/bin/bash:readline", "uprobe//bin/bash:readline"],
    ["raw_syscalls/sys_enter", "tracepoint/raw_syscalls/sys_enter"],
    ["raw_tracepoints/sys_enter", "raw_tracepoint/sys_enter"],
    ["kprobe_multi/tcp_*", "kprobe.multi/tcp_*"],
    ["tc/my_filter", "tc"],
  ] as const)
    expect([wrong, meant(wrong)]).toEqual([wrong, right]);
});

test("names that only look alike are not taken for a slip", () => {
  for (const name of ["t", "x", "tcp", "tcx", "abc", "filter", "decap", "process", "stats", "dummy_tracepoint"])
    expect(findingsIn(program(name), [unknownSection]).map(({ severity, fixes }) => [severity, fixes])).toEqual([
      ["info", []],
    ]);
});

test("names of one's own are one remark for the file, not one for each", () => {
  checkRule(
    unknownSection,
    `
SEC("encap_gre")
//   ^^^^^^^^^ libbpf has no section "encap_gre", nor 1 more of this file: the load fails unless user space sets the type (bpf_program__set_type())
int f(struct __sk_buff *skb) { return 0; }
SEC("encap_udp")
int g(struct __sk_buff *skb) { return 0; }
SEC("tc")
int h(struct __sk_buff *skb) { return 0; }
`,
  );
});

test("what another rule speaks of, or nobody can read, is left alone", () => {
  for (const section of ["xdp_prog", "kprobe.s/do_exit", "??xdp", "xdp?", ".text", ".text.unlikely", "maps", "license"])
    checkNoFindings(unknownSection, program(section));
  checkNoFindings(unknownSection, 'SEC("kprobe/" FUNCTION)\nint f(void *ctx) { return 0; }');
  checkNoFindings(unknownSection, "SEC(SECTION)\nint f(void *ctx) { return 0; }");
  checkNoFindings(unknownSection, 'SEC("kpr');
  checkNoFindings(unknownSection, 'SEC("kpr\nint f(void *ctx) { return 0; }');
  checkNoFindings(unknownSection, 'int counter SEC("stats");');
});

test("a name from a macro of the file is judged by what it comes to", () => {
  checkRule(
    unknownSection,
    `
#define HOOK "fentyr/do_exit"
SEC(HOOK)
//  ^^^^ libbpf has no section "fentyr/do_exit" and refuses the file; write "fentry/do_exit"
int f(void *ctx) { return 0; }
`,
  );
  expect(findingsIn('#define HOOK "xpd"\nSEC(HOOK) int f(void *c) { return 0; }', [unknownSection])[0]?.fixes).toEqual(
    [],
  );
});

test("each loader has its own table", () => {
  for (const loader of ["iproute2", "bcc"]) {
    checkNoFindings(unknownSection, program("kporbe/x"), { loader });
    checkNoFindings(unknownSection, program("my_own"), { loader });
  }
  for (const loader of ["libbpfgo", "eunomia-bpf"]) expect(meant("kporbe/x", { loader })).toBe("kprobe/x");
  const cilium = { loader: "cilium/ebpf" };
  checkNoFindings(unknownSection, program("xdp_firewall"), cilium);
  checkNoFindings(unknownSection, program("tc/my_filter"), cilium);
  expect(meant("kporbe/x", cilium)).toBe("kprobe/x");
  expect(findingsIn(program("my_own"), [unknownSection], cilium)[0]?.message).toContain("ProgramSpec.Type");
  checkNoFindings(unknownSection, program("my_own"), { loader: "ebpf-manager" });
});

test("aya refuses whatever it does not know, the mark of an optional program too", () => {
  const aya = { loader: "aya" };
  checkNoFindings(unknownSection, program("xdp/cpumap"), aya);
  expect(meant("tc", aya)).toBe("classifier");
  expect(meant("?xdp", aya)).toBe("xdp");
  expect(meant("xdp_firewall", aya)).toBe("xdp");
  const severities = findingsIn(program("syscall") + program("my_own", "g"), [unknownSection], aya);
  expect(severities.map(({ severity, fixes }) => [severity, fixes])).toEqual([
    ["error", []],
    ["error", []],
  ]);
  expect(meant("kprobe.multi/x", aya)).toBeUndefined();
});

test("a section in __attribute__ is mended in place", () => {
  checkFix(
    unknownSection,
    '__attribute__((section("kporbe/x"), used)) int f(void *ctx) { return 0; }',
    '__attribute__((section("kprobe/x"), used)) int f(void *ctx) { return 0; }',
  );
});
