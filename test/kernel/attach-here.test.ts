/** `hookpoint verify --attach` on this machine's kernel, which may not do all of it: what it refuses is explained, and nothing stays attached. */

import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Verified } from "../../server/src/toolchain/verify.ts";
import setup from "../support/build.ts";
import { dist } from "../support/paths.ts";
import { type PrivatePlace, privatePlace } from "./private-place.ts";
import { whyNotHere } from "./toolbox.mjs";

const why = whyNotHere();
if (why !== undefined && process.env["CI"]) throw new Error(why);
const folder = mkdtempSync(join(tmpdir(), "hookpoint attach "));
let place: PrivatePlace;

beforeAll(async () => {
  if (why !== undefined) return;
  setup();
  writeFileSync(join(folder, "hooks.bpf.c"), SOURCE);
  place = await privatePlace(folder);
});
afterAll(() => {
  place?.dispose();
  rmSync(folder, { recursive: true });
});

const SOURCE = `#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

SEC("tracepoint/sched/sched_process_exec")
int at_exec(void *ctx) { return 0; }

SEC("xdp")
int at_packet(struct xdp_md *ctx) { return XDP_PASS; }

SEC("raw_tp/no_such_point")
int at_no_point(void *ctx) { return 0; }

SEC("kprobe/do_unlinkat")
int at_probe(void *ctx) { return 0; }

SEC("fentry/do_unlinkat")
int BPF_PROG(at_entry) { return 0; }

char LICENSE[] SEC("license") = "GPL";
`;

test.skipIf(why !== undefined)("each at its section, as far as this kernel does it", { timeout: 120_000 }, async () => {
  const links = await place.shell("bpftool link");
  const cli = join(dist, "server/cli.js");
  const args = ["verify", "--attach", "--format=json", "hooks.bpf.c"];
  const { code, stdout, stderr } = await place.run(process.execPath, cli, ...args);
  expect(stderr).toBe("");
  const [{ programs }] = JSON.parse(stdout).files as [Verified];
  const said = programs.map(({ name, verdict, answers, attaching }) => {
    const [answer] = attaching?.answers ?? answers;
    return [name, verdict, attaching?.outcome, answer?.family, answer?.place?.line];
  });
  const [exec, packet, noPoint, probe, entry] = said;
  expect(exec).toEqual(["at_exec", "accepted", "attached", undefined, undefined]);
  expect(packet).toEqual(["at_packet", "accepted", "nowhere", undefined, undefined]);
  expect(noPoint).toEqual(["at_no_point", "accepted", "refused", "tracepoint-not-attached", 11]);
  // Kernels that do not change their code while they run have no kprobes, and let nothing trace their functions.
  expect([
    ["at_probe", "accepted", "attached", undefined, undefined],
    ["at_probe", "accepted", "refused", "probe-not-attached", 14],
  ]).toContainEqual(probe);
  expect([
    ["at_entry", "accepted", "attached", undefined, undefined],
    ["at_entry", "refused", undefined, "tracing-not-possible", 18],
  ]).toContainEqual(entry);
  expect(code).toBe(1);
  expect(await place.shell("bpftool link")).toBe(links);
});
