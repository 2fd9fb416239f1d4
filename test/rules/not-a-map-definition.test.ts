import { expect, test } from "vitest";
import { notAMapDefinition } from "../../server/src/analysis/rules/not-a-map-definition.ts";
import { checkNoFindings, findingsIn } from "../support/check.ts";

const messages = (source: string) => findingsIn(source, [notAMapDefinition]).map(({ message }) => message);

test("arrays and numbers", () => {
  expect(messages('struct { __uint(type, 1); } m[2] SEC(".maps");')).toEqual([
    "map m is an array: every map is defined by itself",
  ]);
  expect(messages('int m SEC(".maps");')).toEqual(["map m is a number: a map is a structure"]);
});

test("what is a structure, or may be one, is left alone", () => {
  checkNoFindings(notAMapDefinition, 'struct { __uint(type, 1); } a SEC(".maps"), b SEC(".maps");');
  checkNoFindings(
    notAMapDefinition,
    'struct { __uint(type, 1); __array(values, struct { __uint(type, 1); } ); } a SEC(".maps") = { .values = { &b } };',
  );
  checkNoFindings(notAMapDefinition, 'struct named m SEC(".maps");');
  checkNoFindings(notAMapDefinition, 'struct named { __uint(type, 1); } m __weak SEC(".maps");');
  checkNoFindings(notAMapDefinition, 'map_t m SEC(".maps");');
  checkNoFindings(notAMapDefinition, 'SEC(".maps") struct { __uint(type, 1); __type(key, char *); } m;');
  checkNoFindings(notAMapDefinition, 'struct bpf_map_def m SEC("maps") = { .type = 1 };');
});

test("an old definition that is not understood gets no fix", () => {
  const [finding] = findingsIn('struct bpf_map_def m SEC(".maps") = DEFINITION;', [notAMapDefinition]);
  expect(finding?.message).toContain("struct bpf_map_def");
  expect(finding?.fixes).toBeUndefined();
});
