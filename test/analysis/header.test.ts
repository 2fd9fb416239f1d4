import { expect, test } from "vitest";
import { lint } from "../../server/src/analysis/lint.ts";
import type { BpfModel, Built } from "../../server/src/analysis/model.ts";
import { buildModel } from "../../server/src/analysis/model.ts";
import { headerFollower } from "../../server/src/headers.ts";
import { kb, syntax, targetsOf } from "../support/check.ts";
import { fixture } from "../support/fixture.ts";

/** The model of the first file of a fixture, with its headers followed, and what was read for it. */
async function modelWithHeaders(
  source: string,
): Promise<{ readonly model: BpfModel; readonly read: readonly string[] }> {
  const { text, files } = fixture(source);
  const read: string[] = [];
  const follower = headerFollower({
    readText: async (uri, limit = Number.POSITIVE_INFINITY) => {
      const found = files.get(uri.slice("file://".length));
      if (found !== undefined && found.length > limit) return undefined;
      if (found !== undefined) read.push(uri.slice("file://".length));
      return found;
    },
  });
  const headers = await follower.follow("file:///project/src/main.bpf.c", text);
  const { model } = buildModel(text, syntax, { headers });
  return { model, read };
}

const CHOSEN = `#include "own.h"
#if WIDE
struct { __uint(type, BPF_MAP_TYPE_ARRAY); __uint(max_entries, ENTRIES); __type(key, u32); __type(value, u64); } wide SEC(".maps");
#else
struct { __uint(type, BPF_MAP_TYPE_HASH); __uint(max_entries, ENTRIES); __type(key, u32); __type(value, struct own); } own SEC(".maps");
#endif
PROGRAM int f(struct xdp_md *ctx) { LOOK(&own); return 0; }
SEC("xdp") int g(struct xdp_md *ctx) { return bpf_ktime_get_boot_ns() != 0; }
char LICENSE[] SEC("license") = "GPL";
`;

/** Most headers mean nothing to how it is read. */
const PLAIN = `#include "own.h"
struct pair { own_t a; struct own b[ENTRIES]; };
struct { __uint(type, BPF_MAP_TYPE_ARRAY); __uint(max_entries, ENTRIES); __type(key, own_t); __type(value, struct pair); } own SEC(".maps");
struct { __uint(type, BPF_MAP_TYPE_RINGBUF); __uint(max_entries, ENTRIES); } theirs SEC(".maps");
SEC("xdp") int f(struct xdp_md *ctx)
{
	own_t key = 0; // the first
	struct pair *pair = LOOK(&own, &key);
	if (bpf_core_field_exists(struct own, a) && pair)
		wide(pair, sizeof(struct pair));
	return ENTRIES;
}
char LICENSE[] SEC("license") = "GPL";
`;

const HEADERS = [
  "",
  '#define ENTRIES 4\n#define PROGRAM SEC("xdp")\nstruct own { int a; };',
  '#define ENTRIES 8\n#define PROGRAM SEC("tc")\n#define LOOK(map, key) bpf_map_lookup_elem(map, key)\ntypedef u32 own_t;',
  "typedef u64 own_t;\nstatic int wide(void *x, long size) { return bpf_sys_open(x); }",
  "#define WIDE 1\n#define PROGRAM static\nstruct own { long a[4]; };",
  '#define WIDE 0\n#define LOOK bpf_map_delete_elem\n#include "other.h"\nstruct { __uint(type, BPF_MAP_TYPE_RINGBUF); } theirs SEC(".maps");',
  "#define ENTRIES 4096",
  "#define own_t static",
  "",
];

test.each([
  ["with branches", CHOSEN],
  ["without branches", PLAIN],
])("a source %s whose headers have changed is read as if it had never been read before", async (_, source) => {
  const headersWith = (text: string) =>
    headerFollower({
      readText: async (uri) => (uri === "file:///project/own.h" ? text : undefined),
    }).follow("file:///project/main.bpf.c", source);
  let before: Built | undefined;
  let text = source;
  let count = 0;
  for (const header of HEADERS) {
    // Somebody writes above it as well.
    if (header.startsWith("typedef")) text = `// Now with types.\n\n${source}`;
    const headers = await headersWith(header);
    const built = buildModel(text, syntax, { headers, previous: before });
    const fresh = buildModel(text, syntax, { headers });
    const found = findings(built.model);
    expect(found, header).toEqual(findings(fresh.model));
    expect(shown(built), header).toEqual(shown(fresh));
    before = built;
    count += found.length;
  }
  expect(count).toBeGreaterThanOrEqual(HEADERS.length);
});

