/** What cannot be tried on every machine, in guests: programs that trace, replace and guard are loaded, attached and taken off again. */

import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import type { VerifyTarget, VerifyWish } from "../../server/src/toolchain/agent/kernel-answer.ts";
import { buildObject } from "../../server/src/toolchain/build.ts";
import { guests } from "../../server/src/toolchain/guests/guests.ts";
import { type Verified, verifyObject } from "../../server/src/toolchain/verify.ts";
import { dist, root } from "../support/paths.ts";
import { workIn } from "../support/tools.ts";
import { SERIES, testImage, whyNoGuests } from "./guest-images.ts";

const reason = whyNoGuests();
const folder = mkdtempSync(join(tmpdir(), "hookpoint attach, größe '$(id)' "));
const runtime = join(folder, "runtime");
const cli = join(dist, "server/cli.js");
process.env["XDG_RUNTIME_DIR"] = runtime;
const all = guests({ source: join(root, "server/src/toolchain/agent"), acceleration: "off", idleSeconds: 300 });

// Emulated, on a machine that may be busy.
vi.setConfig({ testTimeout: 240_000 });

beforeAll(async () => {
  if (reason !== undefined && process.env["CI"]) throw new Error(reason);
  if (reason !== undefined) return;
  mkdirSync(runtime);
  for (const series of SERIES) await testImage(series);
  for (const [name, text] of Object.entries(SOURCES))
    writeFileSync(join(folder, `${name}.bpf.c`), `${HEAD}${text}\nchar LICENSE[] SEC("license") = "GPL";\n`);
});
afterAll(async () => {
  await all.end();
  if (reason === undefined) expect(readdirSync(join(runtime, "hookpoint/guests"))).toEqual([]);
  rmSync(folder, { recursive: true });
});

const HEAD = `#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>
`;

const SOURCES = {
  hooks: `
SEC("kprobe/do_unlinkat")
int at_probe(void *ctx) { return 0; }
SEC("kretprobe/do_unlinkat")
int at_return(void *ctx) { return 0; }
SEC("fentry/do_unlinkat")
int BPF_PROG(at_entry) { return 0; }
SEC("fexit/do_unlinkat")
int BPF_PROG(at_exit) { return 0; }
SEC("fmod_ret/security_file_open")
int BPF_PROG(at_result) { return 0; }
SEC("lsm/file_open")
int BPF_PROG(at_open) { return 0; }
SEC("tracepoint/sched/sched_process_exec")
int at_exec(void *ctx) { return 0; }
SEC("raw_tp/sched_switch")
int at_switch(void *ctx) { return 0; }
SEC("tp_btf/sched_switch")
int BPF_PROG(at_typed_switch) { return 0; }
SEC("iter/task")
int at_tasks(void *ctx) { return 0; }
SEC("?kprobe/do_unlinkat")
int at_wish(void *ctx) { return 0; }
SEC("xdp")
int at_packet(struct xdp_md *ctx) { return XDP_PASS; }
`,
  // The program's name is in its section, too: what is wrong is the section.
  lost: `
SEC("kprobe/no_such_function")
int no_such_function(void *ctx)
{
	return 0;
}

SEC("tracepoint/sched/no_such_point")
int on_no_point(void *ctx)
{
	return 0;
}

SEC("fentry/no_such_entry")
int BPF_PROG(on_no_entry)
{
	return 0;
}
`,
  main: `
__attribute__((noinline)) int decide(struct xdp_md *ctx, int length)
{
	asm volatile("");
	return length > 100 ? XDP_PASS : XDP_DROP;
}

SEC("xdp") int without(struct xdp_md *ctx) { return XDP_PASS; }
SEC("xdp") int entry(struct xdp_md *ctx) { return decide(ctx, ctx->data_end - ctx->data); }
`,
  "broken main": `
__attribute__((noinline)) int decide(struct xdp_md *ctx, int length)
{
	asm volatile("");
	return length + *(unsigned char *)(long)ctx->data;
}

SEC("xdp") int entry(struct xdp_md *ctx) { return decide(ctx, ctx->data_end - ctx->data); }
`,
  replaces: `
SEC("freplace/decide")
int fits(struct xdp_md *ctx, int length)
{
	return length > 50 ? XDP_PASS : XDP_DROP;
}

SEC("freplace/decide")
int too_few(struct xdp_md *ctx)
{
	return XDP_DROP;
}
`,
};

