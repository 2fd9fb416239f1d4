/** Settings as they come: a project file that is broken or new, targets nobody knows, comments typed above what was found. */

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterEach, beforeEach, expect, test } from "vitest";
import { type Server, type ServerOptions, startServer } from "./server.ts";

let folder: string;
let server: Server | undefined;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "hookpoint settings-"));
  mkdirSync(join(folder, "src"));
});
afterEach(async () => {
  await server?.stop();
  server = undefined;
  rmSync(folder, { recursive: true });
});

const uriOf = (name: string): string => pathToFileURL(join(folder, name)).href;
const write = (name: string, text: string): void => writeFileSync(join(folder, name), text);
const start = async (options: ServerOptions): Promise<Server> => {
  server = await startServer({ folder: uriOf(""), ...options });
  return server;
};

/** bpf_loop() came in 5.17. */
const LOOP = `#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>
static int each(__u32 i, void *data) { return 0; }
SEC("xdp") int f(struct xdp_md *ctx) { return bpf_loop(3, each, 0, 0); }
char LICENSE[] SEC("license") = "GPL";
`;

const HINT = 4;

async function rulesIn(name: string, text: string): Promise<readonly unknown[]> {
  server?.open(uriOf(name), text);
  const found = (await server?.diagnostics(uriOf(name))) ?? [];
  return found.flatMap(({ code, severity }) => (severity === HINT ? [] : [code]));
}

test("a target of the project counts, and none there is none", async () => {
  await start({ settings: { target: ["5.10"] } });
  expect(await rulesIn("src/a.bpf.c", LOOP)).toContain("helper-not-on-target");
  write("src/hookpoint.json", '{ "target": [] }');
  const ask = (name: string) => server?.connection.sendRequest("hookpoint/targets", { uri: uriOf(name) });
  // Asked before the editor tells of the new file, as the status bar does.
  expect(await ask("src/a.bpf.c")).toEqual({ labels: [], project: uriOf("src/hookpoint.json") });
  await server?.connection.sendNotification("workspace/didChangeWatchedFiles", {
    changes: [{ uri: uriOf("src/hookpoint.json"), type: 1 }],
  });
  expect(await rulesIn("src/b.bpf.c", LOOP)).not.toContain("helper-not-on-target");
  expect(await ask("b.bpf.c")).toEqual({ labels: ["5.10"] });
  expect(server?.errors).toEqual([]);
});

test.each([
  ["{ broken", "hookpoint.json is not valid JSON"],
  ['["5.10"]', "hookpoint.json holds no settings"],
  ['{ "target": 5.1 }', '"5.1 without quotes" is no kernel'],
  ['{ "target": "linux-next" }', '"linux-next" is no kernel'],
  ['{ "target": "nowhere.json" }', '"nowhere.json": there is no such file'],
])("%s in hookpoint.json is told once, and everything else goes on", async (content, said) => {
  write("hookpoint.json", content);
  await start({ settings: {} });
  expect(await rulesIn("src/a.bpf.c", LOOP)).toEqual([]);
  expect(await rulesIn("src/b.bpf.c", LOOP)).toEqual([]);
  expect(server?.errors).toEqual([expect.stringContaining(said)]);
});

test("a probe's file that the settings name lies in the folder that is open, one of the project beside that", async () => {
  const probe = (helpers: object) => JSON.stringify({ program_types: { have_xdp_prog_type: true }, helpers });
  write("my probe#1.json", probe({ xdp_available_helpers: ["bpf_map_lookup_elem"] }));
  await start({ settings: { target: "my probe#1.json" } });
  expect(await rulesIn("src/a.bpf.c", LOOP)).toContain("helper-not-on-target");
  write("src/own.json", probe({ xdp_available_helpers: ["bpf_map_lookup_elem", "bpf_loop"] }));
  write("src/hookpoint.json", '{ "target": "own.json" }');
  await server?.connection.sendNotification("workspace/didChangeWatchedFiles", {
    changes: [{ uri: uriOf("src/hookpoint.json"), type: 1 }],
  });
  expect(await rulesIn("src/b.bpf.c", LOOP)).toEqual([]);
  expect(server?.errors).toEqual([]);
});

const USE = "\t*hit = 1;\n";
const PATHS = `#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>
struct { __uint(type, BPF_MAP_TYPE_ARRAY); __uint(max_entries, 1); __type(key, int); __type(value, int); } hits SEC(".maps");
SEC("xdp") int count(struct xdp_md *ctx)
{
	int key = ctx->ingress_ifindex;
	int *hit = bpf_map_lookup_elem(&hits, &key);
${USE}	return 2;
}
char LICENSE[] SEC("license") = "GPL";
`;

