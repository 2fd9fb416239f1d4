/** Workspaces as they are: names that stand in several files, odd file names, links in circles, files that come and go. */

import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { CodeLens, DocumentLink, Location, WorkspaceEdit } from "vscode-languageserver/node";
import { applyEdits } from "../../server/src/analysis/text.ts";
import { fixture } from "../support/fixture.ts";
import { type Server, startServer } from "./server.ts";

let folder: string;
let server: Server | undefined;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "hookpoint corners-"));
});
afterEach(async () => {
  expect(server?.errors.filter((error) => !error.startsWith("shown:")) ?? []).toEqual([]);
  await server?.stop();
  server = undefined;
  rmSync(folder, { recursive: true });
});

/** As VS Code writes it: all is escaped that may be. */
function uriOf(name: string): string {
  const escaped = (part: string): string =>
    encodeURIComponent(part).replace(/[!'()*]/g, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`);
  return `file://${join(folder, name).split("/").map(escaped).join("/")}`;
}

function write(files: Readonly<Record<string, string>>): void {
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), text);
  }
}

const nameOf = (uri: string): string => fileURLToPath(uri).slice(folder.length + 1);

/** Opens a file whose text is marked with `$0`, and tells the place. */
function openAt(name: string, marked: string) {
  const { text, cursor } = fixture(marked);
  server?.open(uriOf(name), text);
  return { textDocument: { uri: uriOf(name) }, position: cursor };
}

async function references(at: ReturnType<typeof openAt>): Promise<readonly string[]> {
  const found = await server?.connection.sendRequest<Location[]>("textDocument/references", {
    ...at,
    context: { includeDeclaration: true },
  });
  return (found ?? []).map(({ uri, range }) => `${nameOf(uri)}:${range.start.line + 1}`).sort();
}

/** The files that change, as they are afterwards. */
async function renamed(
  at: ReturnType<typeof openAt>,
  newName: string,
  files: Readonly<Record<string, string>>,
): Promise<Readonly<Record<string, string>>> {
  const edit = await server?.connection.sendRequest<WorkspaceEdit>("textDocument/rename", { ...at, newName });
  return Object.fromEntries(
    Object.entries(edit?.changes ?? {}).map(([uri, edits]) => [
      nameOf(uri),
      applyEdits(files[nameOf(uri)] ?? "", edits),
    ]),
  );
}

const program = (name: string, map: string): string =>
  `struct { __uint(type, BPF_MAP_TYPE_HASH); } ${map} SEC(".maps");
static int twice(int n) { return 2 * n; }
SEC("xdp") int ${name}(struct xdp_md *ctx) { return twice(bpf_map_lookup_elem(&${map}, ctx) != 0); }
`;

test("what is static in two files is two things", async () => {
  write({ "a.bpf.c": program("a", "seen"), "b.bpf.c": program("b", "seen") });
  server = await startServer({ folder: uriOf("") });
  const at = openAt("a.bpf.c", program("a", "seen").replace("int twice", "int twi$0ce"));
  expect(await references(at)).toEqual(["a.bpf.c:2", "a.bpf.c:3"]);
});

const TWO_SKELETONS = `#include <bpf/libbpf.h>
#include "a.skel.h"
#include "b.skel.h"
static int open_b(struct b_bpf *obj) { return bpf_map__fd(obj->maps.seen); }
int main(void)
{
	struct a_bpf *first = a_bpf__open();
	struct b_bpf *second = b_bpf__open();
	return bpf_map__fd(first->maps.seen) + bpf_map__fd(second->maps.seen) + bpf_program__fd(second->progs.b);
}
`;

test("a loader with two skeletons speaks of each by the variable before", async () => {
  const files = { "a.bpf.c": program("a", "seen"), "b.bpf.c": program("b", "seen"), "load.c": TWO_SKELETONS };
  write(files);
  server = await startServer({ folder: uriOf("") });
  const inA = openAt("a.bpf.c", files["a.bpf.c"].replace("seen SEC", "se$0en SEC"));
  expect(await references(inA)).toEqual(["a.bpf.c:1", "a.bpf.c:3", "load.c:9"]);
  const changed = await renamed(inA, "met", files);
  expect(changed["load.c"]).toBe(TWO_SKELETONS.replace("first->maps.seen", "first->maps.met"));
  const inB = openAt("b.bpf.c", files["b.bpf.c"].replace("seen SEC", "se$0en SEC"));
  expect(await references(inB)).toEqual(["b.bpf.c:1", "b.bpf.c:3", "load.c:4", "load.c:9"]);
  for (const [from, to] of [
    ["first->maps.se$0en", "a.bpf.c"],
    ["second->maps.se$0en", "b.bpf.c"],
    ["obj->maps.se$0en", "b.bpf.c"],
  ] as const) {
    const at = openAt("load.c", TWO_SKELETONS.replace(from.replace("$0", ""), from));
    const found = await server.connection.sendRequest<Location[]>("textDocument/definition", at);
    expect(found.map(({ uri }) => nameOf(uri))).toEqual([to]);
    await server.connection.sendNotification("textDocument/didClose", { textDocument: at.textDocument });
  }
});