function findings(model: BpfModel) {
  return lint({ model, kb, targets: targetsOf("5.4"), loader: "libbpf", arch: "x86" }).map(
    ({ rule, range, message }) => [rule.id, range, message],
  );
}

function shown({ model, lowered, outline, lines }: Built) {
  const { text, cursor, dropped, islands } = lowered;
  const brackets = Array.from({ length: cursor.count }, (_, i) => [cursor.text(i), cursor.closing(i)]);
  const asked = { included: model.included(), unread: model.unread(), isOnly: model.includesOnly(/own/) };
  return {
    model: JSON.parse(JSON.stringify(model)),
    ...asked,
    text,
    brackets,
    dropped,
    islands,
    outline,
    lines: lines.count,
  };
}

test("types, constants and macros of a header count in the file", async () => {
  const { model } = await modelWithHeaders(`
#include "event.h"
inline_fn int helper(void) { return 0; }
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, ENTRIES);
	__type(key, struct key);
	__type(value, struct event);
} events SEC(".maps");
PROBE("do_exit") int on_exit(void *ctx) { return helper(); }
//- /project/src/event.h
#define inline_fn static __always_inline
#define ENTRIES (1 << BITS)
#define PROBE(name) SEC("kprobe/" name)
enum { BITS = 5 };
struct key { u32 pid; char comm[COMM]; };
struct event { u64 at; struct key key; };
#define COMM 12
`);
  const [map] = model.maps;
  expect([map?.keySize, map?.valueSize, map?.maxEntries]).toEqual([16, 24, 32]);
  expect(model.programs.map(({ section }) => section.name)).toEqual(["kprobe/do_exit"]);
  expect(model.functions.map(({ name }) => name)).toEqual(["helper", "on_exit"]);
  expect(model.errors()).toEqual([]);
});

test("maps and programs of headers are known, but not as the file's own", async () => {
  const { model } = await modelWithHeaders(`
#include "maps.h"
SEC("xdp") int f(void *ctx) { return bpf_map_lookup_elem(&counts, &key) != 0; }
//- /project/src/maps.h
struct { __uint(type, BPF_MAP_TYPE_ARRAY); __type(key, u32); __type(value, u64); } counts SEC(".maps");
SEC("tc") int g(void *ctx) { return 0; }
`);
  expect(model.maps).toEqual([]);
  expect(model.outside.maps.map(({ name, keySize }) => [name, keySize])).toEqual([["counts", 4]]);
  expect(model.outside.programs.map(({ name, section }) => [name, section])).toEqual([["g", "tc"]]);
  expect(model.calls[0]?.args[0]?.map?.name).toBe("counts");
});

test("a map of a named type has the attributes of that type", async () => {
  const { model } = await modelWithHeaders(`
#include "maps.h"
struct counters counts SEC(".maps");
queue_t queue SEC(".maps");
//- /project/src/maps.h
struct counters { __uint(type, BPF_MAP_TYPE_HASH); __type(key, u32); __type(value, u64); __uint(max_entries, 8); };
typedef struct { __uint(type, BPF_MAP_TYPE_QUEUE); __type(value, u16); } queue_t;
`);
  expect(model.maps.map(({ name, type, valueSize }) => [name, type, valueSize])).toEqual([
    ["counts", "BPF_MAP_TYPE_HASH", 8],
    ["queue", "BPF_MAP_TYPE_QUEUE", 2],
  ]);
});

test("headers are found beside their includer and in the usual folders above the source", async () => {
  const { read } = await modelWithHeaders(`
#include "lib/a.h"
#include "c.h"
#include <own/d.h>
#include "../e.h"
//- /project/src/lib/a.h
#include "b.h"
//- /project/src/lib/b.h
int b;
//- /project/include/c.h
int c;
//- /project/headers/own/d.h
int d;
//- /project/e.h
int e;
`);
  expect([...read].sort()).toEqual([
    "/project/e.h",
    "/project/headers/own/d.h",
    "/project/include/c.h",
    "/project/src/lib/a.h",
    "/project/src/lib/b.h",
  ]);
});

