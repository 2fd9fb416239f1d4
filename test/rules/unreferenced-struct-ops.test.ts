import { test } from "vitest";
import { unreferencedStructOps } from "../../server/src/analysis/rules/unreferenced-struct-ops.ts";
import { checkNoFindings, checkRule } from "../support/check.ts";

const OPS = 'SEC(".struct_ops.link") struct tcp_congestion_ops ops = { .init = (void *)used, .name = "x" };';

test("flags the program that nothing names", () => {
  checkRule(
    unreferencedStructOps,
    `
SEC("struct_ops/init") void BPF_PROG(used, struct sock *sk) { }
SEC("struct_ops.s/release") void BPF_PROG(forgotten, struct sock *sk) { }
//                                        ^^^^^^^^^ no member of a structure in .struct_ops is set to forgotten(): the load fails unless user space sets one
${OPS}
`,
  );
});

test("silent where the structure stands elsewhere, a macro names it, or user space decides", () => {
  const forgotten = 'SEC("struct_ops/x") void BPF_PROG(forgotten, struct sock *sk) { }';
  checkNoFindings(unreferencedStructOps, forgotten);
  checkNoFindings(unreferencedStructOps, `${forgotten}\nSTRUCT_OPS(ops, forgotten)\n${OPS}`);
  checkNoFindings(unreferencedStructOps, `${forgotten}\n#define RELEASE forgotten\n${OPS}`);
  checkNoFindings(unreferencedStructOps, `SEC("?struct_ops/x") void BPF_PROG(forgotten, struct sock *sk) { }\n${OPS}`);
  checkNoFindings(unreferencedStructOps, `SEC("xdp") int f(struct xdp_md *ctx) { return 0; }\n${OPS}`);
  checkNoFindings(unreferencedStructOps, `${forgotten}\n${OPS}`, { loader: "aya" });
});
