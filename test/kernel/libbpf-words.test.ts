/** What libbpf says of objects before any kernel is asked: each is built and opened for real, and must be explained. */

import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import type { Answer } from "../../server/src/analysis/verifier/answer.ts";
import { buildObject } from "../../server/src/toolchain/build.ts";
import { verifyObject } from "../../server/src/toolchain/verify.ts";
import { workIn } from "../support/tools.ts";
import { kernels, whyNot } from "./refusals-kernels.ts";

const folder = mkdtempSync(join(tmpdir(), "hookpoint words "));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const HEAD = "#include <linux/bpf.h>\n#include <bpf/bpf_helpers.h>\n";
const PROGRAM = `
SEC("tc")
int look(struct __sk_buff *skb)
{
	__u32 key = 0;
	return bpf_map_lookup_elem(&counts, &key) ? 1 : 0;
}
char LICENSE[] SEC("license") = "GPL";
`;
const map = (fields: string, after = 'SEC(".maps")'): string => `struct { ${fields} } counts ${after};\n${PROGRAM}`;
const ARRAY = "__uint(type, BPF_MAP_TYPE_ARRAY); __uint(max_entries, 1);";
const INNER =
  "struct inner { __uint(type, BPF_MAP_TYPE_ARRAY); __uint(max_entries, 1); __uint(key_size, 4); __uint(value_size, 4); };";

/** The family that must explain it, and the source; the same family may stand several times. */
const CASES: readonly (readonly [family: string, what: string, source: string, flag?: string])[] = [
  [
    "map-field-unknown",
    "a misspelled field",
    map(`${ARRAY} __type(key, __u32); __type(value, __u64); __uint(max_entry, 4);`),
  ],
  ["map-type-missing", "no type", map("__uint(max_entries, 1); __type(key, __u32); __type(value, __u64);")],
  [
    "map-attribute-form",
    "a plain number",
    map("__uint(type, BPF_MAP_TYPE_ARRAY); int max_entries; __type(key, __u32); __type(value, __u64);"),
  ],
  ["map-attribute-form", "a key that is no type", map(`${ARRAY} int key; __type(value, __u64);`)],
  ["map-size-conflict", "two sizes", map(`${ARRAY} __type(key, __u32); __uint(key_size, 8); __type(value, __u64);`)],
  [
    "map-size-unknown",
    "a struct that is only declared",
    `struct nowhere;\n${map(`${ARRAY} __type(key, __u32); __type(value, struct nowhere);`)}`,
  ],
  [
    "map-inner",
    "values in a plain array",
    `${INNER}\n${map(`${ARRAY} __uint(key_size, 4); __array(values, struct inner);`)}`,
  ],
  [
    "map-pinning-value",
    "an unknown way of pinning",
    map(`${ARRAY} __type(key, __u32); __type(value, __u64); __uint(pinning, 2);`),
  ],
  ["map-declaration", "a static map", `static ${map(`${ARRAY} __type(key, __u32); __type(value, __u64);`)}`],
  ["map-declaration", "a number among the maps", `int counts SEC(".maps") = 1;\n${PROGRAM}`],
  [
    "legacy-map-definition",
    "the old way",
    `struct old { int type, key_size, value_size, max_entries, flags; };\nstruct old counts SEC("maps") = { 2, 4, 8, 1 };\n${PROGRAM}`,
  ],
  [
    "static-program",
    "a static program",
    'SEC("tc") __attribute__((used))\nstatic int look(struct __sk_buff *skb)\n{\n\treturn 0;\n}\nchar LICENSE[] SEC("license") = "GPL";\n',
  ],
  [
    "undefined-function",
    "a function of the C library",
    'int memcmp(const void *, const void *, unsigned long);\nSEC("tc")\nint look(struct __sk_buff *skb)\n{\n\tchar a[9], b[9];\n\tbpf_skb_load_bytes(skb, 0, a, 9);\n\tbpf_skb_load_bytes(skb, 9, b, 9);\n\treturn memcmp(a, b, skb->len);\n}\nchar LICENSE[] SEC("license") = "GPL";\n',
  ],
  [
    "kernel-symbol",
    "a variable of no kernel",
    'extern const int no_such_variable __ksym;\nSEC("tc")\nint look(struct __sk_buff *skb)\n{\n\treturn (long)&no_such_variable & 7;\n}\nchar LICENSE[] SEC("license") = "GPL";\n',
  ],
  ["object-types-missing", "no types", map(`${ARRAY} __type(key, __u32); __type(value, __u64);`), "-g0"],
];

test.each(CASES)("%s: %s", async (family, _, source, flag) => {
  const reason = whyNot();
  if (reason !== undefined) throw new Error(reason);
  const path = join(folder, `${family}-${CASES.findIndex((one) => one[2] === source)}.bpf.c`);
  writeFileSync(path, HEAD + source);
  const { ok, output, plan } = await buildObject(path, workIn(folder, { flags: flag === undefined ? [] : [flag] }));
  expect(ok, output).toBe(true);
  const answer = await answerOf(plan.object);
  expect(`${answer?.family}: ${answer?.said}`).toMatch(new RegExp(`^${family}: `));
  expect(answer?.meaning).toMatch(/^[A-Z"\w].*\S$/s);
  expect(answer?.advice).not.toBe("");
});

test("object-file: a file that is none", async () => {
  const reason = whyNot();
  if (reason !== undefined) throw new Error(reason);
  const path = join(folder, "text.bpf.o");
  writeFileSync(path, "not an object\n");
  await expect(answerOf(path)).rejects.toThrow(/not/);
});

async function answerOf(object: string): Promise<Answer | undefined> {
  const [here] = kernels;
  if (here === undefined) throw new Error("no kernel");
  const { answers, programs } = await verifyObject(
    object,
    await here.start(),
    { programs: [], visits: false },
    workIn(folder),
  );
  return answers[0] ?? programs[0]?.answers[0];
}
