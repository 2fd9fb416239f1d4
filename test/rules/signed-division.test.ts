import { test } from "vitest";
import { signedDivision } from "../../server/src/analysis/rules/signed-division.ts";
import { checkFix, checkNoFindings } from "../support/check.ts";

const within = (body: string): string =>
  `__u64 start;\nint f(void *ctx)\n{\n\tlong d = bpf_ktime_get_ns() - start;\n\t${body}\n}\n`;

test("unsigned types and divisors", () => {
  checkNoFindings(signedDivision, "int f(void) { __u64 d = bpf_ktime_get_ns(); return d / 10; }");
  checkNoFindings(signedDivision, within("return d / 10U + d / 10ULL + d / sizeof(int) + d / 1;"));
});

test("clang knows the sign behind a comparison, of a masked number, of a counter", () => {
  checkNoFindings(signedDivision, within("if (d < 0)\n\t\treturn 0;\n\treturn d / 10;"));
  checkNoFindings(signedDivision, "int f(void) { int i = bpf_get_prandom_u32() & 7; return i / 3; }");
  checkNoFindings(signedDivision, "int f(int n) { int s = 0; for (int i = 0; i < n; i++) s |= i / 3; return s; }");
  checkNoFindings(signedDivision, "int f(void) { long cpu = bpf_get_smp_processor_id(); return cpu / 2; }");
});

test("silent about what clang can compare instead, and what may be another number", () => {
  checkNoFindings(signedDivision, within("return d / 1000 > 5;"));
  checkNoFindings(signedDivision, within("return (__u64)d / 1000 + d * d / 10 + g(&d);"));
  checkNoFindings(signedDivision, within("d++;\n\treturn d / 10;"));
});

test("assigned later, and divided in place", () => {
  checkFix(
    signedDivision,
    "int f(void)\n{\n\tint cpu;\n\tcpu = bpf_get_smp_processor_id();\n\treturn 1 + cpu % 3;\n}\n",
    "int f(void)\n{\n\tint cpu;\n\tcpu = bpf_get_smp_processor_id();\n\treturn 1 + cpu % 3U;\n}\n",
  );
});
