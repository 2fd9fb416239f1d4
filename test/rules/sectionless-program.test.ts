import { expect, test } from "vitest";
import { sectionlessProgram } from "../../server/src/analysis/rules/sectionless-program.ts";
import { checkNoFindings, checkRule, findingsIn } from "../support/check.ts";

const LICENCE = 'char LICENSE[] SEC("license") = "GPL";\n';
const PROGRAM = "int f(struct xdp_md *ctx) { return 0; }\n";

test("flags the name", () => {
  checkRule(
    sectionlessProgram,
    `
${LICENCE}
int f(struct __sk_buff *skb) { return 0; }
//  ^ f() has no SEC() and nothing calls it, so it is not loaded
`,
  );
});

test("offers the plainest section of every kind that gets the structure, tc first", () => {
  const offered = (context: string): readonly string[] =>
    findingsIn(`${LICENCE}int f(struct ${context} *c) { return 0; }`, [sectionlessProgram]).flatMap(({ fixes = [] }) =>
      fixes.map(({ edits }) => edits[0]?.newText ?? ""),
    );
  expect(offered("xdp_md")).toEqual(['SEC("xdp")\n']);
  expect(offered("bpf_sock_ops")).toEqual(['SEC("sockops")\n']);
  expect(offered("__sk_buff")[0]).toBe('SEC("tc")\n');
  expect(offered("pt_regs")).toEqual([]);
});

test("left alone where something may need it as it is", () => {
  for (const source of [
    `${LICENCE}${PROGRAM}SEC("xdp") int g(struct xdp_md *ctx) { return f(ctx); }`,
    `${LICENCE}${PROGRAM}void *p = f;`,
    `${LICENCE}int f(struct xdp_md *ctx);\n${PROGRAM}`,
    `${LICENCE}#define CALL f(ctx)\n${PROGRAM}`,
    `${LICENCE}#ifdef EXTRA\n${PROGRAM}#endif\n`,
    `${LICENCE}static ${PROGRAM}`,
    `${LICENCE}__weak ${PROGRAM}`,
    `${LICENCE}__noinline ${PROGRAM}`,
    `${LICENCE}statfunc ${PROGRAM}`,
    `${LICENCE}__attribute__((section("xdp"))) ${PROGRAM}`,
    `${LICENCE}int f(struct xdp_md *ctx, int n) { return 0; }`,
    `${LICENCE}int f(struct task_struct *task) { return 0; }`,
    `${LICENCE}int f(void *ctx) { return 0; }`,
    `${LICENCE}SEC("xdp\n${PROGRAM}`,
    PROGRAM,
    `${LICENCE}BPF_HASH(m, u32, u64);\n${PROGRAM}`,
  ])
    checkNoFindings(sectionlessProgram, source);
  for (const loader of ["bcc", "iproute2"]) checkNoFindings(sectionlessProgram, LICENCE + PROGRAM, { loader });
});

test("what libbpf's macros make is a program, and so is what gets a tracepoint's or an iterator's context", () => {
  const told = (program: string): readonly string[] =>
    findingsIn(LICENCE + program, [sectionlessProgram]).flatMap(({ fixes = [] }) => [
      "found",
      ...fixes.map(({ edits }) => edits[0]?.newText ?? ""),
    ]);
  expect(told("int BPF_KPROBE(f, struct file *file)\n{ return 0; }")).toEqual(["found", 'SEC("kprobe")\n']);
  expect(told("int BPF_PROG(f, struct file *file)\n{ return 0; }")).toEqual(["found"]);
  expect(told("int f(struct bpf_iter__task *ctx) { return 0; }")).toEqual(["found", 'SEC("iter/task")\n']);
  expect(told("int f(struct trace_event_raw_sys_enter *ctx) { return 0; }")).toEqual(["found"]);
  expect(
    told('#define BPF_PROG(name, x) SEC("lsm") name(x)\nint BPF_PROG(f, struct file *file)\n{ return 0; }'),
  ).toEqual([]);
  expect(told("static int BPF_PROG(f, struct file *file)\n{ return 0; }")).toEqual([]);
  expect(told("int MY_PROG(f, struct file *file)\n{ return 0; }")).toEqual([]);
  expect(told("int BPF_PROG(f, struct file *file)\n{ return 0; }\nstruct o o = { .open = (void *)f };")).toEqual([]);
});
