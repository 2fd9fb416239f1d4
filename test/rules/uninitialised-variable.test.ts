import { expect, test } from "vitest";
import { uninitialisedVariable } from "../../server/src/analysis/rules/uninitialised-variable.ts";
import { checkFix, checkNoFindings, findingsIn } from "../support/check.ts";

const file = (body: string, before = "") => `
struct pair { __u32 a; __u32 b; };
struct gapped { __u8 a; __u32 b; };
struct { __uint(type, BPF_MAP_TYPE_HASH); __type(key, struct pair); __type(value, struct gapped); __uint(max_entries, 8); } m SEC(".maps");
struct { __uint(type, BPF_MAP_TYPE_RINGBUF); __uint(max_entries, 4096); } events SEC(".maps");
${before}
SEC("tracepoint/syscalls/sys_enter_execve")
int f(struct trace_event_raw_sys_enter *ctx) { int x = bpf_get_prandom_u32(); ${body} return 0; }
`;

const told = (body: string, before?: string, target?: string) =>
  findingsIn(file(body, before), [uninitialisedVariable], { target }).map(
    ({ severity, message }) => `${severity}: ${message}`,
  );

test("numbers, on some path", () => {
  expect(told("int y; return y;")).toEqual([
    "warning: y is used, and on this path nothing was written to it: clang takes any value, or the kernel refuses it",
  ]);
  expect(told("int y; if (x) y = 1; return y;")).toHaveLength(1);
  for (const body of [
    "int y; if (x) y = 1; else y = 2; return y;",
    "int y; if (x) y = 1; if (x) return y;",
    "int y; y = x; y++;",
    "int y; unknown(&y); return y;",
    "int y; set(&y); return y;",
    "static int y; return y;",
    'int y; asm volatile("%0 = 1" : "=r"(y)); return y;',
    "int y; return sizeof(y);",
    "int y; bpf_probe_read_kernel(&y, sizeof(y), ctx); return y;",
    "int y; for (int i = 0; i < 4; i++) y = i; return y;",
    "int y; switch (x) { case 1: y = 1; break; default: y = 2; } return y;",
    "int y; do { y = x; } while (x > 7); return y;",
  ])
    checkNoFindings(uninitialisedVariable, file(body, "static void set(int *to) { *to = 1; }"));
});

test("a macro that nobody knows may name a member", () => {
  checkNoFindings(uninitialisedVariable, file("int pid; pid = READ_FIELD(x, pid); return pid;"));
});

test("every value of an enumeration may have its case", () => {
  checkNoFindings(
    uninitialisedVariable,
    file(
      "enum way { IN, OUT } way = x; int y; switch (way) { case IN: y = 1; break; case OUT: y = 2; break; } return y;",
    ),
  );
});

test("keys, by what is left out of them", () => {
  expect(told("struct pair k; bpf_map_delete_elem(&m, &k);")).toEqual([
    "warning: bpf_map_delete_elem() reads k, which nobody wrote: the key may differ each time",
  ]);
  expect(told("struct pair k; k.a = 1; bpf_map_delete_elem(&m, &k);")).toEqual([
    "warning: bpf_map_delete_elem() reads k.b, which nobody wrote: the key may differ each time",
  ]);
  checkNoFindings(uninitialisedVariable, file("struct pair k = { .a = 1 }; bpf_map_delete_elem(&m, &k);"));
  checkNoFindings(uninitialisedVariable, file("struct pair k; k.b = k.a = 1; bpf_map_delete_elem(&m, &k);"));
});

