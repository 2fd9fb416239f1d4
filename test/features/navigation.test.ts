/** Definition and its kin, call hierarchy, links on includes, folding. */

import { expect, test } from "vitest";
import { linesOf, type Range } from "../../server/src/analysis/text.ts";
import { incomingCalls, outgoingCalls, prepareCallHierarchy } from "../../server/src/features/call-hierarchy.ts";
import { documentLinks } from "../../server/src/features/document-links.ts";
import { foldingRanges } from "../../server/src/features/folding-ranges.ts";
import { declaration, definition, typeDefinition } from "../../server/src/features/go-to.ts";
import { fileOf } from "../support/check.ts";
import { fixture } from "../support/fixture.ts";

type GoTo = typeof definition;

/** Where `$0` leads, as `file:line: word`. */
async function led(goTo: GoTo, source: string, targets: ReadonlyMap<string, string> = new Map()) {
  const marked = fixture(source);
  if (marked.cursor === undefined) throw new Error("the fixture has no $0");
  const file = await fileOf(marked);
  return goTo(file, marked.cursor, targets).map(({ uri, range }) => {
    const text = uri === file.uri ? file.text : (marked.files.get(uri.replace("file://", "")) ?? "");
    return `${uri.replace("file:///", "")}:${range.start.line + 1}: ${wordIn(text, range)}`;
  });
}

function wordIn(text: string, range: Range): string {
  const lines = linesOf(text);
  return text.slice(lines.offsetAt(range.start), lines.offsetAt(range.end));
}

const PROJECT = `
#include "maps.h"
static int each(u32 i, void *data);
SEC("xdp") int prog(struct xdp_md *ctx) { struct event *e = bpf_map_lookup_elem(&counts, ctx); return e->pid; }
static int each(u32 i, void *data) { return 0; }
//- /maps.h
struct event { int pid; };
struct { __uint(type, BPF_MAP_TYPE_HASH); __type(value, struct event); } counts SEC(".maps");
#define MAKE(x) struct { __uint(type, BPF_MAP_TYPE_ARRAY); } made_##x SEC(".maps")
MAKE(one);
`;
const at = (before: string, after: string): string => {
  const marked = PROJECT.replace(before + after, `${before}$0${after}`);
  if (marked === PROJECT) throw new Error(`not in the project: ${before}${after}`);
  return marked;
};

test("the definition of a map in a header, of a local, of a function that is declared before", async () => {
  expect(await led(definition, at("&cou", "nts"))).toEqual(["maps.h:2: counts"]);
  expect(await led(definition, at("return ", "e->"))).toEqual(["test.bpf.c:3: e"]);
  expect(await led(definition, at("static int ", "each"))).toEqual(["test.bpf.c:4: each"]);
  expect(await led(declaration, at("static int ", "each"))).toEqual(["test.bpf.c:2: each"]);
  expect(await led(definition, at("struct ev", "ent *e"))).toEqual(["maps.h:1: event"]);
});

test("nowhere from a helper, a member, a string, a comment", async () => {
  expect(await led(definition, at("bpf_map_", "lookup"))).toEqual([]);
  expect(await led(definition, at("e->", "pid"))).toEqual([]);
  expect(await led(definition, at('SEC("', 'xdp"'))).toEqual([]);
  expect(await led(definition, "// x$0 y\nint x;\n")).toEqual([]);
});

test("what a macro makes is found where it is made", async () => {
  const source = PROJECT.replace("&counts", "&made_$0one");
  expect(await led(definition, source)).toEqual(["maps.h:4: MAKE(one)"]);
});

test("an include leads to its file", async () => {
  const targets = new Map([["maps.h", "file:///maps.h"]]);
  expect(await led(definition, at('#include "ma', "ps.h"), targets)).toEqual(["maps.h:1: "]);
  const file = await fileOf(fixture('#include "maps.h"\n#include <bpf/none.h>\n'));
  expect(documentLinks(file, targets)).toEqual([
    { target: "file:///maps.h", range: { start: { line: 0, character: 10 }, end: { line: 0, character: 16 } } },
  ]);
});

test("the type of a variable", async () => {
  expect(await led(typeDefinition, at("return ", "e->"))).toEqual(["maps.h:1: event"]);
  expect(await led(typeDefinition, "typedef struct { int a; } thing_t;\nstatic const thing_t *one$0;\n")).toEqual([
    "test.bpf.c:1: thing_t",
  ]);
  expect(await led(typeDefinition, "int on$0e;\n")).toEqual([]);
});

const CALLS = `
#include "lib.h"
static int each(u32 i, void *data) { return low(i); }
static int unused(void) { return unused(); }
SEC("xdp") int pro$0g(struct xdp_md *ctx) { low(1); low(2); return bpf_loop(3, each, ctx, 0); }
SEC("tc") int other(struct __sk_buff *skb) { return bpf_loop(3, &each, skb, 0); }
//- /lib.h
static inline int low(int n) { return n; }
`;

test("who calls a function, and what it calls, over headers and through callbacks", async () => {
  const marked = fixture(CALLS);
  const file = await fileOf(marked);
  const itemAt = (word: string) => {
    const position = file.lines.positionAt(file.text.indexOf(word) + 1);
    const [item] = prepareCallHierarchy(file, position) ?? [];
    if (item === undefined) throw new Error(word);
    return item;
  };
  const prog = itemAt("prog");
  expect(prog).toMatchObject({ name: "prog", detail: "xdp", uri: file.uri });
  const called = outgoingCalls(file, prog).map(({ to, fromRanges }) => [to.name, to.uri, fromRanges.length]);
  expect(called).toEqual([
    ["each", file.uri, 1],
    ["low", "file:///lib.h", 2],
  ]);
  const callers = (word: string) =>
    incomingCalls([file], itemAt(word)).map(({ from, fromRanges }) => [from.name, fromRanges.length]);
  expect(callers("each")).toEqual([
    ["prog", 1],
    ["other", 1],
  ]);
  expect(callers("low")).toEqual([
    ["each", 1],
    ["prog", 2],
  ]);
  expect(callers("unused")).toEqual([["unused", 1]]);
  expect(outgoingCalls(file, itemAt("unused")).map(({ to }) => to.name)).toEqual(["unused"]);
  expect(callers("prog")).toEqual([]);
  expect(prepareCallHierarchy(file, file.lines.positionAt(file.text.indexOf("ctx")))).toBeNull();
});

test("blocks, comments, includes, branches and regions fold", async () => {
  const file = await fileOf(
    fixture(`
#include <a.h>

#include <b.h>
/*
 * Long.
 */
// One
// after another.
int x; // beside
// alone

#if A
int a;
#else
int b;
#endif
// #region maps
struct {
	int a;
} m;
// #endregion
int f(void) {
	if (x) {
		a();
	} else {
		b();
	}
	g(); }
`),
  );
  expect(
    foldingRanges(file).map(({ startLine, endLine, kind }) => `${startLine + 1}-${endLine + 1} ${kind ?? ""}`.trim()),
  ).toEqual([
    "1-3 imports",
    "4-6 comment",
    "7-8 comment",
    "12-13",
    "14-15",
    "17-21 region",
    "18-19",
    "22-27",
    "23-24",
    "25-26",
  ]);
});
