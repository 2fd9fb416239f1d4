/** The server as it ships, over stdio. */

import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, beforeAll, expect, test } from "vitest";
import type {
  CodeAction,
  CompletionItem,
  CompletionList,
  DocumentSymbol,
  Hover,
  SymbolInformation,
} from "vscode-languageserver/node";
import { type Server, startServer } from "./server.ts";

/** Nothing to find but the one. */
const FILE = `#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>
char LICENSE[] SEC("license") = "GPL"; struct { __uint(type, BPF_MAP_TYPE_HASH); __uint(max_entries, 16); __type(key, int); __type(value, int); } counts SEC(".maps");
SEC("kprobe/vfs_read") int on_exit(void *ctx)
{ int key = 0; bpf_map_delete_elem(&counts, &key);
	return bpf_probe_read(&key, 4, ctx);
}
`;
const URI = "file:///nowhere/test.bpf.c";
const ON_HELPER = { line: 5, character: 12 };

let server: Server;
beforeAll(async () => {
  server = await startServer();
});
afterAll(async () => {
  expect(await server.stop()).toBe(0);
});

test("a file is opened, asked about, edited and closed", async () => {
  server.open(URI, FILE);
  const [finding] = await server.diagnostics(URI);
  expect(finding).toMatchObject({ source: "hookpoint", code: "deprecated-helper", severity: 3, tags: [2] });

  const textDocument = { uri: URI };
  const hover = await server.connection.sendRequest<Hover>("textDocument/hover", { textDocument, position: ON_HELPER });
  expect(JSON.stringify(hover.contents)).toContain("bpf_probe_read(void *dst");

  const symbols = await server.connection.sendRequest<DocumentSymbol[]>("textDocument/documentSymbol", {
    textDocument,
  });
  expect(symbols.map(({ name }) => name)).toEqual(["counts", "on_exit"]);

  const range = { start: ON_HELPER, end: ON_HELPER };
  const actions = await server.connection.sendRequest<CodeAction[]>("textDocument/codeAction", {
    textDocument,
    range,
    context: { diagnostics: [] },
  });
  expect(actions[0]?.edit?.changes?.[URI]?.[0]?.newText).toBe("bpf_probe_read_kernel");

  server.change(URI, 2, FILE.replace("bpf_probe_read", "bpf_probe_read_kernel"));
  expect(await server.diagnostics(URI, 2)).toEqual([]);

  const status = await server.connection.sendRequest<{ documents: number }>("hookpoint/status");
  expect(status.documents).toBe(1);
  await server.connection.sendNotification("textDocument/didClose", { textDocument });
  expect(await server.connection.sendRequest("textDocument/hover", { textDocument, position: ON_HELPER })).toBeNull();
  expect(server.errors).toEqual([]);
});

test("a client that looks at versions is given that of the text which a fix is for", async () => {
  const able = await startServer({ versionsEdits: true });
  able.open(URI, FILE);
  await able.diagnostics(URI);
  const ask = () =>
    able.connection.sendRequest<CodeAction[]>("textDocument/codeAction", {
      textDocument: { uri: URI },
      range: { start: ON_HELPER, end: ON_HELPER },
      context: { diagnostics: [] },
    });
  const versions = (actions: readonly CodeAction[]) =>
    actions
      .flatMap(({ edit }) => edit?.documentChanges ?? [])
      .map((change) => "edits" in change && change.textDocument);
  expect(new Set(versions(await ask()))).toContainEqual({ uri: URI, version: 1 });
  able.change(URI, 2, `${FILE}\n`);
  const later = await ask();
  expect(versions(later).length).toBeGreaterThan(1);
  for (const document of versions(later)) expect(document).toEqual({ uri: URI, version: 2 });
  expect(later.every(({ edit }) => edit?.changes === undefined)).toBe(true);
  expect(await able.stop()).toBe(0);
});

