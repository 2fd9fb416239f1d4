/** Objects for tests, made by the compiler and the tools of this machine. */

import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestContext } from "vitest";
import { machineOf } from "../../server/src/toolchain/machine.ts";
import { findClang, findProgram } from "../vscode/process.mjs";
import { needTool } from "./tools.ts";

const folder = mkdtempSync(join(tmpdir(), "hookpoint objects-"));
// Several test files share this module, one after another.
process.once("exit", () => rmSync(folder, { recursive: true, force: true }));

let made = 0;

/** The path of the object that clang makes of a text. */
export function compiled(text: string, flags: readonly string[] = ["-g"], ctx?: TestContext): string {
  needTool("clang", ctx);
  const source = join(folder, `source-${++made}.bpf.c`);
  const object = source.replace(/\.c$/, ".o");
  writeFileSync(source, text);
  const target = flags.some((flag) => flag.startsWith("-target") || flag.startsWith("--target"))
    ? []
    : ["-target", "bpf"];
  run(
    findClang() ?? "clang",
    ...target,
    "-O2",
    ...flags,
    "-idirafter",
    `/usr/include/${machineOf("").triple}`,
    "-c",
    source,
    "-o",
    object,
  );
  return object;
}

/** What a tool makes of an object, or prints about it. */
export function run(program: string, ...args: readonly string[]): string {
  return execFileSync(program, args, { encoding: "utf8", maxBuffer: 1 << 28, stdio: ["ignore", "pipe", "pipe"] });
}

/** One of LLVM's programs by its plain name. */
export function llvm(name: string, ctx?: TestContext): string {
  const found = findProgram(name, ...[22, 21, 20, 19, 18, 17, 16, 15, 14].map((version) => `${name}-${version}`));
  if (found !== undefined) return found;
  if (process.env["CI"] || ctx === undefined) throw new Error(`no ${name}`);
  return ctx.skip(`no ${name}`);
}

export function bytesOf(path: string): Uint8Array {
  return new Uint8Array(readFileSync(path));
}

/** A bit of everything: what libbpf has of it is in no header of ours. */
export const EVERYTHING = `
typedef unsigned int u32;
typedef unsigned long long u64;
#define SEC(name) __attribute__((section(name), used))
#define __uint(name, val) int (*name)[val]
#define __type(name, val) typeof(val) *name
#define __array(name, val) typeof(val) *name[]
#define __ksym __attribute__((section(".ksyms")))
#define __kconfig __attribute__((section(".kconfig")))
#define __weak __attribute__((weak))
#define CORE __attribute__((preserve_access_index))

static void *(*bpf_map_lookup_elem)(void *map, const void *key) = (void *) 1;
static long (*bpf_loop)(u32 count, void *callback, void *ctx, u64 flags) = (void *) 181;

enum mood { QUIET, LOUD = 7 };
struct point { int x; enum mood mood; char name[8]; unsigned flag : 1; };
struct inode { u64 i_ino; } CORE;
struct file { int pad; struct inode *f_inode; struct { int a; struct inode *deep[3]; } CORE in; } CORE;
enum kernels { FIRST, SECOND };

struct {
	__uint(type, 1);
	__uint(max_entries, 16);
	__uint(map_flags, 1);
	__uint(pinning, 1);
	__type(key, u32);
	__type(value, struct point);
} seen SEC(".maps");

struct inner {
	__uint(type, 2);
	__uint(max_entries, 1);
	__uint(key_size, 4);
	__uint(value_size, 8);
} one SEC(".maps");

struct {
	__uint(type, 12);
	__uint(max_entries, 2);
	__type(key, u32);
	__array(values, struct inner);
} outer SEC(".maps") = { .values = { &one } };

const volatile int wanted = 42;
int count;
static long hidden = -7;
char who[16] = "wörld \\"x\\"";
struct point place = { .x = 3, .mood = LOUD, .name = "here" };
_Bool ready = 1;
u64 many[4] = { 1, 2, 3 };
u32 *pointer;

extern int CONFIG_HZ __kconfig __weak;
extern const void bpf_prog_active __ksym;
extern void bpf_rcu_read_lock(void) __ksym __weak;

static __attribute__((noinline)) int thrice(int x)
{
	return x * 3 + wanted;
}

__attribute__((noinline)) int outside(int y)
{
	return thrice(y) + y;
}

static long each(u32 i, void *ctx)
{
	count += i;
	return 0;
}

SEC("tp/sched/sched_switch") int on_switch(struct file *file)
{
	u32 key = 1;
	struct point *found = bpf_map_lookup_elem(&seen, &key);
	if (found)
		count += found->x + outside(key);
	bpf_loop(3, each, 0, 0);
	if (&bpf_rcu_read_lock)
		bpf_rcu_read_lock();
	hidden += file->in.deep[2]->i_ino + (long)&bpf_prog_active;
	hidden += __builtin_preserve_enum_value(*(enum kernels *)SECOND, 1);
	if (CONFIG_HZ > 100)
		hidden++;
	return place.x + who[1] + ready + many[2] + (pointer != 0);
}

SEC("?lsm.s/file_open") int on_open(void *ctx)
{
	return bpf_map_lookup_elem(&outer, &count) != 0;
}

u32 VERSION SEC("version") = 0x060102;
char LICENSE[] SEC("license") = "Dual MIT/GPL";
`;
