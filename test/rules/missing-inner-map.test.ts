import { test } from "vitest";
import { missingInnerMap } from "../../server/src/analysis/rules/missing-inner-map.ts";
import { checkNoFindings } from "../support/check.ts";

test("silent where the definition is not understood, and for other types", () => {
  checkNoFindings(missingInnerMap, 'struct { __uint(type, BPF_MAP_TYPE_HASH_OF_MAPS); INNER; } m SEC(".maps");');
  checkNoFindings(missingInnerMap, 'struct { __uint(type, BPF_MAP_TYPE_HASH); __type(key, int); } m SEC(".maps");');
});

test("a named structure is one as well", () => {
  checkNoFindings(
    missingInnerMap,
    'struct { __uint(type, BPF_MAP_TYPE_HASH_OF_MAPS); __array(values, struct inner); } m SEC(".maps");',
  );
});
