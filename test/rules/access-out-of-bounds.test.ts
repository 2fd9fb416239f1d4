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

test("what a kernel function takes with its size", () => {
  const slice = "extern void *bpf_dynptr_slice(const struct bpf_dynptr *p, u32 offset, void *buffer, u32 size) __ksym;";
  const call = (size: string) => `struct bpf_dynptr *p = other(); char c[8]; bpf_dynptr_slice(p, 0, c, ${size});`;
  expect(told(call("9"), slice)).toEqual([`warning: bpf_dynptr_slice() reads 9 bytes, and c has 8${BESIDE}`]);
  expect(told(call("8"), slice)).toEqual([]);
  expect(told("struct bpf_dynptr *p = other(); bpf_dynptr_slice(p, 0, NULL, 9);", slice)).toEqual([]);
});

const each = (params: string, body: string) =>
  told("bpf_for_each_map_elem(&pairs, each, ctx, 0);", `static long each(void *map, ${params}, void *ctx) { ${body} }`);

test("keys and values that bpf_for_each_map_elem() gives", () => {
  expect(each("__u64 *key, struct pair *value", "return *key == value->b;")).toEqual([]);
  expect(each("__u64 *key, __u64 *value", "return value[1];")).toEqual([
    `error: this reads 8 bytes at offset 8 of a value of pairs, which has 8 bytes${REFUSED}`,
  ]);
  expect(each("__u64 *key, void *value", "return key[1];")).toEqual([
    `error: this reads 8 bytes at offset 8 of key, which has 8 bytes${REFUSED}`,
  ]);
});

test("what lies before memory of which nobody knows where it ends", () => {
  const iterated = (index: string) =>
    findingsIn(
      `SEC("iter/bpf_map_elem")\nint f(struct bpf_iter__bpf_map_elem *ctx) { char *key = ctx->key; if (!key) return 0; return key[${index}]; }`,
      [accessOutOfBounds],
    ).map(({ message }) => message);
  expect(iterated("-1")).toEqual([`this reads 1 byte before key${REFUSED}`]);
  expect(iterated("64")).toEqual([]);
});

test("slices of dynptrs", () => {
  const slice = (index: string) =>
    told(
      `struct bpf_dynptr p; char room[8]; bpf_dynptr_from_skb(ctx, 0, &p); char *at = bpf_dynptr_slice(&p, 0, room, 8); if (at) return at[${index}];`,
      "struct bpf_dynptr { __u64 a[2]; };\nextern int bpf_dynptr_from_skb(void *s, __u64 flags, struct bpf_dynptr *p) __ksym;\nextern void *bpf_dynptr_slice(const struct bpf_dynptr *p, __u32 offset, void *buffer, __u32 buffer__szk) __ksym;",
    );
  expect(slice("7")).toEqual([]);
  expect(slice("8")).toEqual([`error: this reads 1 byte at offset 8 of the memory, which has 8 bytes${REFUSED}`]);
});

test("variables of the file, beyond all that lies with them", () => {
  const at = (index: string, globals: string) => told(`return a[${index}];`, globals);
  const beyond = (offset: number) => [`error: this reads 1 byte at offset ${offset} of a, which has 4 bytes${REFUSED}`];
  expect(at("4", "char a[4];")).toEqual(beyond(4));
  expect(at("4", "char a[4]; int b;")).toEqual([]);
  expect(at("12", "char a[4]; int b;")).toEqual(beyond(12));
  // Those that have a value lie in the order of the file.
  expect(at("4", "int b = 2; char a[4] = { 1 };")).toEqual(beyond(4));
  expect(at("-4", "int b = 2; char a[4] = { 1 };")).toEqual([]);
  expect(at("-5", "int b = 2; char a[4] = { 1 };")).toEqual([`error: this reads 5 bytes before a${REFUSED}`]);
  expect(at("-5", "int b[4] = { 2 }; static char a[4] = { 1 };")).toEqual([]);
});

test("silent where others may lie beside a variable of the file", () => {
  for (const globals of [
    "char a[4]; char b[WHO_KNOWS];",
    "char a[4], b[8];",
    "char a[4]; int g(void) { static int kept; return kept++; }",
    'char a[4] SEC(".data.own");',
    "const char a[4] = { 1 };",
  ])
    expect(told("return a[5];", globals)).toEqual([]);
  const relocated =
    "struct __attribute__((preserve_access_index)) task { int pid; int tgid; }; char a[4];\nint g(void) { return 0; }";
  expect(told("struct task *task = (void *)&a; return task->tgid;", relocated)).toEqual([]);
});

test("what callbacks leave behind", () => {
  const run = (call: string, cb: string, begin = 0) =>
    told(
      `struct state state = { .at = ${begin} }; ${call} return a[state.at];`,
      `char a[2]; struct state { __u64 at; };\nstatic long cb(__u32 i, struct state *state) { ${cb} return 0; }`,
    ).length;
  expect(run("bpf_loop(9, cb, &state, 0);", "state->at = 0;", 1)).toBe(0);
  // It may not run at all.
  expect(run("bpf_loop(9, cb, &state, 0);", "state->at = 0;", 2)).toBe(1);
  expect(run("bpf_loop(1, cb, &state, 0);", "state->at++;")).toBe(0);
  expect(run("bpf_loop(2, cb, &state, 0);", "state->at++;")).toBe(1);
});

test("a map that keeps void * has values of a size that user space sets", () => {
  const map = (type: string): string =>
    `struct { __uint(type, BPF_MAP_TYPE_HASH); __type(key, __u64); __type(value, ${type}); __uint(max_entries, 8); } others SEC(".maps");`;
  const body = "__u32 *other = bpf_map_lookup_elem(&others, &key); if (other) return other[2];";
  checkNoFindings(accessOutOfBounds, file(body, map("void *")));
  expect(told(body, map("__u64"))).toHaveLength(1);
});
