import { test } from "vitest";
import { unrolledLoop } from "../../server/src/analysis/rules/unrolled-loop.ts";
import { checkFix, checkNoFindings, checkRule } from "../support/check.ts";

const program = (body: string, before = "", head = "for (int i = 0; i < 16; i++)") =>
  `__u64 sums[16];

SEC("xdp")
int f(struct xdp_md *ctx)
{
${before}#pragma unroll
	${head} {
		${body}
	}
	return 0;
}
`;

test("flags the pragma", () => {
  checkRule(
    unrolledLoop,
    `
#define ROUNDS 32
static void f(int *sum)
{
	int i;
    #pragma clang loop unroll(full)
//  ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ the verifier follows this loop by itself since 5.3; unrolled it is 32 times as long
	for (i = 0; i < ROUNDS && *sum < 9; ++i)
		*sum += 1;
}
`,
  );
});

test("newer targets are told of bpf_for()", () => {
  checkRule(
    unrolledLoop,
    `
static void f(int *sum)
{
    #pragma unroll
//  ^^^^^^^^^^^^^^ the verifier follows this loop by itself since 5.3; unrolled it is 33 times as long; bpf_for() has it check the body once
	for (int i = 0; i <= 32; i += 1)
		*sum += 1;
}
`,
    { target: "6.6" },
  );
});

test("takes the pragma away", () => {
  checkFix(unrolledLoop, program("sums[i]++;"), program("sums[i]++;").replace("#pragma unroll\n", ""));
});

test("silent on what only looks like it", () => {
  checkNoFindings(unrolledLoop, program("sums[i]++;").replace("unroll", "unroll 4"));
  checkNoFindings(unrolledLoop, program("sums[i]++;").replace("unroll", "nounroll"));
  checkNoFindings(unrolledLoop, program("sums[i]++;").replace("pragma unroll", "pragma clang loop unroll(disable)"));
  checkNoFindings(unrolledLoop, program("sums[i]++;", "", "for (int i = 0; i < 8; i++)"));
  checkNoFindings(unrolledLoop, program("sums[i]++;", "", "for (int i = 0; i < UNKNOWN; i++)"));
  checkNoFindings(unrolledLoop, program("sums[i]++;", "", "for (int i = 64; i > 0; i /= 2)"));
  checkNoFindings(unrolledLoop, program("sums[i]++;", "", "while (x)"));
  checkNoFindings(unrolledLoop, program("sums[i]++;"), { target: "4.19" });
});

test("silent where the number of the round must be known", () => {
  for (const body of [
    "ctx->args[i]++;",
    "READ(i);",
    "BPF_CORE_READ(task, comm[i]);",
    'asm volatile("r0 = 0");',
    "task->comm[i];",
  ])
    checkNoFindings(unrolledLoop, program(body));
});

test("the stack may be indexed from 5.12 on", () => {
  const source = program("local[i] = 1;", "\tint local[16];\n");
  checkNoFindings(unrolledLoop, source, { target: "5.10" });
  checkFix(unrolledLoop, source, source.replace("#pragma unroll\n", ""), { target: "5.15" });
});

test("values of maps may be indexed, what else a pointer leads to may not", () => {
  const from = (call: string) => program("value[i] = 1;", `\tint *value = ${call};\n`);
  const map = from("bpf_map_lookup_elem(&m, &k)");
  checkFix(unrolledLoop, map, map.replace("#pragma unroll\n", ""));
  checkNoFindings(unrolledLoop, from("(void *)(long)ctx->data"));
});

test("silent where it depends on what is compiled", () => {
  checkNoFindings(
    unrolledLoop,
    program("sums[i]++;").replace("#pragma unroll", "#ifndef LARGE\n#pragma unroll\n#endif"),
  );
});
