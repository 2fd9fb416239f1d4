import { expect, test } from "vitest";
import { modelOf } from "../support/check.ts";

const definitions = (text: string) => modelOf(text).definitions;

test("members with what stands around them", () => {
  const [map] = definitions('static struct {\n\t__uint(type, 1);\n\t__type(key, int);\n} m SEC(".maps");');
  expect(map?.members.map(({ macro, name, value }) => `${macro} ${name} ${value}`)).toEqual([
    "__uint type 1",
    "__type key int",
  ]);
  expect(map?.isWhole).toBe(true);
  expect(map?.staticRange).toEqual({ start: { line: 0, character: 0 }, end: { line: 0, character: 7 } });
  expect(map?.facts.keySize).toBe(4);
});

test("an inner definition has members of its own", () => {
  const [map] = definitions(
    'struct { __uint(type, 12); __array(values, struct { __uint(type, 2); __type(key, long); }); } m SEC(".maps");',
  );
  expect(map?.members.map(({ name }) => name)).toEqual(["type", "values"]);
  expect(map?.inner?.name).toBe("m.inner");
  expect(map?.inner?.facts.keySize).toBe(8);
  expect(map?.inner?.isWhole).toBe(true);
});

test("whatever is no member makes it less than whole", () => {
  for (const body of ["PART;", "PART(1);", "int (*type)[1];", "__uint(type, 1)", "__uint(type", "__uint(type, 1) __x;"])
    expect(definitions(`struct { ${body} } m SEC(".maps");`)[0]?.isWhole, body).not.toBe(true);
});

test("#if in the body makes it conditional, around it does not", () => {
  const body = "__uint(type, 1);";
  expect(definitions(`struct {\n#if A\n${body}\n#endif\n} m SEC(".maps");`)[0]?.isConditional).toBe(true);
  expect(definitions(`#if A\nstruct { ${body} } m SEC(".maps");\n#endif`)[0]?.isConditional).toBe(false);
});

test("one definition for several maps, none for what is spelt out elsewhere", () => {
  expect(definitions('struct { __uint(type, 1); } a SEC(".maps"), b SEC(".maps");').map(({ name }) => name)).toEqual([
    "a",
  ]);
  expect(definitions('struct named m SEC(".maps");')).toEqual([]);
  expect(definitions('#define M(n) struct { __uint(type, 1); } n SEC(".maps")\nM(a);')).toEqual([]);
  expect(definitions("struct { __uint(type, 1); } m;")).toEqual([]);
});

test("what structures consist of", () => {
  const { recordOf } = modelOf("struct a { int n; struct bpf_timer t; };\ntypedef struct a a_t;");
  expect(recordOf("a_t")?.fields).toEqual([
    { name: "n", type: undefined },
    { name: "t", type: "struct bpf_timer" },
  ]);
  expect(recordOf("struct b")).toBeUndefined();
});

test("whether all that is included is known", () => {
  const known = /^linux\/bpf\.h$/;
  expect(modelOf("#include <linux/bpf.h>\n").includesOnly(known)).toBe(true);
  expect(modelOf('#include <linux/bpf.h>\n#include "mine.h"\n').includesOnly(known)).toBe(false);
  expect(modelOf("#include HEADER\n").includesOnly(known)).toBe(false);
});
