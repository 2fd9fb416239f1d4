/** Functions of headers: what is wrong in them is shown where the file calls them. */

import { expect, test } from "vitest";
import { lint } from "../../../server/src/analysis/lint.ts";
import { buildModel } from "../../../server/src/analysis/model.ts";
import { uncheckedNull } from "../../../server/src/analysis/rules/unchecked-null.ts";
import { uncheckedPacket } from "../../../server/src/analysis/rules/unchecked-packet.ts";
import { headerFollower } from "../../../server/src/headers.ts";
import { findingsIn, kb, syntax } from "../../support/check.ts";

/** The texts that findings stand at, and how many edits their fixes make. */
async function foundWith(header: string, call: string): Promise<readonly string[]> {
  const text = `#include "parts.h"
SEC("xdp")
int program(struct xdp_md *ctx)
{
	return ${call};
}
char LICENSE[] SEC("license") = "GPL";
`;
  const files = new Map([["file:///p/parts.h", header]]);
  const follower = headerFollower({ readText: async (uri) => files.get(uri) });
  const headers = await follower.follow("file:///p/main.bpf.c", text);
  const { model } = buildModel(text, syntax, { headers });
  const context = { model, kb, targets: [], loader: "libbpf", arch: "" };
  return lint(context, { rules: [uncheckedPacket, uncheckedNull] }).map(
    ({ range, fixes = [] }) => `${model.code.textOf(range)} ${fixes.flatMap(({ edits }) => edits).length}`,
  );
}

const first = (check: string): string => `(struct xdp_md *ctx)
{
	char *data = (void *)(long)ctx->data;
	char *end = (void *)(long)ctx->data_end;

	${check}
	return data[0];
}
`;

test("a global function of a header is looked at by itself, a static one with the call", async () => {
  expect(await foundWith(`int first${first("")}`, "first(ctx)")).toEqual(["first(ctx) 0"]);
  expect(await foundWith(`static int first${first("")}`, "first(ctx)")).toEqual(["first(ctx) 0"]);
});

test("silent where it is right, and where nobody calls it", async () => {
  expect(await foundWith(`int first${first("if (data + 1 > end) return 0;")}`, "first(ctx)")).toEqual([]);
  expect(await foundWith(`int first${first("")}`, "2")).toEqual([]);
});

test("a function that clang may inline is given the context of its callers all the same", () => {
  const global = `int first${first("")}SEC("xdp") int program(struct xdp_md *ctx) { return first(ctx); }`;
  expect(findingsIn(global, [uncheckedPacket]).length).toBe(1);
  const memory = `int sum(u64 *numbers) { return numbers[0]; }
SEC("xdp") int program(struct xdp_md *ctx) { u64 numbers[1] = {}; return sum(numbers); }`;
  expect(findingsIn(memory, [uncheckedNull])).toEqual([]);
});
