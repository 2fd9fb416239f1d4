import { expect, test } from "vitest";
import { copyOfUnknownSize } from "../../server/src/analysis/rules/copy-of-unknown-size.ts";
import { findingsIn } from "../support/check.ts";

const told = (code: string, before = "") =>
  findingsIn(
    `${before}char to[4096], from[4096];
SEC("tc")
int f(struct __sk_buff *skb)
{
	__u32 len = skb->len;

	${code}
	return 0;
}
`,
    [copyOfUnknownSize],
  ).map(({ message }) => message);

test("sizes that come from outside, or are too large", () => {
  expect(told("__builtin_memcpy(to, from, len);")).toEqual([
    "len is no constant, and __builtin_memcpy() must be known in full: clang refuses the file",
  ]);
  expect(told("__builtin_memset(to, 0, 2048);")).toEqual([
    "2048 bytes are more than __builtin_memset() can be turned into stores for: clang refuses the file",
  ]);
  expect(told("memset(to, 0, len);", "#define memset __builtin_memset\n")).toHaveLength(1);
});

test("silent about what clang knows", () => {
  for (const code of [
    "__builtin_memcpy(to, from, 1024);",
    "__builtin_memset(to, 0, sizeof(len));",
    "__u32 n = 16; __builtin_memcpy(to, from, n);",
    "if (len == 8) __builtin_memcpy(to, from, len);",
    "__builtin_memcpy(to, from, len > 8 ? 16 : 8);",
  ])
    expect(told(code)).toEqual([]);
});

test("silent where the name is no builtin's", () => {
  expect(told("memset(to, 0, 2048);", "static void memset(char *p, int c, int n) { }\n")).toEqual([]);
});
