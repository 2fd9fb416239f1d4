import { test } from "vitest";
import { mapByValue } from "../../server/src/analysis/rules/map-by-value.ts";
import { checkFix, checkNoFindings, checkRule } from "../support/check.ts";

const MAP = 'struct { __uint(type, BPF_MAP_TYPE_HASH); } m SEC(".maps");';

test("flags the argument", () => {
  checkRule(
    mapByValue,
    `
${MAP}
int f(void *key) { return !bpf_map_lookup_elem(m, key); }
//                                             ^ bpf_map_lookup_elem() wants the address of the map: &m
`,
  );
});

test("whatever undoes the address", () => {
  for (const text of ["m", "*&m", "*(&m)"])
    checkFix(
      mapByValue,
      `${MAP}\nint f(void *c) { return bpf_get_stackid(c, ${text}, 0); }`,
      `${MAP}\nint f(void *c) { return bpf_get_stackid(c, &m, 0); }`,
    );
});

test("maps of the old form", () => {
  checkFix(
    mapByValue,
    'struct bpf_map_def SEC("maps") m = { .type = 1 };\nint f(void *k) { return !bpf_map_lookup_elem(m, k); }',
    'struct bpf_map_def SEC("maps") m = { .type = 1 };\nint f(void *k) { return !bpf_map_lookup_elem(&m, k); }',
  );
});

test("a variable of the same name is no map", () => {
  checkNoFindings(mapByValue, `${MAP}\nint f(void *k) { void *m = g(); return !bpf_map_lookup_elem(m, k); }`);
  checkNoFindings(mapByValue, `${MAP}\nint f(void *m, void *k) { return !bpf_map_lookup_elem(m, k); }`);
});

test("the name of an array of maps is an address", () => {
  checkNoFindings(
    mapByValue,
    `${MAP.replace("m SEC", "m[2] SEC")}\nint f(void *k) { return !bpf_map_lookup_elem(m, k); }`,
  );
});

test("bcc's maps, and functions of the project's own", () => {
  checkNoFindings(mapByValue, "BPF_HASH(m, u32, u64);\nint f(void *k) { return !bpf_map_lookup_elem(m, k); }");
  checkNoFindings(
    mapByValue,
    `${MAP}\n#define bpf_map_lookup_elem(m, k) lookup(&m, k)\nint f(void *k) { return !bpf_map_lookup_elem(m, k); }`,
  );
  checkNoFindings(mapByValue, `${MAP}\nint f(void *k) { return my_lookup(m, k); }`);
});

test("the address is what is wanted", () => {
  checkNoFindings(
    mapByValue,
    `${MAP}\nint f(void *k) { return !bpf_map_lookup_elem(&m, k) + !bpf_map_lookup_elem(& m, k); }`,
  );
});
