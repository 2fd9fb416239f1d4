/** The lines that we find for the instructions of a loaded program, beside those that the verifier of this kernel prints. */

import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { openObject } from "../../server/src/analysis/object/open.ts";
import { instructionPlaces, objectInstruction } from "../../server/src/analysis/verifier/instruction-places.ts";
import { loadedParts } from "../../server/src/analysis/verifier/loaded-program.ts";
import { bytesOf, run } from "../support/objects.ts";
import { findClang } from "../vscode/process.mjs";
import { whyNotHere } from "./toolbox.mjs";

const reason = whyNotHere();
const folder = mkdtempSync(join(tmpdir(), "hookpoint pläces $(x) "));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const HELPERS = `
typedef unsigned int u32;
typedef unsigned long long u64;
#define SEC(name) __attribute__((section(name), used))
#define __noinline __attribute__((noinline))
static u64 (*bpf_ktime_get_ns)(void) = (void *) 5;
static u32 (*bpf_get_prandom_u32)(void) = (void *) 7;
static long (*bpf_loop)(u32 count, void *callback, void *ctx, u64 flags) = (void *) 181;
`;

/** Of a header in another folder: one that is inlined, and one that is called. */
const DEEP = `
static inline __attribute__((always_inline)) u32 inlined(u32 x)
{
	if (x & 1)
		x ^= bpf_get_prandom_u32();
	return x + 7;
}

static __noinline u32 in_a_header(u32 x)
{
	u32 all = inlined(x);

	return all / 3;
}
`;

const SOURCE = `
#include "helpers.h"
#include "deep/down.h"

u64 sum;

static __noinline u32 third(u32 x)
{
	return x * bpf_get_prandom_u32();
}

static __noinline u32 second(u32 x)
{
	u32 got = third(x + 1);

	return got + in_a_header(got);
}

static __noinline u32 first(u32 x)
{
	return second(x) +
	       third(x);
}

__noinline u32 global(u32 x)
{
	if (x > 10)
		return first(x);
	return second(x);
}

static long innermost(u32 i, u64 *all)
{
	sum += third(i);
	return 0;
}

static long each(u32 i, u64 *all)
{
	u64 local = 0;

	bpf_loop(3, innermost, &local, 0);
	sum += i;
	return i > 5;
}

SEC("xdp") u32 calls_back(void *ctx)
{
	u64 local = 0;

	bpf_loop(10, each, &local, 0);
	return second(local) & 1;
}

SEC("tc") u32 calls(void *ctx)
{
	u32 x = inlined(bpf_get_prandom_u32());

	x += third(x);
	x += global(x);
	return x + first(x);
}

SEC("xdp") u32 calls_otherwise(void *ctx)
{
	return global(inlined(3)) & 1;
}

SEC("tp/sched/sched_switch") u32 plain(void *ctx)
{
	sum = bpf_ktime_get_ns();
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
`;

test("lines of what is called, in headers and callbacks, are those of the kernel", (ctx) => {
  if (reason !== undefined) return skipped(ctx);
  const object = built();
  const open = openObject(bytesOf(object));
  const logs = verifierLogs(object);
  expect([...logs.keys()].sort()).toEqual(["calls", "calls_back", "calls_otherwise", "plain"]);
  let compared = 0;
  for (const [program, log] of logs) {
    const placeOf = instructionPlaces(open, program);
    for (const { instruction, file, line, text } of log) {
      const place = placeOf(instruction);
      // Older kernels print the text alone.
      const ours = file === "" ? { text: place?.text } : { text: place?.text, line: place?.line, file: place?.file };
      const theirs = file === "" ? { text } : { text, line, file: expect.stringMatching(endingWith(`/${file}`)) };
      expect(ours, `${program}, instruction ${instruction}`).toEqual(theirs);
      compared++;
    }
  }
  expect(compared).toBeGreaterThan(100);
});

test("each function stands where the kernel has it", (ctx) => {
  if (reason !== undefined) return skipped(ctx);
  const open = openObject(bytesOf(built()));
  const partsOf = (program: string): readonly string[] =>
    loadedParts(open, program).map(({ function: { name } }) => name);
  expect(partsOf("calls_back")).toEqual(["calls_back", "each", "innermost", "third", "second", "in_a_header"]);
  expect(partsOf("calls")).toEqual(["calls", "third", "global", "first", "second", "in_a_header"]);
  expect(partsOf("calls_otherwise")).toEqual(["calls_otherwise", "global", "first", "second", "third", "in_a_header"]);
  expect(partsOf("plain")).toEqual(["plain"]);
  expect(partsOf("first")).toEqual([]);
  const last = loadedParts(open, "calls").at(-1);
  const there = objectInstruction(open, "calls", (last?.first ?? 0) + 1);
  expect(there).toEqual({ function: "in_a_header", section: ".text", offset: ((last?.function.start ?? 0) + 1) * 8 });
});

const endingWith = (text: string): RegExp => new RegExp(`${text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&")}$`);

function skipped(ctx: { readonly skip: (why?: string) => void }): void {
  if (process.env["CI"]) throw new Error(reason);
  ctx.skip(reason);
}

let object: string | undefined;

function built(): string {
  if (object !== undefined) return object;
  mkdirSync(join(folder, "include/deep"), { recursive: true });
  writeFileSync(join(folder, "include/helpers.h"), HELPERS);
  writeFileSync(join(folder, "include/deep/down.h"), DEEP);
  const source = join(folder, "söurce file.bpf.c");
  writeFileSync(source, SOURCE);
  object = join(folder, "object.o");
  const include = `-I${join(folder, "include")}`;
  run(findClang() ?? "clang", "-g", "-O2", "-target", "bpf", "-mcpu=v3", include, "-c", source, "-o", object);
  return object;
}

interface Shown {
  readonly instruction: number;
  readonly file: string;
  readonly line: number;
  readonly text: string;
}

/** What the verifier prints of each instruction of each program of an object, with the line that it says it is of. */
function verifierLogs(path: string): ReadonlyMap<string, readonly Shown[]> {
  // In namespaces of its own, with a file system of BPF's own: nothing is left behind.
  const script = 'mount -t bpf bpf /sys/fs/bpf && exec bpftool -d prog loadall "$1" /sys/fs/bpf/placed';
  const { stdout, stderr } = spawnSync("unshare", ["-m", "-n", "sh", "-c", script, "sh", path], {
    encoding: "utf8",
    maxBuffer: 1 << 26,
  });
  const logs = `${stdout}${stderr}`.matchAll(/prog '(\w+)': -- BEGIN PROG LOAD LOG --\n(.*?)-- END PROG LOAD LOG --/gs);
  const found = new Map([...logs].map(([, name = "", log = ""]) => [name, shownIn(log)]));
  if (found.size === 0) throw new Error(`${stdout}${stderr}`.slice(0, 4000));
  return found;
}

function shownIn(log: string): readonly Shown[] {
  const found: Shown[] = [];
  let [file, line, text] = ["", 0, ""];
  for (const one of log.split("\n")) {
    const source = /^; (.*?)(?: @ (.+):(\d+))?$/.exec(one);
    const instruction = /^(\d+): \([0-9a-f]{2}\)/.exec(one)?.[1];
    if (source !== null) [text, file, line] = [source[1]?.trim() ?? "", source[2] ?? "", Number(source[3] ?? 0)];
    else if (instruction !== undefined) found.push({ instruction: Number(instruction), file, line, text });
  }
  return found;
}
