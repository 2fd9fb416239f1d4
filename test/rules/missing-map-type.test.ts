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

test("an inner map has a type of its own", () => {
  checkRule(
    missingMapType,
    `
struct {
  __uint(type, BPF_MAP_TYPE_ARRAY_OF_MAPS);
  __array(values, struct { __type(key, int); });
//                ^^^^^^ Map m.inner has no type: it cannot be created
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
