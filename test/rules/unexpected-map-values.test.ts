import { expect, test } from "vitest";
import { unexpectedMapValues } from "../../server/src/analysis/rules/unexpected-map-values.ts";
import { checkFix, checkNoFindings, findingsIn } from "../support/check.ts";

const map = (type: string, values: string) =>
  `struct { __uint(type, BPF_MAP_TYPE_${type}); __array(values, ${values}); } m SEC(".maps");`;
const inner = "struct { __uint(type, BPF_MAP_TYPE_ARRAY); }";

test("programs and maps are not the same", () => {
  checkFix(unexpectedMapValues, map("ARRAY", "int (void *)"), map("PROG_ARRAY", "int (void *)"));
  checkFix(unexpectedMapValues, map("PERCPU_HASH", inner), map("HASH_OF_MAPS", inner));
  const [finding] = findingsIn(map("PROG_ARRAY", inner), [unexpectedMapValues]);
  expect(finding?.message).toBe("PROG_ARRAY maps hold programs, not maps: libbpf refuses the file");
});

test("what is right, or not known, is left alone", () => {
  checkNoFindings(unexpectedMapValues, map("PROG_ARRAY", "int (void *)"));
  checkNoFindings(unexpectedMapValues, map("PROG_ARRAY", "fn_t"));
  checkNoFindings(unexpectedMapValues, map("ARRAY_OF_MAPS", inner));
  checkNoFindings(unexpectedMapValues, map("ARRAY_OF_MAPS", "inner_t"));
  checkNoFindings(unexpectedMapValues, map("ARRAY", inner), { loader: "aya" });
});
