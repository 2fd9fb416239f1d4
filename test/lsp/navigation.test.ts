/** Finding one's way through a small project with the server as it ships: two programs and the header that they share. */

import { execFileSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { afterAll, beforeAll, expect, type TestContext, test } from "vitest";
import type {
  CallHierarchyIncomingCall,
  CallHierarchyItem,
  DocumentLink,
  FoldingRange,
  Location,
  WorkspaceEdit,
} from "vscode-languageserver/node";
import { applyEdits, linesOf } from "../../server/src/analysis/text.ts";
import { machineOf } from "../../server/src/toolchain/machine.ts";
import { needTool } from "../support/tools.ts";
import { findClang } from "../vscode/process.mjs";
import { type Server, startServer } from "./server.ts";

const HEADER = `#ifndef SHARED_BPF_H
#define SHARED_BPF_H
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 64);
	__type(key, __u32);
	__type(value, __u64);
} counts SEC(".maps");

const volatile __u32 limit = 10;

static __always_inline void count(__u32 key)
{
	__u64 one = 1, *found = bpf_map_lookup_elem(&counts, &key);

	if (key > limit)
		return;
	if (found)
		__sync_fetch_and_add(found, 1);
	else
		bpf_map_update_elem(&counts, &key, &one, BPF_ANY);
}
#endif
`;
const FIRST = `#include "shared.bpf.h"

char LICENSE[] SEC("license") = "GPL";

struct pair {
	__u32 counts, limit;
};

SEC("xdp")
int first(struct xdp_md *ctx)
{
	struct pair pair = { .counts = 1, .limit = limit };

	count(pair.counts);
#ifdef VERBOSE
	bpf_map_delete_elem(&counts, &pair.limit);
#endif
	return XDP_PASS;
}

struct {
	__uint(type, BPF_MAP_TYPE_PROG_ARRAY);
	__uint(max_entries, 1);
	__uint(key_size, sizeof(__u32));
	__array(values, int (void *));
} jumps SEC(".maps") = {
	.values = { [0] = (void *)&first },
};
`;
const SECOND = `#include "shared.bpf.h"

char LICENSE[] SEC("license") = "GPL";

static long each(__u32 i, void *data)
{
	__u32 limit = i;

	count(limit);
	return bpf_map_lookup_elem(&counts, &limit) != NULL;
}

SEC("tc")
int second(struct __sk_buff *skb)
{
	return bpf_loop(limit, each, NULL, 0);
}
`;

const folder = mkdtempSync(join(tmpdir(), "hookpoint navigation-"));
const project = join(folder, "a project");
const uriOf = (name: string): string => pathToFileURL(join(project, name)).href;
const FILES: Readonly<Record<string, string>> = {
  "shared.bpf.h": HEADER,
  "first.bpf.c": FIRST,
  "second.bpf.c": SECOND,
};

let server: Server;
beforeAll(async () => {
  mkdirSync(project);
  for (const [name, text] of Object.entries(FILES)) writeFileSync(join(project, name), text);
  server = await startServer({ folder: pathToFileURL(project).href });
  // The second is never opened.
  server.open(uriOf("first.bpf.c"), FIRST);
});
afterAll(async () => {
  expect(server.errors.filter((error) => !error.startsWith("shown:"))).toEqual([]);
  expect(await server.stop()).toBe(0);
  rmSync(folder, { recursive: true });
});

function placeOf(word: string, nth = 0) {
  let at = -1;
  for (let i = 0; i <= nth; i++) at = FIRST.indexOf(word, at + 1);
  if (at === -1) throw new Error(word);
  return { textDocument: { uri: uriOf("first.bpf.c") }, position: linesOf(FIRST).positionAt(at) };
}

const shown = (found: readonly Location[]) => found.map(({ uri, range }) => `${fileOf(uri)}:${range.start.line + 1}`);
const fileOf = (uri: string): string => basename(fileURLToPath(uri));

test("a map is found in its header, and from there in every file that includes it", async () => {
  const ask = <T>(method: string, more: object = {}): Promise<T> =>
    server.connection.sendRequest(method, { ...placeOf("counts, &pair"), ...more });
  expect(shown(await ask("textDocument/definition"))).toEqual(["shared.bpf.h:11"]);
  const references = await ask<Location[]>("textDocument/references", { context: { includeDeclaration: true } });
  expect(shown(references).sort()).toEqual([
    "first.bpf.c:16",
    "second.bpf.c:10",
    "shared.bpf.h:11",
    "shared.bpf.h:17",
    "shared.bpf.h:24",
  ]);
});

test("an include leads to its file, whether it is the project's or the system's", async () => {
  const { textDocument } = placeOf("count");
  const links = await server.connection.sendRequest<DocumentLink[]>("textDocument/documentLink", { textDocument });
  expect(links.map(({ target = "" }) => fileOf(target))).toEqual(["shared.bpf.h"]);
  const folding = await server.connection.sendRequest<FoldingRange[]>("textDocument/foldingRange", { textDocument });
  expect(folding.map(({ startLine }) => startLine)).toEqual([4, 10, 14, 20, 25]);
});

test("who calls a function of the header, in files that nobody opened, and who calls those", async () => {
  const [item] = await server.connection.sendRequest<CallHierarchyItem[]>(
    "textDocument/prepareCallHierarchy",
    placeOf("count(pair"),
  );
  const callers = async (of: CallHierarchyItem | undefined) =>
    server.connection.sendRequest<CallHierarchyIncomingCall[]>("callHierarchy/incomingCalls", { item: of });
  const found = await callers(item);
  expect(found.map(({ from }) => `${from.name} ${fileOf(from.uri)}`).sort()).toEqual([
    "each second.bpf.c",
    "first first.bpf.c",
  ]);
  const each = found.find(({ from }) => from.name === "each")?.from;
  expect((await callers(each)).map(({ from }) => from.name)).toEqual(["second"]);
});

test("a helper is not renamed, and the editor is told why", async () => {
  await expect(
    server.connection.sendRequest("textDocument/prepareRename", placeOf("bpf_map_delete_elem")),
  ).rejects.toThrow('"bpf_map_delete_elem" is a helper of the kernel.');
  await expect(
    server.connection.sendRequest("textDocument/rename", { ...placeOf("limit }"), newName: "found" }),
  ).rejects.toThrow('"found" is taken: shared.bpf.h, line 17.');
});

test("what a header expects of each file that includes it is one thing in all of them", async () => {
  const other = join(folder, "another project");
  mkdirSync(other);
  const header = "#define FIND(key) bpf_map_lookup_elem(&wanted, key)\n";
  const source = (name: string) => `#include "find.bpf.h"
struct { __uint(type, BPF_MAP_TYPE_HASH); } wanted SEC(".maps");
SEC("xdp") int ${name}(struct xdp_md *ctx) { return FIND(ctx) != 0; }
`;
  writeFileSync(join(other, "find.bpf.h"), header);
  writeFileSync(join(other, "b.bpf.c"), source("b"));
  const uri = pathToFileURL(join(other, "a.bpf.c")).href;
  const own = await startServer({ folder: pathToFileURL(other).href });
  own.open(uri, source("a"));
  const position = linesOf(source("a")).positionAt(source("a").indexOf("wanted"));
  const place = { textDocument: { uri }, position, newName: "found" };
  const { changes = {} } = await own.connection.sendRequest<WorkspaceEdit>("textDocument/rename", place);
  expect(Object.keys(changes).map(fileOf).sort()).toEqual(["a.bpf.c", "b.bpf.c", "find.bpf.h"]);
  expect(await own.stop()).toBe(0);
});

/** The files of the project, one of its things renamed. */
async function renamed(place: ReturnType<typeof placeOf>, newName: string): Promise<Readonly<Record<string, string>>> {
  const { changes = {} } = await server.connection.sendRequest<WorkspaceEdit>("textDocument/rename", {
    ...place,
    newName,
  });
  const texts = { ...FILES };
  for (const [uri, edits] of Object.entries(changes)) texts[fileOf(uri)] = applyEdits(texts[fileOf(uri)] ?? "", edits);
  return texts;
}

/** Both compile, as they are and with what `#ifdef`s leave out. */
function compile(files: Readonly<Record<string, string>>, ctx: Pick<TestContext, "skip">): void {
  needTool("clang", ctx);
  const built = join(folder, "built");
  cpSync(project, built, { recursive: true });
  for (const [name, text] of Object.entries(files)) writeFileSync(join(built, name), text);
  for (const name of ["first.bpf.c", "second.bpf.c"]) {
    for (const flag of ["-DQUIET", "-DVERBOSE"]) {
      const flags = [
        "-target",
        "bpf",
        "-g",
        "-O2",
        "-Wall",
        "-Werror",
        "-Wno-unused-function",
        "-idirafter",
        `/usr/include/${machineOf("").triple}`,
      ];
      execFileSync(findClang() ?? "clang", [...flags, flag, "-c", name, "-o", "out.o"], { cwd: built });
    }
  }
}

const THINGS = [
  ["a map", placeOf("counts, &pair"), "sums", { first: 1, second: 1, shared: 3 }],
  ["a variable", placeOf("limit }"), "most", { first: 1, second: 1, shared: 2 }],
  ["a subprogram", placeOf("count(pair"), "add_one", { first: 1, second: 1, shared: 1 }],
  ["a program", placeOf("first(struct"), "on_packet", { first: 2, second: 0, shared: 0 }],
  ["a local", placeOf("pair = {"), "both", { first: 3, second: 0, shared: 0 }],
] as const;

for (const [what, place, newName, places] of THINGS) {
  test(`${what} is renamed in all files that know it, and both programs still compile`, async (ctx) => {
    const files = await renamed(place, newName);
    const count = (name: string) => (files[name]?.match(new RegExp(`\\b${newName}\\b`, "g")) ?? []).length;
    expect({ first: count("first.bpf.c"), second: count("second.bpf.c"), shared: count("shared.bpf.h") }).toEqual(
      places,
    );
    expect(readFileSync(join(project, "second.bpf.c"), "utf8")).toBe(SECOND);
    compile(files, ctx);
  });
}
