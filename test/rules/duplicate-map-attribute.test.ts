import { expect, test } from "vitest";
import { duplicateMapAttribute } from "../../server/src/analysis/rules/duplicate-map-attribute.ts";
import { checkFix, checkNoFindings, findingsIn } from "../support/check.ts";

test("silent where only one of both is compiled", () => {
  checkNoFindings(
    duplicateMapAttribute,
    'struct {\n#ifdef A\n__uint(type, 1);\n#endif\n#ifndef A\n__uint(type, 2);\n#endif\n} m SEC(".maps");',
  );
});

test("an inner map has members of its own", () => {
  checkNoFindings(
    duplicateMapAttribute,
    'struct { __uint(type, BPF_MAP_TYPE_ARRAY_OF_MAPS); __array(values, struct { __uint(type, 1); }); } m SEC(".maps");',
  );
});

test("the same twice is safe to remove", () => {
  const [finding] = findingsIn('struct { __uint(type, 1); __uint(type, 1); } m SEC(".maps");', [duplicateMapAttribute]);
  expect(finding?.fixes?.[0]?.safety).toBe("safe");
  checkFix(
    duplicateMapAttribute,
    'struct { __uint(type, 1); __uint(type, 1); } m SEC(".maps");',
    'struct { __uint(type, 1); } m SEC(".maps");',
  );
});
