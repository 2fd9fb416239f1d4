import { expect, test } from "vitest";
import { accessOutOfBounds } from "../../server/src/analysis/rules/access-out-of-bounds.ts";
import { checkFix, checkNoFindings, findingsIn } from "../support/check.ts";

const file = (body: string, before = "") => `
struct pair { __u32 a; __u32 b; };
struct { __uint(type, BPF_MAP_TYPE_HASH); __type(key, __u64); __type(value, struct pair); __uint(max_entries, 8); } pairs SEC(".maps");
struct { __uint(type, BPF_MAP_TYPE_RINGBUF); __uint(max_entries, 4096); } events SEC(".maps");
${before}
SEC("tracepoint/syscalls/sys_enter_execve")
int f(void *ctx) { __u64 key = 1; ${body} return 0; }
`;

const told = (body: string, before?: string) =>
  findingsIn(file(body, before), [accessOutOfBounds]).map(({ severity, message }) => `${severity}: ${message}`);

const REFUSED = ": the verifier refuses it";
const BESIDE = `${REFUSED}, or other variables are used`;

test("variables on the stack", () => {
  expect(told("char c[16]; bpf_get_current_comm(c, 32);")).toEqual([
    `error: bpf_get_current_comm() writes 32 bytes, and c has 16${REFUSED}`,
  ]);
  expect(told("char c[16], d[16]; bpf_get_current_comm(c, 32); bpf_get_current_comm(d, 16);")).toEqual([
    `warning: bpf_get_current_comm() writes 32 bytes, and c has 16${BESIDE}`,
  ]);
  expect(told("char c[16]; c[16] = 0; bpf_get_current_comm(c, 16);")).toEqual([
    `warning: this writes 1 byte at offset 16 of c, which has 16 bytes${BESIDE}`,
  ]);
  expect(told("char c[16]; bpf_get_current_comm(c, 16); return c[-1];")).toEqual([
    `warning: this reads 1 byte before c${BESIDE}`,
  ]);
});

test("the end of an array is a place like others, as long as nobody looks there", () => {
  checkNoFindings(
    accessOutOfBounds,
    file("char c[16]; bpf_get_current_comm(c, 16); char *end = &c[16], *p = c; if (p < end) return *p;"),
  );
});

test("keys and values of maps", () => {
  expect(told("__u32 short_key = 1; bpf_map_delete_elem(&pairs, &short_key);")).toEqual([
    `warning: keys of pairs have 8 bytes, and short_key has 4${BESIDE}`,
  ]);
  expect(told("__u32 one = 1; bpf_map_update_elem(&pairs, &key, &one, 0);")).toEqual([
    `warning: values of pairs have 8 bytes, and one has 4${BESIDE}`,
  ]);
});

test("what a map gives, also in a function that is handed it", () => {
  const look = "struct pair *p = bpf_map_lookup_elem(&pairs, &key); if (!p) return 0;";
  expect(told(`${look} ((__u64 *)p)[1] = 2;`)).toEqual([
    `error: this writes 8 bytes at offset 8 of a value of pairs, which has 8 bytes${REFUSED}`,
  ]);
  expect(told(`${look} third(p);`, "static void third(struct pair *p) { *(&p->b + 1) = 3; }")).toHaveLength(1);
  checkNoFindings(accessOutOfBounds, file(`${look} *(&p->a + 1) = 3; __builtin_memset(p, 0, sizeof(*p));`));
});

test("records by the size that was asked for", () => {
  expect(
    told("struct pair *p = bpf_ringbuf_reserve(&events, 4, 0); if (p) { p->b = 1; bpf_ringbuf_submit(p, 0); }"),
  ).toEqual([`error: this writes 4 bytes at offset 4 of the record, which has 4 bytes${REFUSED}`]);
  checkNoFindings(
    accessOutOfBounds,
    file(
      "struct pair *p = bpf_ringbuf_reserve(&events, sizeof(*p), 0); if (p) { p->b = 1; bpf_ringbuf_submit(p, 0); }",
    ),
  );
});

test("silent where a size or a place is not known", () => {
  checkNoFindings(accessOutOfBounds, file("struct unknown u; bpf_get_current_comm(&u, 64);"));
  checkNoFindings(accessOutOfBounds, file("char c[16]; bpf_get_current_comm(c, key);"));
  checkNoFindings(accessOutOfBounds, file("char c[16] = {}; return c[bpf_get_prandom_u32() & 31];"));
  checkNoFindings(accessOutOfBounds, file("char c[sizeof(struct unknown)]; bpf_get_current_comm(c, 64);"));
});

test("silent for variables of the file, which a loader may make larger", () => {
  checkNoFindings(accessOutOfBounds, file("return slots[3];", "int slots[1];"));
});

test("what only the compiler asks is not read", () => {
  checkNoFindings(
    accessOutOfBounds,
    file("struct pair p = {}; return bpf_core_field_exists((&p)[7].b) + sizeof((&p)[9]);"),
  );
});

test("the fix takes the array's own size", () => {
  checkFix(
    accessOutOfBounds,
    file("char c[16]; bpf_get_current_comm(c, 64);"),
    file("char c[16]; bpf_get_current_comm(c, sizeof(c));"),
  );
  checkFix(
    accessOutOfBounds,
    file("char c[16]; bpf_get_current_comm(&c[8], 16);"),
    file("char c[16]; bpf_get_current_comm(&c[8], 16);"),
  );
});
