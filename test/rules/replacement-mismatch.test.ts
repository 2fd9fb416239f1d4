import { expect, test } from "vitest";
import { replacementMismatch } from "../../server/src/analysis/rules/replacement-mismatch.ts";
import { checkNoFindings, checkRule, findingsIn } from "../support/check.ts";

const DECIDE = "__noinline int decide(struct xdp_md *ctx, int length) { return length > 100; }\n";

test("the section that names the function is marked", () => {
  checkRule(
    replacementMismatch,
    `
__noinline int decide(struct xdp_md *ctx, int length)
{
    return length > 100;
}
SEC("freplace/decide")
//   ^^^^^^^^^^^^^^^ decide() has 2 arguments, and drop() 1: the verifier refuses to replace it
int drop(struct xdp_md *ctx)
{
    return 1;
}
`,
  );
});

test("what differs is said", () => {
  const said = (target: string, params: string) =>
    findingsIn(`${target}SEC("freplace/decide")\nint drop(${params}) { return 1; }`, [replacementMismatch]).map(
      ({ message }) => message.replace(/:.*/, ""),
    );
  expect(said(`static ${DECIDE}`, "struct xdp_md *ctx, int length")).toEqual(["decide() is static"]);
  expect(said(DECIDE, "void")).toEqual(["decide() has 2 arguments, and drop() none"]);
  expect(said(DECIDE, "struct xdp_md *ctx, struct xdp_md *again")).toEqual([
    "argument 2 of decide() is a number of 4 bytes, and of drop() a struct xdp_md *",
  ]);
  expect(said(DECIDE, "struct xdp_md *ctx, long length")).toEqual([
    "argument 2 of decide() is a number of 4 bytes, and of drop() a number of 8 bytes",
  ]);
  expect(said(DECIDE, "struct __sk_buff *skb, int length")).toEqual([
    "argument 1 of decide() is a struct xdp_md *, and of drop() a struct __sk_buff *",
  ]);
});

test("silent where it fits, and where the file does not tell", () => {
  const drop = (params: string) => `SEC("freplace/decide")\nint drop(${params}) { return 1; }`;
  for (const text of [
    DECIDE + drop("struct xdp_md *ctx, int length"),
    DECIDE + drop("struct xdp_md *other, const __u32 length"),
    DECIDE + drop("struct xdp_md *ctx, own_t length"),
    drop("struct xdp_md *ctx"),
    `int decide(struct xdp_md *ctx, int length);\n${drop("struct xdp_md *ctx")}`,
    `${DECIDE}SEC("fentry/decide")\nint drop(void *ctx) { return 1; }`,
    `${DECIDE}SEC("freplace")\nint drop(void *ctx) { return 1; }`,
    `#ifdef A\n${DECIDE}#else\n${DECIDE}#endif\n${drop("struct xdp_md *ctx")}`,
  ])
    checkNoFindings(replacementMismatch, text);
});
