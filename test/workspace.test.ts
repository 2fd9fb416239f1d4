/** The index of the workspace: what is read, how often, and when it is read again. */

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, beforeAll, beforeEach, expect, test, vi } from "vitest";
import { bpfFilesOf } from "../server/src/bpf-files.ts";
import { workspaceSymbols } from "../server/src/features/workspace-symbols.ts";
import { headerFollower } from "../server/src/headers.ts";
import type { Host } from "../server/src/host.ts";
import { thingsByFile } from "../server/src/navigation.ts";
import { type Workspace, workspaceOf } from "../server/src/workspace.ts";

const folder = mkdtempSync(join(tmpdir(), "hookpoint workspace-"));
afterAll(() => rmSync(folder, { recursive: true }));

let host: Host;
beforeAll(async () => {
  vi.stubGlobal("HOOKPOINT_VERSION", "test");
  const { nodeHost } = await import("../server/src/files.ts");
  host = nodeHost(folder);
});

const uriOf = (name: string): string => pathToFileURL(join(folder, name)).href;
const write = (name: string, text: string): void => {
  mkdirSync(dirname(join(folder, name)), { recursive: true });
  writeFileSync(join(folder, name), text);
};

const SOURCE =
  '#include "maps.h"\nSEC("xdp") int pass(struct xdp_md *ctx) { return 2; }\nstatic int twice(int n) { return 2 * n; }\n';
const MAPS = 'struct { __uint(type, BPF_MAP_TYPE_HASH); } counts SEC(".maps");\n';

let open: Map<string, string>;
let read: string[];
let workspace: Workspace;
const start = () => {
  const readText = async (uri: string, limit?: number) => {
    read.push(uri);
    return open.get(uri) ?? host.readText(uri, limit);
  };
  workspace = workspaceOf({
    listFiles: host.listFiles,
    later: host.later,
    readText,
    openFiles: () => [...open.keys()],
  });
  workspace.changeFolders([uriOf(".")], []);
  const headers = headerFollower({ readText });
  const files = bpfFilesOf(workspace, headers, (uri) => open.has(uri));
  return {
    headers,
    find: async (query: string) =>
      workspaceSymbols(await thingsByFile(files, () => false), query).map(
        ({ name, containerName, location: { uri, range } }) =>
          `${name} ${containerName ?? ""} ${uri.slice(uriOf("").length + 1)}:${range.start.line}`,
      ),
  };
};

beforeEach(() => {
  open = new Map();
  read = [];
  rmSync(folder, { recursive: true });
  write("src/a.bpf.c", SOURCE);
  write("src/maps.h", MAPS);
});

test("programs, maps and functions of all BPF files, those of a header once", async () => {
  write("b.c", `${SOURCE.replace("pass", "drop")}`);
  write("include/maps.h", MAPS);
  write("loader.c", "#include <bpf/libbpf.h>\nint main(void) { return 0; }\n");
  write("node_modules/c.bpf.c", SOURCE);
  write(".git/d.bpf.c", SOURCE);
  const { find } = start();
  expect(await find("pass")).toEqual(["pass xdp src/a.bpf.c:1"]);
  expect(await find("")).toEqual([
    "counts HASH include/maps.h:0",
    "counts HASH src/maps.h:0",
    "drop xdp b.c:1",
    "pass xdp src/a.bpf.c:1",
    "twice  b.c:2",
    "twice  src/a.bpf.c:2",
  ]);
  // The letters in their order, what begins with them first.
  expect(await find("tw")).toEqual(["twice  b.c:2", "twice  src/a.bpf.c:2"]);
  expect(await find("ps")).toEqual(["pass xdp src/a.bpf.c:1"]);
  expect(await find("sp")).toEqual([]);
});

test("a file is read once, and again when it or its header has changed", async () => {
  write("src/other.bpf.c", 'int unrelated SEC(".data.x");\n');
  const { find, headers } = start();
  await find("");
  const once = read.length;
  await find("x");
  expect(read.length).toBe(once);
  write("src/maps.h", MAPS.replace("counts", "sums"));
  expect(await find("sums")).toEqual([]);
  headers.forget(uriOf("src/maps.h"));
  workspace.changed(uriOf("src/maps.h"));
  expect(await find("sums")).toEqual(["sums HASH src/maps.h:0"]);
  expect(read.slice(once).filter((uri) => uri.endsWith(".c"))).toEqual([uriOf("src/a.bpf.c")]);
});

test("what is typed counts before it is saved, wherever the file is", async () => {
  const { find } = start();
  await find("");
  open.set(uriOf("src/a.bpf.c"), SOURCE.replace("twice", "thrice"));
  open.set("untitled:new.bpf.c", 'SEC("tc") int classify(struct __sk_buff *skb) { return 0; }');
  workspace.changed(uriOf("src/a.bpf.c"));
  const found = await find("");
  expect(found.some((line) => line.startsWith("thrice"))).toBe(true);
  expect(found.some((line) => line.startsWith("twice"))).toBe(false);
  expect(found.some((line) => line.startsWith("classify tc"))).toBe(true);
});

test("files that come and go are noticed when somebody says so", async () => {
  const { find } = start();
  await find("");
  write("src/later.bpf.c", SOURCE.replace("pass", "later"));
  expect(await find("later")).toEqual([]);
  workspace.forgetLists();
  expect(await find("later")).toEqual(["later xdp src/later.bpf.c:1"]);
  rmSync(join(folder, "src/later.bpf.c"));
  workspace.changed(uriOf("src/later.bpf.c"));
  workspace.forgetLists();
  expect(await find("later")).toEqual([]);
});

test("who no longer wants to know gets what is there by then", async () => {
  for (let i = 0; i < 20; i++) write(`src/many/${i}.bpf.c`, SOURCE);
  start();
  const files = workspace.index({ endings: [".c"], digest: async (uri) => ({ value: uri }) });
  let asked = 0;
  const found = await files.all(() => ++asked > 5);
  expect(found.size).toBe(5);
  expect((await files.all()).size).toBe(21);
});

test("what is in the workspace is told from what is not", () => {
  start();
  expect(workspace.holds(uriOf("src/a.bpf.c"))).toBe(true);
  expect(workspace.holds("file:///usr/include/x.h")).toBe(false);
});
