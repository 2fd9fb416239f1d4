import { test } from "vitest";
import { unsupportedOperation } from "../../server/src/analysis/rules/unsupported-operation.ts";
import { checkNoFindings, checkRule } from "../support/check.ts";

test("however it is cast", () => {
  for (const value of ["(void *)tell", "tell", "&tell"])
    checkRule(
      unsupportedOperation,
      `
SEC("struct_ops/x") size_t BPF_PROG(tell, struct sock *sk) { return 0; }
//                                  ^^^^ get_info of struct tcp_congestion_ops cannot be a program: the verifier refuses it
SEC(".struct_ops.link") struct tcp_congestion_ops mine = { .get_info = ${value}, .name = "mine" };
`,
    );
});

test("other members, other structures, no structure", () => {
  const program = `SEC("struct_ops/get_info") size_t BPF_PROG(get_info, struct sock *sk) { return 0; }`;
  checkNoFindings(
    unsupportedOperation,
    `${program} SEC(".struct_ops") struct tcp_congestion_ops mine = { .init = (void *)get_info };`,
  );
  checkNoFindings(
    unsupportedOperation,
    `${program} SEC(".struct_ops") struct other_ops mine = { .get_info = (void *)get_info };`,
  );
  checkNoFindings(unsupportedOperation, program);
});
