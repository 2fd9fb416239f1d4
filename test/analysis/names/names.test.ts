/** What a word refers to, and where else the same is meant. */

import { expect, test } from "vitest";
import { checkPlaces, fileOf } from "../../support/check.ts";
import { fixture } from "../../support/fixture.ts";

test("a map: in calls, initialisers, macros, whether compiled or not", async () => {
  await checkPlaces(`
struct { __uint(type, BPF_MAP_TYPE_HASH); __type(key, int); } «counts|def» SEC(".maps");
struct { __uint(type, BPF_MAP_TYPE_ARRAY_OF_MAPS); __array(values, struct inner); } outer SEC(".maps") = {
	.values = { [0] = &«counts», (void *)&«counts» },
};
#define FIND(k) bpf_map_lookup_elem(&«counts», k)
/* counts */
SEC("xdp") int f(struct xdp_md *ctx) {
	int k = 0, *n = bpf_map_lookup_elem(&«counts», &k); // counts
	bpf_printk("counts %d", k);
	bpf_map_update_elem(&«counts|write», &k, &k, 0);
#if 0
	bpf_map_delete_elem(&«counts|write», &k);
#endif
	return sizeof(«counts»);
}
`);
});

test("what has the same name is another: fields, parameters, locals, labels, tags, initialisers by name", async () => {
  await checkPlaces(`
int «counts|def»;
struct counts { int counts; struct counts *next; };
struct other { union { int counts : 3; }; int (*counts)(int counts); __u8 counts[4]; } o = { .counts = 1 };
static int param(int counts) { return counts; }
static int local(struct counts *p) {
	p->counts = «counts»;
	(*p).counts++;
	for (int counts = 0; counts < 3; counts++)
		if (counts) continue; else counts--;
	«counts|write» = 1;
	{
		int counts = 2, twice = counts;
	}
	return BPF_CORE_READ(p, next, counts) + «counts»;
	goto counts;
counts:
	return offsetof(struct counts, counts) + bpf_core_field_exists(struct counts, counts);
}
`);
  await checkPlaces(`
int counts;
static int f(struct counts *p) {
	goto «counts»;
	counts++;
«counts|def»:
	return 0;
}
`);
  await checkPlaces(`
struct «counts|def» { int counts; struct «counts» *next; };
int counts;
static int f(struct «counts» *p) { return ((const struct «counts» *)p)->counts + sizeof(struct «counts»); }
struct { __type(key, struct «counts»); __uint(max_entries, 1); } m SEC(".maps");
`);
});

test("a local begins behind its declaration, and ends with its block", async () => {
  await checkPlaces(`
int n;
static int f(void) {
	u32 before = n;
	struct event *«n|def» = 0, **m = &«n»;
	while (1) { foo_t n; use(n); }
	bpf_for(i, 0, 10) { use(«n»); «n|write» = 0; }
	«n|write»++;
	return ({ int n = 1; n; }) + «n»;
}
static int g(void) { return n; }
`);
});

test("parameters, those of programs and macros too", async () => {
  await checkPlaces(`
SEC("fentry/x") int BPF_PROG(on_x, struct task_struct *«task|def», int flags) { return «task»->flags + flags + «task»; }
static int other(int task, int (*cb)(int task)) { return task; }
`);
  await checkPlaces(`
int x;
#define TWICE(«x|def») ((«x») + («x»))
int y = TWICE(x);
`);
  await checkPlaces(`
SEC("kprobe/x") int BPF_KPROBE(f, int n) { return probe(«ctx», «ctx»->di); }
SEC("kprobe/y") int BPF_KPROBE(g, int n) { return probe(ctx); }
`);
});

test("functions: prototypes, calls, callbacks, programs in arrays", async () => {
  await checkPlaces(`
static int «each|def»(u32 i, void *data);
SEC("tc") int prog(struct __sk_buff *skb) { return bpf_loop(3, «each», skb, 0) + «each»(1, 0); }
static __always_inline int
«each|def»(u32 i, void *data) { return 0; }
`);
  await checkPlaces(`
SEC("xdp") int «target|def»(struct xdp_md *ctx) { return 0; }
struct { __uint(type, BPF_MAP_TYPE_PROG_ARRAY); __array(values, int (void *)); } jumps SEC(".maps") = {
	.values = { [1] = (void *)&«target» },
};
`);
});

