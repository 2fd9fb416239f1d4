import { expect, test } from "vitest";
import { unknownMapAttribute } from "../../server/src/analysis/rules/unknown-map-attribute.ts";
import { checkFix, checkNoFindings, checkRule, findingsIn } from "../support/check.ts";

const map = (member: string) => `struct { __uint(type, BPF_MAP_TYPE_HASH); ${member} } m SEC(".maps");`;

test("says what is known instead", () => {
  checkRule(
    unknownMapAttribute,
    `
struct {
  __uint(type, BPF_MAP_TYPE_HASH);
  __type(kye, int);
//       ^^^ maps have no member kye: libbpf refuses the file; write key
  __uint(colour, 7);
//       ^^^^^^ maps have no member colour: libbpf refuses the file
} m SEC(".maps");
`,
  );
});

test("what is there already is not proposed again", () => {
  const source = 'struct {\n\t__uint(type, 1);\n\t__uint(max_entry, 2);\n\t__uint(max_entries, 3);\n} m SEC(".maps");';
  checkFix(unknownMapAttribute, source, source.replace("\t__uint(max_entry, 2);\n", ""));
});

test("names of older formats", () => {
  checkFix(unknownMapAttribute, map("__uint(max_elem, 8);"), map("__uint(max_entries, 8);"));
  checkFix(unknownMapAttribute, map("__uint(size_key, 8);"), map("__uint(key_size, 8);"));
});

test("inner maps are looked at as well", () => {
  const [finding] = findingsIn(
    'struct { __uint(type, BPF_MAP_TYPE_ARRAY_OF_MAPS); __array(values, struct { __uint(typ, 1); }); } m SEC(".maps");',
    [unknownMapAttribute],
  );
  expect(finding?.message).toContain("member typ:");
});

test("loaders differ", () => {
  checkNoFindings(unknownMapAttribute, map("__uint(numa_node, 0);"));
  const [inGo] = findingsIn(map("__uint(numa_node, 0);"), [unknownMapAttribute], { loader: "cilium/ebpf" });
  expect(inGo?.message).toBe("maps have no member numa_node: cilium/ebpf refuses the file");
  const [inRust] = findingsIn(map("__uint(max_entry, 1);"), [unknownMapAttribute], { loader: "aya" });
  expect([inRust?.severity, inRust?.message]).toEqual([
    "warning",
    "maps have no member max_entry: aya passes over it; write max_entries",
  ]);
  checkNoFindings(unknownMapAttribute, map("__uint(max_entry, 1);"), { loader: "bcc" });
});

test("silent where the text depends on #if, and in other structures", () => {
  checkNoFindings(
    unknownMapAttribute,
    'struct {\n#ifdef X\n__uint(foo, 1);\n#endif\n__uint(type, 1);\n} m SEC(".maps");',
  );
  checkNoFindings(unknownMapAttribute, "struct { __uint(foo, 1); } m;");
});

test("to aya the file is right as it is, so the fix is no safe one", () => {
  const safety = (loader: string) =>
    findingsIn(map("__uint(max_entry, 1);"), [unknownMapAttribute], { loader })[0]?.fixes?.[0]?.safety;
  expect([safety("aya"), safety("libbpf")]).toEqual(["unsafe", undefined]);
});