test("circles end, and each header is read once", async () => {
  const { read } = await modelWithHeaders(`
#include "a.h"
#include "b.h"
//- /project/src/a.h
#include "b.h"
#include "main.bpf.c"
//- /project/src/b.h
#include "a.h"
`);
  expect(read).toEqual(["/project/src/a.h", "/project/src/b.h"]);
});

test("libbpf's and the system's headers are not read", async () => {
  const { read } = await modelWithHeaders(`
#include "bpf/bpf_helpers.h"
#include <linux/bpf.h>
#include <stdbool.h>
//- /project/src/bpf/bpf_helpers.h
int b;
//- /project/src/linux/bpf.h
int c;
//- /project/src/stdbool.h
int d;
`);
  expect(read).toEqual([]);
});

test("a vmlinux.h is read where it is short: a person wrote it", async () => {
  const { read, model } = await modelWithHeaders(`
#include "vmlinux.h"
int a = ETH_P_IP;
//- /project/src/vmlinux.h
#define ETH_P_IP 0x0800
struct xdp_md { int data; };
`);
  expect(read).toEqual(["/project/src/vmlinux.h"]);
  expect(model.valueOf("ETH_P_IP")).toBe(0x800n);
  const long = `struct x { int a; };\n`.repeat(30_000);
  const made = await modelWithHeaders(`
#include "vmlinux.h"
//- /project/src/vmlinux.h
#define ETH_P_IP 0x0800
${long}
`);
  expect(made.model.valueOf("ETH_P_IP")).toBeUndefined();
});

test("what a function reaches goes through headers", async () => {
  const { model } = await modelWithHeaders(`
#include "util.h"
static int leaf(void) { return 0; }
static int callback(int i, void *p) { return leaf(); }
SEC("xdp") int f(void *ctx) { return first(); }
SEC("tc") int g(void *ctx) { return bpf_loop(1, callback, 0, 0); }
static int unused(void) { return f(0); }
//- /project/src/util.h
static inline int second(void) { return 1; }
static inline int first(void) { return second(); }
`);
  const reached = (name: string) => [...model.reaches(name)].sort();
  expect(reached("f")).toEqual(["f", "first", "second"]);
  expect(reached("g")).toEqual(["callback", "g", "leaf"]);
});

test.each([
  ["other", "static inline int first(void) { return 1; }"],
  ["other", "static inline int first(void) { return leaf(); }"],
  [
    "other",
    "static inline int second(void) { return leaf /* why */ (); }\nstatic inline int first(void) { return second(); }",
  ],
  ["other", "static int leaf(void) { return second(); }\nstatic inline int second(void) { return other(); }"],
  ["$other", "static inline int first(void) { return $other(); }"],
])("what runs is what is reached, be it by way of a header: %s, %s", async (other, header) => {
  const { model } = await modelWithHeaders(`
#include "util.h"
static int ${other}(void) { return 0; }
static int leaf(void) { return 0; }
static int callback(int i, void *p) { return leaf(); }
SEC("xdp") int f(void *ctx) { return first(); }
SEC("tc") int g(void *ctx) { return bpf_loop(1, callback, 0, 0); }
//- /project/src/util.h
${header}
`);
  const names = [other, "leaf", "callback", "f", "g", "first", "second", "third"];
  // The first question is the one that may not have read enough.
  const runs = names.flatMap((from) => names.map((to) => [from, to, model.runs(from, to)]));
  expect(runs).toEqual(names.flatMap((from) => names.map((to) => [from, to, model.reaches(from).has(to)])));
});

test("maps and functions of headers are known by names that macros paste together", async () => {
  const { model } = await modelWithHeaders(`
#include "macros.h"
#include "made.h"
SEC("xdp") int f(void *ctx) { return bpf_map_lookup_elem(&own_counts, &key) != 0; }
//- /project/src/macros.h
#define COUNTS(of) struct { __uint(type, BPF_MAP_TYPE_ARRAY); __type(key, u32); __type(value, u64); } of##_counts SEC(".maps");
#define READER(of) static int read_##of(void) { return 0; }
//- /project/src/made.h
COUNTS(own)
READER(own)
`);
  expect(model.calls[0]?.args[0]?.map?.name).toBe("own_counts");
  expect(["read_own", "read_other", "bpf_map_lookup_elem"].map(model.redefines)).toEqual([true, false, false]);
});