test("enumerators, macros, typedefs", async () => {
  await checkPlaces(`
enum kind { «FIRST|def», SECOND = «FIRST» + 1, };
#define MORE («FIRST» | SECOND)
#ifdef «FIRST»
#endif
typedef struct { int FIRST; } thing_t;
static int f(thing_t *t) { switch (t->FIRST) { case «FIRST»: return 1; case SECOND ... MAX: break; default: return 2; } }
`);
  await checkPlaces(`
#define «LIMIT|def» 10
#if «LIMIT» > 5
int a[«LIMIT»] = { [0 ... «LIMIT» - 1] = 3 };
#endif
#undef «LIMIT»
`);
  await checkPlaces(`
typedef int (*«cb_t|def»)(void *data);
static int f(«cb_t» cb, const «cb_t» *other) { «cb_t» one = cb, *two; return sizeof(«cb_t») + (long)(«cb_t»)cb; }
`);
});

test("variables of one declaration, and declared before they are defined", async () => {
  await checkPlaces(`
extern const int «limit|def» __weak;
int first, *second = &first, «limit|def» SEC(".data.x") = 4;
static int f(void) { return «limit» * first; }
`);
  await checkPlaces(`
int limit, *«second|def» = &limit, third[4] = { 1, 2 };
static int f(void) { return *«second» * third[0]; }
`);
});

test("a macro of the project's may take the name of a member", async () => {
  await checkPlaces(`
int «pid|def»;
#define READ(p, field) ((p)->field)
#define READ_MORE(p, ...) BPF_CORE_READ(p, ##__VA_ARGS__)
#define ADD(a, b) ((a) + (b))
static int f(struct task_struct *t) { return READ(t, pid) + READ_MORE(t, group_leader, pid) + ADD(1, «pid»); }
`);
});

test("a name that a macro is given to make something of it", async () => {
  await checkPlaces(`
#define MAP(name) struct { __uint(type, BPF_MAP_TYPE_ARRAY); } name SEC(".maps")
MAP(«counts|def»);
static void *f(int *k) { return bpf_map_lookup_elem(&«counts», k); }
`);
  await checkPlaces(`
BPF_HASH(«counts|def», u32);
int f(void *ctx) { return «counts».lookup(&ctx); }
`);
});

test("the branches of one statement, and variables that each branch declares anew", async () => {
  await checkPlaces(`
static int f(int «n|def») {
#ifdef A
	if («n» > 1) {
#else
	if («n» > 2) {
#endif
		return «n»;
	}
	return 0;
}
`);
  await checkPlaces(`
static int f(void) {
#ifdef A
	int «n|def» = 1;
#else
	int «n|def» = 2;
#endif
	return «n»;
}
`);
});

test("half-typed code keeps its names", async () => {
  await checkPlaces(`
int «count|def»;
static int f(void) {
	if («count» {
}
static int g(int count) { return count; }
static int h(void) { return «count»; }
`);
});

test("over the headers: kinds, definitions, and who else has the name", async () => {
  const marked = fixture(`
#include "maps.h"
static int twice(int n) { return 2 * n; }
SEC("xdp") int prog(struct xdp_md *ctx) { return twice(limit) + bpf_map_lookup_elem(&counts, &limit); }
//- /maps.h
struct { __uint(type, BPF_MAP_TYPE_HASH); } counts SEC(".maps");
const volatile int limit = 3;
#define COUNTS (&counts)
`);
  const { model } = await fileOf(marked);
  const { names } = model;
  const kinds = ["counts", "limit", "twice", "prog", "COUNTS", "bpf_map_lookup_elem"].map(
    (name) => names.ofFile(name).kind,
  );
  expect(kinds).toEqual(["map", "variable", "function", "program", "macro", undefined]);
  expect(
    names.places(names.ofFile("counts")).map(({ header, role, range }) => [header, role, range.start.line]),
  ).toEqual([
    [undefined, "use", 2],
    ["file:///maps.h", "definition", 0],
    ["file:///maps.h", "use", 2],
  ]);
});

test("nesting that nobody writes is no reason to fall over", async () => {
  const deep = ["{", "x = ({", "if (a) ", "struct a {", "int (*", "else if (a) b; else ", "f(", "enum {"];
  for (const one of deep) {
    const text = `int f(void) { ${one.repeat(5000)}`;
    const { model } = await fileOf({ text, files: new Map() });
    expect(model.names.places(model.names.ofFile("f")).length, one).toBeGreaterThan(0);
  }
});
