import { test } from "vitest";
import { bpfLoop } from "../../server/src/analysis/rules/bpf-loop.ts";
import { checkNoFindings, checkRule } from "../support/check.ts";

const program = (body: string, after = "") =>
  `static int add(__u32 i, void *data) { return 0; }\nSEC("xdp")\nint f(void *ctx)\n{\n\t${body}\n\treturn 0;\n}\n${after}`;
const CALL = "bpf_loop(10, add, 0, 0);";

test("flags the helper's name and names the body", () => {
  checkRule(
    bpfLoop,
    `
SEC("xdp")
int f(void *ctx)
{
    bpf_loop(10, &add, 0, 0);
//  ^^^^^^^^ bpf_loop() needs a function for the body, add(); since 6.4 bpf_for(i, 0, n) has it in its place
	return 0;
}
`,
  );
});

test("silent while a target is older", () => {
  checkNoFindings(bpfLoop, program(CALL), { target: "6.1" });
  checkNoFindings(bpfLoop, program(CALL), { target: "6.6, 5.15" });
});

test("silent where kernel functions cannot be called", () => {
  checkNoFindings(bpfLoop, program(CALL), { loader: "aya" });
  checkNoFindings(bpfLoop, program(CALL), { loader: "bcc" });
  checkNoFindings(bpfLoop, program(CALL, 'char LICENSE[] SEC("license") = "Proprietary";\n'));
});

test("silent where the file has both, and on half-typed calls", () => {
  checkNoFindings(bpfLoop, program(`${CALL}\n\tint i;\n\tbpf_for(i, 0, 10)\n\t\tg(i);`));
  checkNoFindings(bpfLoop, program(`if (bpf_ksym_exists(bpf_iter_num_new))\n\t\treturn 0;\n\t${CALL}`));
  checkNoFindings(bpfLoop, program("bpf_loop("));
  checkNoFindings(bpfLoop, program("bpf_loop(10, add"));
});
