import { expect, test } from "vitest";
import { missingMapType } from "../../server/src/analysis/rules/missing-map-type.ts";
import { checkFix, checkNoFindings, checkRule, findingsIn } from "../support/check.ts";

test("what is proposed follows the shape", () => {
  const map = (text: string) => `struct {\n${text}\t__uint(max_entries, 8);\n} m SEC(".maps");`;
  checkFix(missingMapType, map(""), map("\t__uint(type, BPF_MAP_TYPE_RINGBUF);\n"));
  checkFix(
    missingMapType,
    map("\t__type(value, int);\n"),
    map("\t__uint(type, BPF_MAP_TYPE_QUEUE);\n\t__type(value, int);\n"),
  );
});

test("what is proposed is what its helpers take", () => {
  const map = (type: string, use: string) =>
    `struct {\n${type}\t__type(key, int);\n\t__type(value, int);\n} m SEC(".maps");\nint f(void *ctx) { ${use} }`;
  for (const [type, use] of [
    ["PERF_EVENT_ARRAY", "return bpf_perf_event_output(ctx, &m, 0, &x, 4);"],
    ["STACK_TRACE", "return bpf_get_stackid(ctx, &m, 0);"],
    ["HASH", "bpf_map_update_elem(&m, &k, &v, 0); return *bpf_map_lookup_elem(&m, &k);"],
  ])
    checkFix(missingMapType, map("", use ?? ""), map(`\t__uint(type, BPF_MAP_TYPE_${type});\n`, use ?? ""));
});

test("an inner map has a type of its own", () => {
  checkRule(
    missingMapType,
    `
struct {
  __uint(type, BPF_MAP_TYPE_ARRAY_OF_MAPS);
  __array(values, struct { __type(key, int); });
//                ^^^^^^ map m.inner has no type: libbpf refuses the file
} m SEC(".maps");
`,
  );
});

test("silent where something in the definition is not understood", () => {
  checkNoFindings(missingMapType, 'struct { COMMON_PART; __type(key, int); } m SEC(".maps");');
  checkNoFindings(missingMapType, 'struct { COMMON_PART(1) __type(key, int); } m SEC(".maps");');
  checkNoFindings(missingMapType, 'struct { int (*type)[1]; __type(key, int); } m SEC(".maps");');
  checkNoFindings(missingMapType, 'struct { __uint(typ, 1); __type(key, int); } m SEC(".maps");');
  checkNoFindings(missingMapType, 'struct {\n#if A\n__type(key, int);\n#endif\n} m SEC(".maps");');
  checkNoFindings(missingMapType, 'struct { } m SEC(".maps");');
});

test("no type is none", () => {
  const [finding] = findingsIn('struct { __uint(type, BPF_MAP_TYPE_UNSPEC); } m SEC(".maps");', [missingMapType]);
  expect(finding?.range.start.character).toBe(22);
});
