import { test } from "vitest";
import { narrowAtomic } from "../../server/src/analysis/rules/narrow-atomic.ts";
import { checkNoFindings, checkRule } from "../support/check.ts";

test("32 and 64 bits, and types that are not known", () => {
  checkNoFindings(
    narrowAtomic,
    "__u32 a; unsigned long b; port_t c; __u8 d[4];\nint f(__u64 *p, void *q) { __sync_fetch_and_add(&a, 1); __sync_fetch_and_add(&b, 1); __sync_fetch_and_add(&c, 1); __sync_fetch_and_add(p, 1); __sync_fetch_and_add(q, 1); __sync_fetch_and_add(&d[1], 1); return 0; }",
  );
});

test("through a pointer", () => {
  checkRule(
    narrowAtomic,
    `
int f(void *map, int key)
{
    __u8 *count = bpf_map_lookup_elem(map, &key);
    if (count)
        __sync_fetch_and_add(count, 1);
//                           ^^^^^ __sync_fetch_and_add() on __u8: BPF's atomic operations work on 32 and 64 bits
    return 0;
}
`,
  );
});
