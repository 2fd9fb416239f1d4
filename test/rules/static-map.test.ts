import { test } from "vitest";
import { staticMap } from "../../server/src/analysis/rules/static-map.ts";
import { checkFix, checkNoFindings } from "../support/check.ts";

const map = (head: string) => `${head} { __uint(type, BPF_MAP_TYPE_HASH); } m SEC(".maps");`;

test("wherever the word stands", () => {
  checkFix(
    staticMap,
    map('SEC(".maps") static struct').replace(' SEC(".maps");', ";"),
    map('SEC(".maps") struct').replace(' SEC(".maps");', ";"),
  );
  checkFix(staticMap, map("static struct named"), map("struct named"));
});

test("silent about others, and for loaders that do not look", () => {
  checkNoFindings(staticMap, map("struct"));
  checkNoFindings(staticMap, 'static struct { int a; } m;\nstruct { __uint(type, 1); } n SEC(".maps");');
  checkNoFindings(staticMap, map("static struct"), { loader: "cilium/ebpf" });
});