test("a comment that allows what was found along a path counts with the key that completes it", async () => {
  await start({});
  const uri = uriOf("a.bpf.c");
  const codes = async (version: number, turn: number) =>
    ((await server?.diagnostics(uri, version, turn)) ?? []).map(({ code }) => code);
  server?.open(uri, PATHS);
  expect(await codes(1, 2)).toEqual(["unchecked-null"]);
  server?.change(uri, 2, PATHS.replace(USE, `\t// hookpoint: allow unchecked-nul\n${USE}`));
  expect(await codes(2, 1)).toContain("unchecked-null");
  server?.change(uri, 3, PATHS.replace(USE, `\t// hookpoint: allow unchecked-null\n${USE}`));
  expect(await codes(3, 1)).toEqual([]);
  expect(await codes(3, 2)).toEqual([]);
});

test("what is switched off while it is carried along goes at once", async () => {
  const settings: { rules?: object } = {};
  await start({ settings });
  const uri = uriOf("a.bpf.c");
  const codes = async (version: number, turn: number) =>
    ((await server?.diagnostics(uri, version, turn)) ?? []).map(({ code }) => code);
  server?.open(uri, PATHS);
  expect(await codes(1, 2)).toEqual(["unchecked-null"]);
  server?.change(uri, 2, `\n${PATHS}`);
  expect(await codes(2, 1)).toEqual(["unchecked-null"]);
  settings.rules = { "unchecked-null": "off" };
  await server?.connection.sendNotification("workspace/didChangeConfiguration", { settings: null });
  expect(await codes(2, 2)).toEqual([]);
  server?.change(uri, 3, `\n\n${PATHS}`);
  expect(await codes(3, 1)).toEqual([]);
});

test("what loads the programs is seen from the project, and again when that changes", async () => {
  const source = `#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>
SEC("classifier/ingress") int f(struct __sk_buff *ctx) { return 0; }
char LICENSE[] SEC("license") = "GPL";
`;
  await start({});
  expect(await rulesIn("src/a.bpf.c", source)).toEqual(["removed-section"]);
  write("go.mod", "module example.org/m\nrequire github.com/cilium/ebpf v0.16.0\n");
  await server?.connection.sendNotification("workspace/didChangeWatchedFiles", {
    changes: [{ uri: uriOf("go.mod"), type: 1 }],
  });
  expect(await rulesIn("src/b.bpf.c", source)).toEqual([]);
  // What the project says of itself wins.
  write("hookpoint.json", '{ "loader": "libbpf" }');
  await server?.connection.sendNotification("workspace/didChangeWatchedFiles", {
    changes: [{ uri: uriOf("hookpoint.json"), type: 1 }],
  });
  expect(await rulesIn("src/c.bpf.c", source)).toEqual(["removed-section"]);
  expect(server?.errors).toEqual([]);
});

test("a part of another source asks for no licence of its own, and a new file for one", async () => {
  const part = '#include <bpf/bpf_helpers.h>\nSEC("kprobe/x") int f(void *ctx) { bpf_trace_printk(0, 0); return 0; }\n';
  write("main.bpf.c", '#include "src/part.c"\nchar LICENSE[] SEC("license") = "GPL";\n');
  await start({});
  expect(await rulesIn("src/part.c", part)).not.toContain("missing-licence");
  expect(await rulesIn("src/other.c", part)).toContain("missing-licence");
  expect(server?.errors).toEqual([]);
});

test("a compile database says where headers are, and findings follow it", async () => {
  mkdirSync(join(folder, "deep/down hdr"), { recursive: true });
  write("deep/down hdr/sizes.h", "#define ENTRIES 3000\n");
  const source = `#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>
#include "sizes.h"
struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, ENTRIES);
} events SEC(".maps");
SEC("xdp") int f(struct xdp_md *ctx) { return bpf_ringbuf_output(&events, &(int){ 0 }, 4, 0); }
char LICENSE[] SEC("license") = "GPL";
`;
  await start({});
  const uri = uriOf("src/a.bpf.c");
  expect(await rulesIn("src/a.bpf.c", source)).not.toContain("ring-buffer-size");
  const entry = {
    directory: folder,
    file: "src/a.bpf.c",
    arguments: ["clang", "-Ideep/down hdr", "-c", "src/a.bpf.c"],
  };
  write("compile_commands.json", JSON.stringify([entry]));
  await server?.connection.sendNotification("workspace/didChangeWatchedFiles", {
    changes: [{ uri: uriOf("compile_commands.json"), type: 1 }],
  });
  // Findings come several times; this one once the database is read.
  for (let turn = 2, rules: readonly unknown[] = []; !rules.includes("ring-buffer-size"); turn++)
    rules = ((await server?.diagnostics(uri, 1, turn)) ?? []).map(({ code }) => code);
  expect(server?.errors).toEqual([]);
});