test("a client that asks item by item learns the same from a shorter list", async () => {
  const able = await startServer({
    completion: {
      completionItem: { resolveSupport: { properties: ["documentation", "detail"] } },
      completionList: { itemDefaults: ["data"] },
    },
  });
  const typed = FILE.replace("bpf_probe_read", "bpf_");
  const textDocument = { uri: URI };
  const offered = async ({ connection, open }: Server): Promise<CompletionList> => {
    open(URI, typed);
    return connection.sendRequest("textDocument/completion", { textDocument, position: { line: 5, character: 12 } });
  };
  const [long, short] = [await offered(server), await offered(able)];
  expect(JSON.stringify(short).length).toBeLessThan(JSON.stringify(long).length / 1.8);
  expect(short.items.map(({ label }) => label)).toEqual(long.items.map(({ label }) => label));
  const looked = short.items.filter((_, n) => n % 25 === 0);
  expect(looked.length).toBeGreaterThan(4);
  for (const lean of looked) {
    const name = lean.label;
    const full = long.items.find(({ label }) => label === name);
    if (full === undefined) throw new Error(name);
    const resolve = ({ connection }: Server, item: CompletionItem): Promise<CompletionItem> =>
      connection.sendRequest("completionItem/resolve", item);
    const [one, other] = [
      await resolve(server, full),
      await resolve(able, { ...lean, data: lean.data ?? short.itemDefaults?.data }),
    ];
    expect(other.documentation, name).toBeDefined();
    expect([other.detail, other.documentation]).toEqual([one.detail, one.documentation]);
  }
  await server.connection.sendNotification("textDocument/didClose", { textDocument });
  expect(await able.stop()).toBe(0);
});

test("files nobody writes but everybody meets are answered without an exception", async () => {
  const odd: Readonly<Record<string, string>> = {
    empty: "",
    huge: FILE.repeat(Math.ceil(5_000_000 / FILE.length)),
    binary: Array.from({ length: 5000 }, (_, i) => String.fromCharCode((i * 7919) % 256)).join(""),
    cut: 'int x;\nSEC("',
    windows: FILE.replaceAll("\n", "\r\n").replace("on_exit", "on_exit_𝒳"),
    brackets: "({[".repeat(50_000),
    lone: "\ud800 SEC(\udc00",
  };
  for (const [name, text] of Object.entries(odd)) {
    const uri = `file:///nowhere/${name}.bpf.c`;
    server.open(uri, text);
    const found = await server.diagnostics(uri);
    if (name === "windows") expect(found.map(({ code }) => code)).toEqual(["deprecated-helper"]);
    if (name === "huge") expect(found[0]?.message).toContain("Hookpoint analyses files up to 2 MB");
    const textDocument = { uri };
    await server.connection.sendRequest("textDocument/hover", { textDocument, position: ON_HELPER });
    await server.connection.sendRequest("textDocument/hover", {
      textDocument,
      position: { line: 1e6, character: 1e6 },
    });
    await server.connection.sendRequest("textDocument/documentSymbol", { textDocument });
    await server.connection.sendRequest("textDocument/codeAction", {
      textDocument,
      range: { start: ON_HELPER, end: ON_HELPER },
      context: { diagnostics: [] },
    });
    server.change(uri, 2, `${text}x`);
    await server.diagnostics(uri, 2);
  }
  expect(server.errors).toEqual([]);
});

test("settings come from the editor, or with initialize where it cannot be asked", async () => {
  for (const options of [{ settings: { target: ["5.4"] } }, { initializationOptions: { target: ["5.4"] } }]) {
    const other = await startServer(options);
    other.open(URI, FILE);
    expect(await other.diagnostics(URI)).toEqual([]);
    expect(await other.stop()).toBe(0);
  }
});