test("line ends of Windows and byte order marks move nothing", async () => {
  const crlf = (text: string): string => text.replaceAll("\n", "\r\n");
  const loader = `#include <bpf/libbpf.h>\n#include "a.skel.h"\n// x\nint n(struct a_bpf *s) { return bpf_map__fd(s->maps.seen); }\n`;
  const files = {
    "a.bpf.c": crlf(`#include "m.h"\n${program("a", "own")}int n = sizeof(seen);\n`),
    "load.c": crlf(loader),
  };
  const header = crlf(`/* one\n two */ struct { __uint(type, BPF_MAP_TYPE_HASH); } seen SEC(".maps");\n`);
  write({ "a.bpf.c": `\ufeff${files["a.bpf.c"]}`, "load.c": `\ufeff${files["load.c"]}`, "m.h": `\ufeff${header}` });
  server = await startServer({ folder: uriOf("") });
  const at = openAt("a.bpf.c", files["a.bpf.c"].replace("sizeof(se", "sizeof(se$0"));
  expect(await renamed(at, "met", { ...files, "m.h": header })).toEqual({
    "a.bpf.c": files["a.bpf.c"].replace("seen", "met"),
    "m.h": header.replace("seen", "met"),
    "load.c": files["load.c"].replace("seen", "met"),
  });
});

test("a folder with signs in its name that editors escape, and others do not", async () => {
  const place = "c++ (copy)/@me, [100%]";
  const loader = `#include <bpf/libbpf.h>\n#include "a.skel.h"\nint n(struct a_bpf *s) { return bpf_map__fd(s->maps.seen); }\n`;
  const header = `struct { __uint(type, BPF_MAP_TYPE_HASH); } seen SEC(".maps");\n`;
  const user = (name: string): string =>
    `#include "m+1.h"\nSEC("xdp") int ${name}(struct xdp_md *ctx) { return sizeof(seen); }\n`;
  write({
    [`${place}/a.bpf.c`]: user("a"),
    [`${place}/b.bpf.c`]: user("b"),
    [`${place}/m+1.h`]: header,
    [`${place}/load.c`]: loader,
  });
  server = await startServer({ folder: uriOf("") });
  // The header and the loader are open as well: their texts are what the editor has.
  server.open(uriOf(`${place}/m+1.h`), `\n${header}`);
  server.open(uriOf(`${place}/load.c`), `\n${loader}`);
  const at = openAt(`${place}/a.bpf.c`, user("a").replace("sizeof(se", "sizeof(se$0"));
  expect(await references(at)).toEqual([
    `${place}/a.bpf.c:2`,
    `${place}/b.bpf.c:2`,
    `${place}/load.c:4`,
    `${place}/m+1.h:2`,
  ]);
});

test("a loader with a percent sign in what it opens is no obstacle to others", async () => {
  const loader = `#include <bpf/libbpf.h>\nint f(void) { bpf_object__open_file("%s.bpf.o", 0); return 0; }\n`;
  write({ "a.bpf.c": program("a", "seen"), "load.c": loader });
  server = await startServer({ folder: uriOf("") });
  write({ "other.c": loader.replace("0;", 'bpf_object__find_map_by_name(o, "seen");') });
  expect(await references(openAt("a.bpf.c", program("a", "seen").replace("seen SEC", "se$0en SEC")))).toEqual([
    "a.bpf.c:1",
    "a.bpf.c:3",
    "other.c:2",
  ]);
});

