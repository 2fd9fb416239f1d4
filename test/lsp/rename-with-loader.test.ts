/** A thing of BPF code is renamed where its header, its source and its loader name it: object, skeleton and loader still compile. */

import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { expect, test } from "vitest";
import type { WorkspaceEdit } from "vscode-languageserver/node";
import { applyEdits } from "../../server/src/analysis/text.ts";
import { makeSkeleton } from "../../server/src/toolchain/skeleton/skeleton.ts";
import { fixture } from "../support/fixture.ts";
import { needTool, workIn } from "../support/tools.ts";
import { startServer } from "./server.ts";

const HEADER = `#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, __u64);
} packets SEC(".maps");

const volatile __u32 sampled = 1;
`;
const SOURCE = `#include "packets.bpf.h"

char LICENSE[] SEC("license") = "GPL";

SEC("xdp")
int count(struct xdp_md *ctx)
{
	__u32 key = 0;
	__u64 *seen = bpf_map_lookup_elem(&packets, &key);

	if (seen && ctx->rx_queue_index % sampled == 0)
		__sync_fetch_and_add(seen, 1);
	return XDP_PASS;
}
`;
const LOADER = `#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include "watch.skel.h"

int main(void)
{
	struct watch_bpf *skel = watch_bpf__open();
	int count = 0;

	if (!skel)
		return 1;
	skel->rodata->sampled = 4;
	if (watch_bpf__load(skel) == 0)
		count = bpf_program__fd(skel->progs.count) + bpf_map__fd(skel->maps.packets);
	if (!bpf_object__find_map_by_name(skel->obj, "packets"))
		count = 0;
	watch_bpf__destroy(skel);
	return count;
}
`;
const FILES: Readonly<Record<string, string>> = {
  "packets.bpf.h": HEADER,
  "watch.bpf.c": SOURCE,
  "watch.c": LOADER,
};

test.each([
  ["a map of the header", "&pac$0kets", "per_queue", { header: 1, source: 1, loader: 2 }],
  [
    "a program that has the name of the loader's variable",
    "int co$0unt(",
    "on_packet",
    { header: 0, source: 1, loader: 1 },
  ],
  ["a constant that user space sets", "% samp$0led", "one_in", { header: 1, source: 1, loader: 1 }],
])("%s", async (_, at, newName, places) => {
  for (const tool of ["clang", "bpftool", "gcc"]) needTool(tool);
  const folder = mkdtempSync(join(tmpdir(), "renamed with its loader-"));
  const path = (name: string): string => join(folder, name);
  try {
    for (const [name, text] of Object.entries(FILES)) writeFileSync(path(name), text);
    const server = await startServer({ folder: pathToFileURL(folder).href });
    const { text, cursor } = fixture(SOURCE.replace(at.replace("$0", ""), at));
    const uri = pathToFileURL(path("watch.bpf.c")).href;
    server.open(uri, text);
    const asked = { textDocument: { uri }, position: cursor, newName };
    const { changes = {} } = await server.connection.sendRequest<WorkspaceEdit>("textDocument/rename", asked);
    await server.stop();
    for (const [file, edits] of Object.entries(changes)) {
      const name = fileURLToPath(file);
      writeFileSync(name, applyEdits(readFileSync(name, "utf8"), edits));
    }
    const count = (name: string): number =>
      (readFileSync(path(name), "utf8").match(new RegExp(`\\b${newName}\\b`, "g")) ?? []).length;
    const found = { header: count("packets.bpf.h"), source: count("watch.bpf.c"), loader: count("watch.c") };
    expect(found).toEqual(places);
    await makeSkeleton([path("watch.bpf.c")], workIn(folder), { kind: "c", name: "", force: false });
    execFileSync("gcc", ["-Wall", "-Werror", "-Wno-unused-function", "-c", "watch.c", "-o", "watch.o"], {
      cwd: folder,
    });
  } finally {
    rmSync(folder, { recursive: true });
  }
});