test("what a header makes of its own of a name is known whatever letters that has", async () => {
  const { model } = await modelWithHeaders(`
#include "own.h"
//- /project/src/own.h
static int $read(void) { return 0; } // bpf_probe_read()
static int größe(void) { return 0; }
`);
  expect(["$read", "größe", "read", "bpf_probe_read"].map(model.redefines)).toEqual([true, true, false, false]);
});

test("what a header's comment names stands nowhere, and only a definition makes a macro", async () => {
  const { model } = await modelWithHeaders(`
#include "a.h"
//- /project/src/a.h
/* AF_INET */ int family; // AF_INET6
#define used() AF_UNIX
#if 0
#  define bpf_htons(x) x
#endif
`);
  expect(["AF_INET", "AF_INET6", "AF_UNIX"].map((name) => model.isInHeaders(name))).toEqual([false, false, true]);
  expect(["AF_UNIX", "used", "bpf_htons", "bpf_hton"].map((name) => model.isMacroOfHeaders(name))).toEqual([
    false,
    true,
    true,
    false,
  ]);
});

/** Two files with a header that means something else behind a header of one of them. */
const SHARING = `
//- /p/a.bpf.c
#include "entry.h"
#include "shared.h"
//- /p/b.bpf.c
#include "shared.h"
//- /p/entry.h
#define ENTRY(n) SEC("kprobe/" n)
//- /p/shared.h
ENTRY("vfs_read") int entered(struct pt_regs *ctx) { return 0; }
`;

test.each([
  ["one after the other", ["/p/a.bpf.c", "/p/b.bpf.c", "/p/a.bpf.c"]],
  ["the other way round", ["/p/b.bpf.c", "/p/a.bpf.c", "/p/b.bpf.c"]],
])("one header means what the macros before it say, for each file anew: %s", async (_, paths) => {
  const { files } = fixture(SHARING);
  const asked = [];
  for (const isAskedAtOnce of [true, false]) {
    const follower = headerFollower({ readText: async (uri) => files.get(uri.slice("file://".length)) });
    const found: (() => readonly (string | undefined)[])[] = [];
    for (const path of paths) {
      const text = files.get(path) ?? "";
      const headers = await follower.follow(`file://${path}`, text);
      // What is kept of a header must not be what another file made of it, be it asked for before that is read or after.
      const sections = () => buildModel(text, syntax, { headers }).model.outside.programs.map(({ section }) => section);
      if (isAskedAtOnce) sections();
      found.push(sections);
    }
    asked.push(found.map((sections) => sections()));
  }
  const expected = paths.map((path) => (path === "/p/a.bpf.c" ? ["kprobe/vfs_read"] : []));
  expect(asked).toEqual([expected, expected]);
});

test("a header that two files include is read once", async () => {
  const { files } = fixture(`
//- /p/a.bpf.c
#include "own.h"
#include "shared.h"
//- /p/b.bpf.c
#include "shared.h"
//- /p/own.h
#define OWN 1
//- /p/shared.h
#define ENTRIES 16
struct event { int pid; };
`);
  const follower = headerFollower({ readText: async (uri) => files.get(uri.slice("file://".length)) });
  const read = async (path: string) => (await follower.follow(`file://${path}`, files.get(path) ?? "")).list;
  const [, first] = await read("/p/a.bpf.c");
  const [second] = await read("/p/b.bpf.c");
  expect(first).toBeDefined();
  expect(second).toBe(first);
});