test("links in circles, files that nobody may read, folders that end as files do", async () => {
  write({ "a.bpf.c": `#include "loop.h"\n${program("a", "seen")}`, "folder.c/inner.bpf.c": program("b", "seen") });
  symlinkSync("loop.h", join(folder, "loop.h"));
  symlinkSync("loop.c", join(folder, "loop.c"));
  symlinkSync("..", join(folder, "folder.c", "back"));
  symlinkSync("nowhere.c", join(folder, "gone.c"));
  // One that leads to a file of the workspace is that file, one that leads out of it is a file more.
  writeFileSync(join(folder, "user.bpf.c"), '#include "seen.h"\nSEC("xdp") int u(void *ctx) { return sizeof(met); }\n');
  writeFileSync(join(folder, "seen.h"), 'struct { __uint(type, BPF_MAP_TYPE_HASH); } met SEC(".maps");\n');
  symlinkSync("user.bpf.c", join(folder, "same.bpf.c"));
  mkdirSync(join(folder, ".hidden"));
  writeFileSync(join(folder, ".hidden", "far.bpf.c"), '#include "seen.h"\nint far = sizeof(met);\n');
  symlinkSync(join(".hidden", "far.bpf.c"), join(folder, "far.bpf.c"));
  server = await startServer({ folder: uriOf("") });
  const at = openAt("a.bpf.c", `#include "loop.h"\n${program("a", "se$0en").replace("&se$0en", "&seen")}`);
  expect(await references(at)).toEqual(["a.bpf.c:2", "a.bpf.c:4"]);
  const links = await server.connection.sendRequest<DocumentLink[]>("textDocument/documentLink", at);
  expect(links).toEqual([]);
  const header = openAt("user.bpf.c", '#include "seen.h"\nSEC("xdp") int u(void *ctx) { return sizeof(me$0t); }\n');
  expect(await references(header)).toEqual(["far.bpf.c:2", "seen.h:1", "user.bpf.c:2"]);
});

test("a header for both sides that is open counts as it is in the editor", async () => {
  const header = (name: string): string =>
    `#ifndef __bpf__\n#include "a.skel.h"\n#endif\n#define KEY ${name}\nstatic inline int ${name}(int n) { return n; }\n`;
  write({ "both.h": header("one") });
  server = await startServer({ folder: uriOf("") });
  const source = `#include "both.h"\nSEC("xdp") int a(struct xdp_md *ctx) { return two(1); }\n`;
  const at = openAt("a.bpf.c", source.replace("two(", "tw$0o("));
  await server.diagnostics(uriOf("a.bpf.c"));
  server.open(uriOf("both.h"), header("one"));
  server.change(uriOf("both.h"), 2, header("two"));
  expect(await references(at)).toEqual(["a.bpf.c:2", "both.h:4", "both.h:5"]);
});

test("a loader that was never saved, and one that was deleted with its folder", async () => {
  const loader = `#include <bpf/libbpf.h>\n#include "a.skel.h"\nint n(struct a_bpf *s) { return bpf_map__fd(s->maps.seen); }\n`;
  write({ "a.bpf.c": program("a", "seen"), "old/load.c": loader });
  server = await startServer({ folder: uriOf(""), watches: true });
  server.open(uriOf("new.c"), loader);
  const at = openAt("a.bpf.c", program("a", "seen").replace("seen SEC", "se$0en SEC"));
  expect(await references(at)).toEqual(["a.bpf.c:1", "a.bpf.c:3", "new.c:3", "old/load.c:3"]);
  // Of a folder that goes editors tell nothing that has the name of a source.
  rmSync(join(folder, "old"), { recursive: true });
  await server.connection.sendNotification("textDocument/didClose", { textDocument: { uri: uriOf("new.c") } });
  expect(await references(at)).toEqual(["a.bpf.c:1", "a.bpf.c:3"]);
});

test("the minimum kernel of a program comes when its line is shown", async () => {
  server = await startServer();
  const { textDocument } = openAt("a.bpf.c", `$0${program("a", "seen")}`);
  const lenses = await server.connection.sendRequest<CodeLens[]>("textDocument/codeLens", { textDocument });
  expect(lenses.map(({ command }) => command?.title)).toEqual(["xdp", "1 map", "1 helper", undefined]);
  const resolve = () => server?.connection.sendRequest<CodeLens>("codeLens/resolve", lenses[3]);
  expect((await resolve())?.command?.title).toBe("from Linux 4.8");
  await server.connection.sendNotification("textDocument/didClose", { textDocument });
  expect((await resolve())?.command?.title).toBe("");
});
