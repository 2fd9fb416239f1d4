import { test } from "vitest";
import { writeToReadOnly } from "../../server/src/analysis/rules/write-to-read-only.ts";
import { checkNoFindings, checkRule } from "../support/check.ts";

const HEAD = `extern void *bpf_dynptr_slice(const struct bpf_dynptr *p, u32 offset, void *buffer, u32 size) __ksym;
extern void *bpf_dynptr_slice_rdwr(const struct bpf_dynptr *p, u32 offset, void *buffer, u32 size) __ksym;
struct { __uint(type, BPF_MAP_TYPE_HASH); __uint(max_entries, 1); __type(key, int); __type(value, int); } m SEC(".maps");`;
const program = (body: string) =>
  `${HEAD}\nSEC("tc")\nint f(struct __sk_buff *skb)\n{\n  char buffer[8] = {};\n  struct bpf_dynptr p;\n  bpf_dynptr_from_skb(skb, 0, &p);\n${body}\n  return 0;\n}\n`;

test("a slice and a map", () => {
  checkRule(
    writeToReadOnly,
    program(`  char *slice = bpf_dynptr_slice(&p, 0, buffer, 8);
  if (!slice) return 0;
  *(int *)&m = 1;
//^^^^^^^^^^ m is a map, which is not written to like a variable: the verifier refuses the program
  slice[1] = 0;
//^^^^^^^^ what bpf_dynptr_slice() gives may only be read: the verifier refuses the program`),
  );
});

test("silent for reads, and for slices to write to", () => {
  checkNoFindings(writeToReadOnly, program("  char *s = bpf_dynptr_slice(&p, 0, buffer, 8);\n  if (s) return s[1];"));
  checkNoFindings(writeToReadOnly, program("  char *s = bpf_dynptr_slice_rdwr(&p, 0, buffer, 8);\n  if (s) s[1] = 0;"));
});