test("values and records, by the bytes between members", () => {
  const gaps = "struct pair k = {}; struct gapped v; v.a = 1; v.b = 2; bpf_map_update_elem(&m, &k, &v, 0);";
  expect(told(gaps)).toEqual([
    "info: bpf_map_update_elem() reads the 3 bytes between the members of v, which nobody wrote: left over on the stack",
  ]);
  expect(told(gaps, "", "5.10")).toEqual([
    "error: bpf_map_update_elem() reads the 3 bytes between the members of v, which nobody wrote: refused on 5.10: first in 6.1",
  ]);
  expect(told("struct gapped v; v.a = 1; bpf_ringbuf_output(&events, &v, sizeof(v), 0);")).toEqual([
    "info: bpf_ringbuf_output() reads v.b, which nobody wrote: left over on the stack",
  ]);
  for (const body of [
    "struct gapped v; __builtin_memset(&v, 0, sizeof(v)); v.a = 1;",
    "struct gapped v = {}; v.a = 1;",
    "struct gapped v; unknown(&v);",
    "struct gapped v; fill(&v);",
    "struct gapped v; struct { struct gapped *to; } kept = { .to = &v }; bpf_loop(1, later, &kept, 0);",
    "struct gapped v; for (int i = 0; i < sizeof(v); i++) ((char *)&v)[i] = 0;",
  ])
    checkNoFindings(
      uninitialisedVariable,
      file(
        `${body} bpf_ringbuf_output(&events, &v, sizeof(v), 0);`,
        "static void fill(struct gapped *to) { __builtin_memset(to, 0, sizeof(*to)); }",
      ),
    );
});

test("what a helper wrote is no more than it was told to", () => {
  const read = (size: string) => `struct pair k; bpf_probe_read_kernel(&k, ${size}, ctx); bpf_map_delete_elem(&m, &k);`;
  expect(told(read("4"))).toHaveLength(1);
  checkNoFindings(uninitialisedVariable, file(read("sizeof(k)")));
  checkNoFindings(uninitialisedVariable, file(read("x")));
});

test("parts that the program reads itself", () => {
  expect(told("struct pair k; k.a = 1; return k.b;")).toEqual([
    "warning: k is used, and on this path nothing was written to it: clang takes any value, or the kernel refuses it",
  ]);
  checkNoFindings(uninitialisedVariable, file("struct pair k; k.a = 1; return k.a;"));
});

test("the fix gives it a value where it is declared", () => {
  checkFix(uninitialisedVariable, file("int y, z; return y;"), file("int y = 0, z; return y;"));
  checkFix(
    uninitialisedVariable,
    file("struct pair k; bpf_map_delete_elem(&m, &k);"),
    file("struct pair k = {}; bpf_map_delete_elem(&m, &k);"),
  );
  checkFix(
    uninitialisedVariable,
    file("char t[8]; bpf_ringbuf_output(&events, t, 8, 0);"),
    file("char t[8] = {}; bpf_ringbuf_output(&events, t, 8, 0);"),
  );
});

test("what was asked decides, also of what stands in another order in the packet", () => {
  const types = "enum { IP = 0x0800, IPV6 = 0x86dd, ARP = 0x0806 };";
  for (const [four, six] of [
    ["bpf_htons(IP)", "bpf_htons(IPV6)"],
    ["bpf_htonl(IP)", "bpf_htonl(IPV6)"],
  ]) {
    const body = `int a, b; if (x == ${four}) a = 1; else if (x == ${six}) b = 2; else return 0;`;
    checkNoFindings(
      uninitialisedVariable,
      file(`${body} if (x == ${four}) return a; else if (x == ${six}) return b;`, types),
    );
    expect(told(`${body} if (x == ${four}) return b;`, types)).toHaveLength(1);
  }
  const body =
    "int a, b; switch (x) { case bpf_htons(IP): a = 1; break; case bpf_htons(ARP): b = 2; break; default: return 0; }";
  checkNoFindings(uninitialisedVariable, file(`${body} return x == bpf_htons(ARP) ? b : a;`, types));
});

test("a field may be set up with one before it", () => {
  checkNoFindings(uninitialisedVariable, file("struct pair p = { .a = x, .b = p.a + 1 }; return p.b;"));
});

test("a function whose parameters come of a macro may write to anything", () => {
  const made = `struct at { void *pos; };
#define parameters struct at *at, void *end, struct
#define reads(type) static bool read_##type(parameters type **to) { *to = at->pos; return at->pos < end; }
reads(pair);`;
  checkNoFindings(
    uninitialisedVariable,
    file("struct at at = { .pos = ctx }; struct pair *p; if (!read_pair(&at, ctx, &p)) return 0; return p != 0;", made),
  );
});
