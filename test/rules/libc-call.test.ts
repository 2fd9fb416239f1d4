import { expect, test } from "vitest";
import { libcCall } from "../../server/src/analysis/rules/libc-call.ts";
import { checkFix, findingsIn, type Options } from "../support/check.ts";

const HEADERS = '#include "vmlinux.h"\n#include <bpf/bpf_helpers.h>\n';
const program = (call: string) =>
  `\nSEC("xdp")\nint f(struct xdp_md *ctx) { char a[8], b[8]; int n = ctx->data; ${call}; return 0; }\n`;
const file = (call: string, headers = HEADERS) => `${headers}${program(call)}`;

const messagesOf = (text: string, options?: Options) =>
  findingsIn(text, [libcCall], options).map(({ message }) => message);

test("says what there is instead", () => {
  expect(messagesOf(file("malloc(8)"))).toEqual([
    "malloc() is libc's, and a BPF program has no libc: memory comes from maps, such as a per-CPU array",
  ]);
  expect(messagesOf(file("strstr(a, b)"))).toEqual(["strstr() is libc's, and a BPF program has no libc"]);
});

test("what clang does by itself gets its other name where the size is known", () => {
  for (const size of ["sizeof(a)", "sizeof a", "8", "8 * 2"])
    checkFix(libcCall, file(`memset(a, 0, ${size})`), file(`__builtin_memset(a, 0, ${size})`));
  const [finding] = findingsIn(file("memcpy(a, b, n)"), [libcCall]);
  expect(finding?.message).toContain("memcpy()");
  expect(finding?.fixes).toBeUndefined();
});

test("what <string.h> declares clang does as well", () => {
  for (const header of ["<string.h>", "<linux/string.h>", "<strings.h>"])
    expect(messagesOf(file("memset(a, 0, 8); strlen(a)", `${HEADERS}#include ${header}\n`))).toEqual([]);
  // For printf() there is nothing to be done.
  expect(messagesOf(file('printf("x")', `${HEADERS}#include <stdio.h>\n`))).toHaveLength(1);
});

test("byte order, with the header that it needs", () => {
  checkFix(libcCall, file("n = htons(8)"), `${HEADERS}#include <bpf/bpf_endian.h>\n${program("n = bpf_htons(8)")}`);
  expect(messagesOf(file("n = htons(8)", `${HEADERS}#include <arpa/inet.h>\n`))).toEqual([]);
});

test("a comparison with a text", () => {
  checkFix(libcCall, file('strncmp(a, "abc", 4)'), file('bpf_strncmp(a, 4, "abc")'));
  expect(findingsIn(file("strncmp(a, b, 4)"), [libcCall])[0]?.fixes).toBeUndefined();
});

test("silent where the function may be somebody's", () => {
  for (const line of [
    '#include "string_utils.h"',
    "#define memset(d, c, n) __builtin_memset(d, c, n)",
    "static void *memset(void *d, int c, int n) { return d; }",
    "extern void *memset(void *d, int c, unsigned long n);",
  ])
    expect(messagesOf(file("memset(a, 0, 8)", `${HEADERS}${line}\n`))).toEqual([]);
  // A fragment, or a header.
  expect(messagesOf(program("memset(a, 0, 8)"))).toEqual([]);
  expect(messagesOf(`${HEADERS}static void g(char *p) { memset(p, 0, 8); }`)).toEqual([]);
  // A field that holds a function.
  expect(messagesOf(file("ops->printf(a)"))).toEqual([]);
});

test("bcc", () => {
  expect(messagesOf(file("memset(a, 0, 8)"), { loader: "bcc" })).toEqual([]);
  expect(messagesOf(file("memset(a, 0, 8)", `${HEADERS}BPF_HASH(m, u32);\n`))).toEqual([]);
});

test("the kernel's own headers have byte order as macros", () => {
  const headers = "#include <uapi/linux/bpf.h>\n#include <bpf/bpf_helpers.h>\n";
  expect(messagesOf(file("n = htons(1)", headers))).toEqual([]);
});
