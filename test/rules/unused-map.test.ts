import { test } from "vitest";
import { unusedMap } from "../../server/src/analysis/rules/unused-map.ts";
import { checkFix, checkNoFindings } from "../support/check.ts";

const map = (rest = "") => `struct { __uint(type, BPF_MAP_TYPE_HASH); ${rest} } m SEC(".maps");\n`;
const rest = 'SEC("xdp") int f(void *c) { return 0; }\nchar _license[] SEC("license") = "GPL";\n';

test("anything that names it uses it", () => {
  checkNoFindings(
    unusedMap,
    `${map()}SEC("xdp") int f(void *c) { return g(&m); }\nchar _license[] SEC("license") = "GPL";`,
  );
  checkNoFindings(unusedMap, `${map()}#define GET lookup(&m)\n${rest}`);
  checkNoFindings(unusedMap, `${map()}#if 0\nint g() { return h(&m); }\n#endif\n${rest}`);
  checkNoFindings(unusedMap, `${map()}#define GET(x) x##_get()\n${rest}`);
  checkNoFindings(
    unusedMap,
    `${map()}struct { __uint(type, BPF_MAP_TYPE_ARRAY_OF_MAPS); } o SEC(".maps") = { .values = { &m } };\nint g(void) { return h(&o); }\n${rest}`,
  );
});

test("silent where it is meant for others", () => {
  checkNoFindings(unusedMap, `${map("__uint(pinning, 1);")}${rest}`);
  checkNoFindings(unusedMap, map());
  checkNoFindings(unusedMap, `#include "mine.h"\n${map()}${rest}`);
  checkNoFindings(unusedMap, `${map()}${rest}`.replace('SEC("xdp")', 'SEC("iter/task")'));
  checkNoFindings(unusedMap, `${map()}${rest}`.replace("TYPE_HASH", "TYPE_SOCKMAP"));
});

test("a name that is part of another does not use it", () => {
  checkFix(unusedMap, `${map()}int mm;\n${rest}`, `int mm;\n${rest}`);
});
