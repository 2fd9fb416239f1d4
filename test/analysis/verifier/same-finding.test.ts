import { expect, test } from "vitest";
import { rules } from "../../../server/src/analysis/rules/index.ts";
import type { Answer, Place } from "../../../server/src/analysis/verifier/answer.ts";
import { sameFindings } from "../../../server/src/analysis/verifier/same-finding.ts";
import { findingsIn } from "../../support/check.ts";

const SOURCE = `#include "vmlinux.h"
#include <bpf/bpf_helpers.h>
SEC("xdp") int one(struct xdp_md *ctx)
{
	bpf_skb_change_type((void *)ctx, 0);
	return bpf_skb_pull_data((void *)ctx, 16);
}
SEC("xdp") int two(struct xdp_md *ctx)
{
	if (ctx->data)
		return 2;
	return bpf_skb_pull_data((void *)ctx, 16);
}
char LICENSE[] SEC("license") = "GPL";
`;
const RULE = "helper-not-allowed";
const found = findingsIn(
  SOURCE,
  rules.filter(({ meta }) => meta.id === RULE),
).map(({ rule, range }) => ({ rule: rule.id, range }));

const answer = (place: Place | undefined, story: readonly Place[] = []): Answer => ({
  said: "program of this type cannot use helper bpf_skb_pull_data#39",
  by: "verifier",
  family: RULE,
  class: "source",
  title: "",
  meaning: "",
  advice: "",
  place,
  story: story.map((at) => ({ place: at, text: "" })),
  rules: [RULE],
});
const linesOf = (...args: Parameters<typeof sameFindings>): readonly number[] =>
  sameFindings(...args).map(({ range }) => range.start.line + 1);
const file = "/home/me/src/x.bpf.c";

test("the finding on the line of the answer", () => {
  expect(found.map(({ range }) => range.start.line + 1)).toEqual([5, 6, 12]);
  expect(linesOf(answer({ file, line: 12 }), found, { file })).toEqual([12]);
  expect(linesOf(answer({ file: "x.bpf.c", line: 12 }), found, { file })).toEqual([12]);
  expect(linesOf(answer({ file: undefined, line: 12 }), found, { file })).toEqual([12]);
});

test("or on one of its story", () => {
  expect(linesOf(answer({ file, line: 10 }, [{ file, line: 12 }]), found, { file })).toEqual([12]);
});

test("or the only one of the program, or of the file", () => {
  expect(linesOf(answer({ file, line: 10 }), found, { file, program: { from: 8, to: 13 } })).toEqual([12]);
  expect(linesOf(answer(undefined), found, { file, program: { from: 8, to: 13 } })).toEqual([12]);
  expect(linesOf(answer(undefined), found, { file, program: { from: 3, to: 7 } })).toEqual([]);
  expect(linesOf(answer(undefined), found, { file })).toEqual([]);
  expect(linesOf(answer(undefined), found.slice(0, 1), { file })).toEqual([5]);
});

test("not what another rule finds, nor in another file", () => {
  expect(linesOf({ ...answer({ file, line: 12 }), rules: ["static-map"] }, found, { file })).toEqual([]);
  expect(linesOf(answer({ file: "y.bpf.c", line: 12 }), found, { file })).toEqual([]);
});