test("hookpoint.json beside the file counts, and is read again when it changes", async () => {
  const folder = mkdtempSync(join(tmpdir(), "hookpoint lsp-"));
  try {
    const project = join(folder, "hookpoint.json");
    writeFileSync(project, '{ "rules": { "deprecated-helper": "error" } }');
    const uri = pathToFileURL(join(folder, "a.bpf.c")).href;
    server.open(uri, FILE);
    expect((await server.diagnostics(uri))[0]?.severity).toBe(1);
    writeFileSync(project, '{ "rules": { "deprecated-helper": "off" } }');
    await server.connection.sendNotification("workspace/didChangeWatchedFiles", {
      changes: [{ uri: pathToFileURL(project).href, type: 2 }],
    });
    server.change(uri, 2, FILE);
    expect(await server.diagnostics(uri, 2)).toEqual([]);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test("a header that is open in the editor counts as it stands there", async () => {
  const folder = mkdtempSync(join(tmpdir(), "hookpoint headers-"));
  try {
    writeFileSync(join(folder, "read.h"), "#define statfunc static __always_inline\n");
    const header = pathToFileURL(join(folder, "read.h")).href;
    const uri = pathToFileURL(join(folder, "a.bpf.c")).href;
    server.open(uri, `#include "read.h"\nMAP(counts)\n${FILE}`);
    const symbols = async () => {
      const found = await server.connection.sendRequest<DocumentSymbol[]>("textDocument/documentSymbol", {
        textDocument: { uri },
      });
      return found.map(({ name }) => name);
    };
    expect(await symbols()).toEqual(["counts", "on_exit"]);
    server.open(header, "");
    server.change(header, 2, '#define MAP(n) struct { __uint(type, BPF_MAP_TYPE_ARRAY); } my_##n SEC(".maps");\n');
    await server.diagnostics(header, 2);
    expect(await symbols()).toEqual(["my_counts", "counts", "on_exit"]);
  } finally {
    rmSync(folder, { recursive: true });
  }
  expect(server.errors).toEqual([]);
});

test("what was typed into a header and thrown away counts no more, whatever its name", async () => {
  const folder = mkdtempSync(join(tmpdir(), "hookpoint headers-"));
  try {
    writeFileSync(join(folder, "my header.h"), '#define AT "kprobe/a"\n');
    const header = pathToFileURL(join(folder, "my header.h")).href;
    const uri = pathToFileURL(join(folder, "a.bpf.c")).href;
    server.open(uri, '#include "my header.h"\nSEC(AT)\nint f(void *ctx) { return 0; }\n');
    const detail = async () => {
      const found = await server.connection.sendRequest<DocumentSymbol[]>("textDocument/documentSymbol", {
        textDocument: { uri },
      });
      return found[0]?.detail;
    };
    expect(await detail()).toBe("kprobe/a");
    server.open(header, '#define AT "kprobe/a"\n');
    server.change(header, 2, '#define AT "kprobe/b"\n');
    expect(await detail()).toBe("kprobe/b");
    await server.connection.sendNotification("textDocument/didClose", { textDocument: { uri: header } });
    expect(await detail()).toBe("kprobe/a");
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test("what a file means is told, whether it is open or only on disk", async () => {
  const folder = mkdtempSync(join(tmpdir(), "hookpoint model-"));
  try {
    writeFileSync(join(folder, "event.h"), "struct event { __u32 pid; char comm[16]; };\n");
    const onDisk = join(folder, "x.bpf.c");
    writeFileSync(
      onDisk,
      `#include <bpf/bpf_helpers.h>
#include "event.h"
struct { __uint(type, BPF_MAP_TYPE_RINGBUF); __uint(max_entries, 4096); } events SEC(".maps");
SEC("raw_tp/sys_enter") int f(void *ctx) { struct event e = {}; bpf_ringbuf_output(&events, &e, sizeof(e), 0); return 0; }
`,
    );
    const ask = (uri: string) => server.connection.sendRequest("hookpoint/model", { uri });
    expect(await ask(pathToFileURL(onDisk).href)).toMatchObject({
      programs: [{ name: "f", progType: "BPF_PROG_TYPE_RAW_TRACEPOINT" }],
      maps: [
        { records: [{ spelling: "struct event", size: 20, header: pathToFileURL(join(folder, "event.h")).href }] },
      ],
    });
    const unsaved = pathToFileURL(join(folder, "unsaved.bpf.c")).href;
    server.open(unsaved, 'SEC("xdp") int g(struct xdp_md *ctx) { return 2; }\n');
    expect(await ask(unsaved)).toMatchObject({ programs: [{ name: "g" }] });
    expect(await ask(pathToFileURL(join(folder, "nowhere.bpf.c")).href)).toBeNull();
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test("the minimum kernel of an open file is told, with the page that shows it", async () => {
  const uri = "file:///nowhere/minimum.bpf.c";
  const program = 'SEC("kprobe/f") int f(void *ctx) { return bpf_get_current_cgroup_id(); }\n';
  server.open(uri, `#include <bpf/bpf_helpers.h>\n${program}`);
  const ask = (of: string) => server.connection.sendRequest("hookpoint/minimumKernel", { textDocument: { uri: of } });
  expect(await ask(uri)).toMatchObject({
    minimum: { release: "4.18", programs: [{ name: "f", release: "4.18" }] },
    page: expect.stringContaining("# Minimum kernel of minimum.bpf.c\n\n**Linux 4.18**"),
  });
  expect(await ask("file:///nowhere/closed.bpf.c")).toBeNull();
});

test("what is found along paths comes after the rest, is carried with what is typed, and looked for again after a rest", async () => {
  const uri = "file:///nowhere/paths.bpf.c";
  const use = "\t*hit = 1;\n";
  const text = `${FILE.replace(/SEC\("kprobe[\s\S]*/, "")}
SEC("xdp") int count(struct xdp_md *ctx)
{
	int key = ctx->ingress_ifindex;
	int *hit = bpf_map_lookup_elem(&counts, &key);
${use}	return XDP_PASS;
}
`;
  const line = text.slice(0, text.indexOf(use)).split("\n").length - 1;
  const found = async (version: number, turn: 1 | 2) =>
    (await server.diagnostics(uri, version, turn)).flatMap(({ code, range }) =>
      code === "unchecked-null" ? [range.start.line] : [],
    );
  server.open(uri, text);
  expect(await found(1, 1)).toEqual([]);
  expect(await found(1, 2)).toEqual([line]);
  server.change(uri, 2, `\n${text}`);
  expect(await found(2, 1)).toEqual([line + 1]);
  // After a rest the same is found anew.
  expect(await found(2, 2)).toEqual([line + 1]);
  server.change(uri, 3, text.replace(use, `\tif (!hit)\n\t\treturn XDP_PASS;\n${use}`));
  expect(await found(3, 2)).toEqual([]);
  await server.connection.sendNotification("textDocument/didClose", { textDocument: { uri } });
  expect(server.errors).toEqual([]);
});

test("what is in files of the workspace that nobody opened is found by name", async () => {
  const folder = mkdtempSync(join(tmpdir(), "hookpoint workspace-"));
  try {
    writeFileSync(join(folder, "closed.bpf.c"), 'SEC("tc") int classify(struct __sk_buff *skb) { return 0; }\n');
    const other = await startServer({ folder: pathToFileURL(folder).href });
    const ask = async (query: string) => {
      const found = await other.connection.sendRequest<SymbolInformation[]>("workspace/symbol", { query });
      return found.map(({ name, location: { uri } }) => [name, uri]);
    };
    const uri = pathToFileURL(join(folder, "closed.bpf.c")).href;
    expect(await ask("class")).toEqual([["classify", uri]]);
    // This editor does not tell when files change: then they are looked at each time.
    writeFileSync(join(folder, "closed.bpf.c"), 'SEC("tc") int sort(struct __sk_buff *skb) { return 0; }\n');
    expect(await ask("")).toEqual([["sort", uri]]);
    expect(other.errors).toEqual([]);
    expect(await other.stop()).toBe(0);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test("a setting that is not understood is told, and an editor that answers no such question goes on", async () => {
  const own = await startServer({ settings: { target: ["linux-old"], rules: { nowhere: "off" } } });
  own.open(URI, FILE);
  await own.diagnostics(URI);
  expect(own.errors).toEqual([
    expect.stringMatching(/^shown: Hookpoint: "linux-old" is no kernel that Hookpoint knows\./),
    expect.stringMatching(/^shown: Hookpoint: There is no rule "nowhere"\./),
  ]);
  expect(await own.stop()).toBe(0);
});
