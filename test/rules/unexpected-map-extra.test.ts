import { test } from "vitest";
import { unexpectedMapExtra } from "../../server/src/analysis/rules/unexpected-map-extra.ts";
import { checkNoFindings } from "../support/check.ts";

test("where it means something, is nothing or is not known it is left alone", () => {
  const map = (type: string, extra: string) =>
    `struct { __uint(type, BPF_MAP_TYPE_${type}); __ulong(map_extra, ${extra}); } m SEC(".maps");`;
  checkNoFindings(unexpectedMapExtra, map("ARENA", "0x1ull << 44"));
  checkNoFindings(unexpectedMapExtra, map("BLOOM_FILTER", "3"));
  checkNoFindings(unexpectedMapExtra, map("HASH", "0"));
  checkNoFindings(unexpectedMapExtra, map("HASH", "EXTRA"));
  checkNoFindings(unexpectedMapExtra, map("NEW_KIND", "1"));
});
