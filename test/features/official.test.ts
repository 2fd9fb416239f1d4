import { existsSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { officialComments } from "../../server/src/features/official.ts";
import { hoverAt } from "../support/check.ts";

const HEADER = `/* Forward declarations */
struct x;

/*
 * bpf_loop
 *
 * 	First line,
 * 	second line.
 *
 *
 * Returns
 * 	A number.
 */
static long (* const bpf_loop)(__u32 nr_loops) = (void *) 181;
`;

test("the comment on a helper, without stars and tabs", () => {
  expect([...officialComments(HEADER)]).toEqual([["bpf_loop", "First line,\nsecond line.\n\nReturns\nA number."]]);
  expect(officialComments(HEADER.replaceAll("\n", "\r\n")).get("bpf_loop")).toContain("second line.");
});

test("what is no such header gives nothing", () => {
  for (const text of ["", "/*\n * bpf_loop\n", "\0\u0001binary"]) expect(officialComments(text).size).toBe(0);
});

test("the hover quotes it, and says where it is from", () => {
  const comments = officialComments(HEADER);
  const text = hoverAt("int f(void) { return bpf_lo$0op(1); }", { official: (name) => comments.get(name) });
  expect(text).toContain("**From your bpf_helper_defs.h:**");
  expect(text).toContain("> second line.");
  expect(hoverAt("int f(void) { return bpf_lo$0op(1); }")).not.toContain("bpf_helper_defs.h");
});

const INSTALLED = "/usr/include/bpf/bpf_helper_defs.h";
test.skipIf(!existsSync(INSTALLED))("the installed header has a comment for each of its helpers", () => {
  const text = readFileSync(INSTALLED, "utf8");
  const comments = officialComments(text);
  expect(comments.size).toBe([...text.matchAll(/\(\* ?(?:const )?bpf_\w+\)\(/g)].length);
  expect(comments.size).toBeGreaterThan(200);
});