describe.skipIf(reason !== undefined)("in guests", () => {
  test.each(SERIES)("programs that trace and guard are attached by their sections on %s", async (series) => {
    const { programs } = await verified(series, "hooks", { attach: true });
    expect(programs.map(({ name, verdict, attaching }) => `${name} ${verdict} ${attaching?.outcome}`)).toEqual([
      "at_probe accepted attached",
      "at_return accepted attached",
      "at_entry accepted attached",
      "at_exit accepted attached",
      "at_result accepted attached",
      "at_open accepted attached",
      "at_exec accepted attached",
      "at_switch accepted attached",
      "at_typed_switch accepted attached",
      "at_tasks accepted attached",
      "at_wish accepted attached",
      "at_packet accepted nowhere",
    ]);
  });

  test.each(SERIES)("a program that replaces a function is held against the one that has it on %s", async (series) => {
    const target = { object: await built("main") };
    const { programs } = await verified(series, "replaces", { attach: true, target });
    const [fits, tooFew] = programs;
    expect([fits?.verdict, fits?.attaching?.outcome]).toEqual(["accepted", "attached"]);
    expect(tooFew?.verdict).toBe("refused");
    expect(tooFew?.answers[0]).toMatchObject({
      said: "too_few() has 1 args while decide() has 2 args",
      family: "extension-mismatch",
      class: "source",
      place: { text: "return XDP_DROP;" },
    });
  });

  test("a target that is of no use is said to be so", async () => {
    const saidOf = async (target?: VerifyTarget): Promise<string | undefined> => {
      const wish = { programs: ["fits"], ...(target === undefined ? {} : { target }) };
      const { programs } = await verified("6.12", "replaces", wish);
      const [answer] = programs[0]?.answers ?? [];
      expect(answer).toMatchObject({ family: "replaced-program", class: "environment" });
      return answer?.said;
    };
    const object = await built("main");
    expect(await saidOf()).toBe("libbpf: prog 'fits': attach program FD is not set");
    expect(await saidOf({ object, program: "without" })).toContain("its program 'without' cannot be the one");
    expect(await saidOf({ object, program: "nobody" })).toContain("there is no program 'nobody' in it");
    const broken = { object: await built("broken main") };
    expect(await saidOf(broken)).toContain("program 'entry' cannot be loaded: Permission denied");
    const named = await verified("6.12", "replaces", { programs: ["fits"], target: { object, program: "entry" } });
    expect(named.programs.map(({ verdict }) => verdict)).toEqual(["accepted"]);
  });

  test("the command line: what does not exist is explained where the section says it, on both", () => {
    const { status, stdout, stderr } = hookpoint([
      "verify",
      "--on",
      SERIES.join(),
      "--attach",
      "--format=json",
      "lost.bpf.c",
    ]);
    expect(stderr).toBe("");
    const { files } = JSON.parse(stdout) as { files: Verified[] };
    expect(files.map(({ kernel }) => kernel)).toEqual(SERIES.map((series) => `debian-${series}`));
    for (const { programs, kernel } of files) {
      const said = programs.map(({ name, verdict, answers, attaching }) => {
        const [answer] = attaching?.answers ?? answers;
        return [name, verdict, attaching?.outcome, answer?.family, answer?.place?.text];
      });
      expect(said, kernel).toEqual([
        ["no_such_function", "accepted", "refused", "probe-not-attached", 'SEC("kprobe/no_such_function")'],
        ["on_no_point", "accepted", "refused", "tracepoint-not-attached", 'SEC("tracepoint/sched/no_such_point")'],
        ["on_no_entry", "refused", undefined, "attach-target-missing", "int BPF_PROG(on_no_entry)"],
      ]);
    }
    expect(status).toBe(1);
  });

  test("the command line: a program that replaces, and the source of its target", () => {
    const args = ["verify", "--on", "6.12", "--attach", "--target", "main.bpf.c:entry", "replaces.bpf.c"];
    const { status, stdout } = hookpoint(args);
    expect(stdout).toMatch(/^fits \(freplace\/decide\): accepted, .*; attached, and taken off again$/m);
    expect(stdout).toMatch(/^too_few .*: refused.*\n {2}replaces\.bpf\.c:12:5: Does not fit the program/m);
    expect(status).toBe(1);
    const none = hookpoint(["verify", "--on", "6.12", "--target", "nowhere.o", "replaces.bpf.c"]);
    expect(none.stderr).toContain("nowhere.o cannot be read: there is no such file.");
    expect(none.status).toBe(2);
  });
});

async function verified(series: string, name: keyof typeof SOURCES, wish: Partial<VerifyWish>): Promise<Verified> {
  const kernel = all.kernel(await testImage(series));
  return verifyObject(await built(name), kernel, { programs: [], visits: false, ...wish }, workIn(folder));
}

const objects = new Map<string, Promise<string>>();

function built(name: keyof typeof SOURCES): Promise<string> {
  const object = objects.get(name) ?? build(name);
  objects.set(name, object);
  return object;
}

async function build(name: string): Promise<string> {
  const { ok, output, plan } = await buildObject(join(folder, `${name}.bpf.c`), workIn(folder));
  if (!ok) throw new Error(output);
  return plan.object;
}

function hookpoint(args: readonly string[]) {
  const options = { cwd: folder, encoding: "utf8", env: process.env, maxBuffer: 64 * 1024 * 1024 } as const;
  return spawnSync(process.execPath, [cli, ...args], options);
}
