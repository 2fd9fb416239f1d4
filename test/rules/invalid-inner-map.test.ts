import { test } from "vitest";
import { invalidInnerMap } from "../../server/src/analysis/rules/invalid-inner-map.ts";
import { checkNoFindings, checkRule } from "../support/check.ts";

test("maps of maps of maps", () => {
  checkRule(
    invalidInnerMap,
    `
struct {
  __uint(type, BPF_MAP_TYPE_ARRAY_OF_MAPS);
  __array(values, struct {
    __uint(type, BPF_MAP_TYPE_ARRAY_OF_MAPS);
    __array(values, struct { __uint(type, BPF_MAP_TYPE_ARRAY); });
//          ^^^^^^ an inner map cannot hold maps itself: there are two levels and no more
  });
} m SEC(".maps");
`,
  );
});

test("the outer map may be pinned", () => {
  checkNoFindings(
    invalidInnerMap,
    'struct { __uint(type, BPF_MAP_TYPE_ARRAY_OF_MAPS); __uint(pinning, 1); __array(values, struct { __uint(type, 2); }); } m SEC(".maps");',
  );
});