test("what a header switches off is not compiled, and what the build may switch on is read", async () => {
  const { model } = await modelWithHeaders(`
#include "config.h"
#if OFF
int off(void *ctx) { return 1; }
#else
int not_off(void *ctx) { return 1; }
#endif
#if MAYBE
int maybe(void *ctx) { return 2; }
#endif
#if ON
int on(void *ctx) { return 3; }
#else
int not_on(void *ctx) { return 3; }
#endif
#if TWICE
int twice(void *ctx) { return 4; }
#endif
#if AGREED
int agreed(void *ctx) { return 5; }
#endif
#undef HERE
#if HERE
int here(void *ctx) { return 6; }
#endif
#if CALLED
int called(void *ctx) { return 7; }
#endif
//- /project/src/config.h
#ifndef CONFIG_H
#define CONFIG_H
#include "other.h"
#define OFF (0)
#ifndef MAYBE
#define MAYBE 0
#endif
#define ON 1
#define TWICE 0
#define AGREED 0
#define HERE 0
#define CALLED(x) 0
#endif
//- /project/src/other.h
#pragma once
#define TWICE 1
#define AGREED 0
`);
  expect(model.functions.map(({ name }) => name)).toEqual([
    "not_off",
    "maybe",
    "on",
    "not_on",
    "twice",
    "here",
    "called",
  ]);
});

test("headers are found in the folders that the build names", async () => {
  const { model, read } = await modelWithHeaders(`
#include "by-make.h"
#include <by-clangd.h>
#include "from-here.h"
#include "by-variable.h"
int made = MADE + CLANGD + HERE;
//- /project/src/Makefile
CFLAGS := -g -Iheaders/progs -I $(CURDIR)/here -I$(OUTPUT)/made
//- /project/.clangd
CompileFlags:
  Add: [-g, -Ideep/down]
//- /project/src/headers/progs/by-make.h
#define MADE 1
//- /project/deep/down/by-clangd.h
#define CLANGD 2
//- /project/src/here/from-here.h
#define HERE 4
//- /project/src/made/by-variable.h
#define UNKNOWN 8
`);
  expect(model.valueOf("MADE + CLANGD + HERE")).toBe(7n);
  expect(read).not.toContain("/project/src/made/by-variable.h");
});

test("so they are in the folders that a compile database names for the source, and hookpoint.json", async () => {
  const { model } = await modelWithHeaders(`
#include "relative.h"
#include <absolute.h>
#include "of-another.h"
#include "built.h"
#include "of-project.h"
int made = RELATIVE + ABSOLUTE + BUILT + PROJECT;
int not = ANOTHER;
//- /project/compile_commands.json
[
  null, 3, { "file": "main.bpf.c" }, { "directory": "/project/src", "file": 7 },
  { "directory": "/project/src/out", "file": "../main.bpf.c", "command": "clang '-I../deep/rel' -isystem /elsewhere/abs -c ../main.bpf.c" },
  { "directory": "/project/src", "file": "/project/src/other.bpf.c", "command": "clang -Iothers" },
  { "directory": "/elsewhere", "file": "main.bpf.c", "command": "clang -I/project/src/others" }
]
//- /project/src/build/compile_commands.json
[{ "directory": "/project", "arguments": ["clang", "-I", "made by/us", "-Ifrom-build"], "file": "/project/src/main.bpf.c" }]
//- /project/src/hookpoint.json
{ "build": { "flags": ["-g", "-I", "own"] } }
//- /project/src/deep/rel/relative.h
#define RELATIVE 1
//- /elsewhere/abs/absolute.h
#define ABSOLUTE 2
//- /project/src/others/of-another.h
#define ANOTHER 4
//- /project/from-build/built.h
#define BUILT 8
//- /project/src/own/of-project.h
#define PROJECT 16
`);
  expect(model.valueOf("RELATIVE + ABSOLUTE + BUILT + PROJECT")).toBe(27n);
  expect(model.valueOf("ANOTHER")).toBeUndefined();
});

test.each(["", "{", "[]", "null", '{ "build": null }', '{ "build": { "flags": "-Iown" } }', "[[], [{}]]"])(
  "a file of flags that holds %j names no folders",
  async (text) => {
    const { model } = await modelWithHeaders(`
#include "here.h"
//- /project/src/hookpoint.json
${text}
//- /project/src/compile_commands.json
${text}
//- /project/src/own/here.h
#define HERE 1
`);
    expect(model.valueOf("HERE")).toBeUndefined();
  },
);

test("a build is not asked where headers are beside the source", async () => {
  const { read } = await modelWithHeaders(`
#include "event.h"
//- /project/src/event.h
struct event { int pid; };
//- /project/src/Makefile
CFLAGS := -Iheaders
`);
  expect(read).toEqual(["/project/src/event.h"]);
});
