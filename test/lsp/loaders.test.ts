import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, beforeAll, expect, test } from "vitest";
import { fixture } from "../support/fixture.ts";
import { type Server, startServer } from "./server.ts";

const BPF = `#include "shared.h"
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
} my_counts SEC(".maps");
const volatile int limit = 3;
SEC("xdp") int count_packets(struct xdp_md *ctx)
{
	return bpf_map_lookup_elem(&my_counts, ctx) ? limit : 2;
}
`;
const HEADER = `struct { __uint(type, BPF_MAP_TYPE_RINGBUF); } events SEC(".maps");\n`;
const LOADER = `#include <bpf/libbpf.h>
#include "watch.skel.h"
int main(void)
{
	struct watch_bpf *skel = watch_bpf__open();
	skel->rodata->limit = 4;
	bpf_map__set_max_entries(skel->maps.my_counts, 1);
	bpf_object__find_map_by_name(skel->obj, "my_counts");
	return bpf_program__fd(skel->progs.count_packets) + bpf_map__fd(skel->maps.events);
}
`;
const GO = `package main

//go:generate go run github.com/cilium/ebpf/cmd/bpf2go watch bpf/watch.bpf.c

func run(objs *watchObjects) { _ = objs.MyCounts; _ = objs.CountPackets }
`;

let folder: string;
let server: Server;
const uri = (path: string): string => pathToFileURL(join(folder, path)).href;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "loaders of bpf-"));
  mkdirSync(join(folder, "bpf"));
  mkdirSync(join(folder, "other"));
  writeFileSync(join(folder, "bpf", "watch.bpf.c"), BPF);
  writeFileSync(join(folder, "bpf", "shared.h"), HEADER);
  writeFileSync(join(folder, "watch.c"), LOADER);
  writeFileSync(join(folder, "main.go"), GO);
  // Another of the same name, further away.
  cpSync(join(folder, "bpf", "watch.bpf.c"), join(folder, "other", "elsewhere.bpf.c"));
  server = await startServer({ folder: pathToFileURL(folder).href });
});

afterAll(async () => {
  await server.stop();
  rmSync(folder, { recursive: true });
});

/** `file:line text` of a place, the line from 1. */
type Found = readonly { readonly uri: string; readonly range: { readonly start: { readonly line: number } } }[];
const shown = (found: Found): readonly string[] =>
  found.map((one) => `${one.uri.slice(uri("").length + 1)}:${one.range.start.line + 1}`).sort();

async function definitionAt(path: string, marked: string): Promise<readonly string[]> {
  const { text, cursor } = fixture(marked);
  server.open(uri(path), text);
  const found = (await server.connection.sendRequest("textDocument/definition", {
    textDocument: { uri: uri(path) },
    position: cursor,
  })) as Found;
  await server.connection.sendNotification("textDocument/didClose", { textDocument: { uri: uri(path) } });
  return shown(found);
}

test.each([
  ["maps.my_co$0unts", "bpf/watch.bpf.c:4"],
  ["progs.count$0_packets", "bpf/watch.bpf.c:6"],
  ["rodata->li$0mit", "bpf/watch.bpf.c:5"],
  ['"my_$0counts"', "bpf/watch.bpf.c:4"],
  ["maps.ev$0ents", "bpf/shared.h:1"],
  ["watch.sk$0el.h", "bpf/watch.bpf.c:1"],
])("from %s in a loader to the source", async (at, place) => {
  expect(await definitionAt("watch.c", LOADER.replace(at.replace("$0", ""), at))).toEqual([place]);
});

test("from a name of the loader's own nowhere", async () => {
  expect(await definitionAt("watch.c", LOADER.replace("watch_bpf *skel", "watch_bpf *sk$0el"))).toEqual([]);
});

test("from what bpf2go makes to the source", async () => {
  expect(await definitionAt("main.go", GO.replace("MyCounts", "MyC$0ounts"))).toEqual(["bpf/watch.bpf.c:4"]);
  expect(await definitionAt("main.go", GO.replace("watch.bpf.c", "wat$0ch.bpf.c"))).toEqual(["bpf/watch.bpf.c:1"]);
});

test("references of a map lead to those who load it, and its new name is written there as they write it", async () => {
  const { text, cursor } = fixture(BPF.replace("&my_counts", "&my_co$0unts"));
  const file = uri("bpf/watch.bpf.c");
  server.open(file, text);
  const at = { textDocument: { uri: file }, position: cursor };
  const found = await server.connection.sendRequest("textDocument/references", {
    ...at,
    context: { includeDeclaration: true },
  });
  expect(shown(found as Found)).toEqual([
    "bpf/watch.bpf.c:4",
    "bpf/watch.bpf.c:8",
    "main.go:5",
    "watch.c:7",
    "watch.c:8",
  ]);
  const edit = (await server.connection.sendRequest("textDocument/rename", { ...at, newName: "per_cpu" })) as {
    readonly changes: Readonly<Record<string, readonly { readonly newText: string }[]>>;
  };
  expect(edit.changes[uri("watch.c")]?.map(({ newText }) => newText)).toEqual(["per_cpu", "per_cpu"]);
  expect(edit.changes[uri("main.go")]?.map(({ newText }) => newText)).toEqual(["PerCpu"]);
  expect(edit.changes[uri("other/elsewhere.bpf.c")]).toBeUndefined();
});

test("nothing is found in a loader, and nothing else is answered there", async () => {
  const file = uri("watch.c");
  server.open(file, LOADER);
  const textDocument = { uri: file };
  expect(await server.connection.sendRequest("textDocument/documentSymbol", { textDocument })).toBeNull();
  expect(
    await server.connection.sendRequest("textDocument/hover", { textDocument, position: { line: 6, character: 30 } }),
  ).toBeNull();
  expect(server.errors.filter((error) => !error.startsWith("shown:"))).toEqual([]);
});
