import { test } from "vitest";
import { staticProgram } from "../../server/src/analysis/rules/static-program.ts";
import { checkFix, checkNoFindings, checkRule } from "../support/check.ts";

test("flags the name", () => {
  checkRule(
    staticProgram,
    `
SEC("tc") static int f(struct __sk_buff *skb) { return 0; }
//                   ^ program f() is static: libbpf refuses the file
`,
  );
});

test("takes out what would keep clang from making the program, and nothing in comments", () => {
  checkFix(
    staticProgram,
    'SEC("xdp") /* static */ static __always_inline int f(struct xdp_md *ctx) { return 0; }',
    'SEC("xdp") /* static */ int f(struct xdp_md *ctx) { return 0; }',
  );
  checkFix(
    staticProgram,
    'int a;\nstatic inline\nSEC("kprobe/static")\nint BPF_KPROBE(f, int a) { return 0; }',
    'int a;\n\nSEC("kprobe/static")\nint BPF_KPROBE(f, int a) { return 0; }',
  );
});

test("functions that programs call, and data, may be static", () => {
  checkNoFindings(
    staticProgram,
    `
static int help(struct xdp_md *ctx) { return 0; }
SEC(".text") static int other(struct xdp_md *ctx) { return 0; }
static const int numbers[2] SEC(".rodata") = { 1, 2 };
SEC("xdp") int f(struct xdp_md *ctx) { return help(ctx); }
`,
  );
});

test("only libbpf minds", () => {
  for (const loader of ["cilium/ebpf", "aya", "iproute2", "bcc"])
    checkNoFindings(staticProgram, 'SEC("xdp") static int f(struct xdp_md *ctx) { return 0; }', { loader });
});

test("a word left from something half typed is not the program's", () => {
  checkNoFindings(staticProgram, 'static i\n{\n\treturn 0;\n}\n\nSEC("xdp")\nint f(struct xdp_md *ctx) { return 0; }');
});
