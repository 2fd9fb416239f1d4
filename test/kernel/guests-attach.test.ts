/** What cannot be tried on every machine, in guests: programs that trace, replace and guard are loaded, attached and taken off again. */

import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import type { Verified } from "../../server/src/toolchain/verify.ts";
import { dist } from "../support/paths.ts";
import { SERIES, testImage, whyNoGuests } from "./guest-images.ts";

const reason = whyNoGuests();
const folder = mkdtempSync(join(tmpdir(), "hookpoint attach, größe '$(id)' "));
const runtime = join(folder, "runtime");
const cli = join(dist, "server/cli.js");
const NAMES = SERIES.map((series) => `debian-${series}`);

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
afterAll(() => rmSync(folder, { recursive: true }));

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
	return *(unsigned char *)(long)ctx->data;
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
  test("programs that trace and guard are attached by their sections", () => {
    const { code, files } = verify(["--on", SERIES.join(), "--attach", "hooks.bpf.c"]);
    expect(files.map(({ kernel }) => kernel)).toEqual(NAMES);
    for (const { programs, kernel } of files) {
      const found = programs.map(({ name, verdict, attaching }) => `${name} ${verdict} ${attaching?.outcome}`);
      expect(found, kernel).toEqual([
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
    }
    expect(code).toBe(0);
  });

  test("a target that does not exist is explained where the section says it", () => {
    const { code, files } = verify(["--on", SERIES.join(), "--attach", "lost.bpf.c"]);
    expect(files.map(({ kernel }) => kernel)).toEqual(NAMES);
    for (const { programs, kernel } of files) {
      const said = programs.map(({ name, verdict, answers, attaching }) => {
        const [answer] = attaching?.answers ?? answers;
        return [name, verdict, attaching?.outcome, answer?.family, answer?.class, answer?.place?.text];
      });
      expect(said, kernel).toEqual([
        [
          "no_such_function",
          "accepted",
          "refused",
          "probe-not-attached",
          "environment",
          'SEC("kprobe/no_such_function")',
        ],
        [
          "on_no_point",
          "accepted",
          "refused",
          "tracepoint-not-attached",
          "environment",
          'SEC("tracepoint/sched/no_such_point")',
        ],
        ["on_no_entry", "refused", undefined, "attach-target-missing", "environment", "int BPF_PROG(on_no_entry)"],
      ]);
    }
    expect(code).toBe(1);
  });

  test("what is not attached is told as text, alone and in the table", () => {
    const one = hookpoint(["verify", "--on", "6.12", "--attach", "lost.bpf.c"]);
    expect(one.stdout).toContain("no_such_function (kprobe/no_such_function): accepted, 2 instructions");
    expect(one.stdout).toContain("; not attached\n  lost.bpf.c:5:1: No such function to probe");
    const two = hookpoint(["verify", "--on", SERIES.join(), "--attach", "hooks.bpf.c"]);
    expect(two.stdout).toMatch(/\| at_entry +\| debian-6\.1 +\| \S+ +\| accepted, attached \|/);
    expect(two.stdout).toMatch(/\| at_packet +\| debian-6\.1 +\| \S+ +\| accepted {11}\|/);
  });

  test("a program that replaces a function is held against the one that has it", () => {
    const { code, files } = verify(["--on", SERIES.join(), "--attach", "--target", "main.bpf.c", "replaces.bpf.c"]);
    expect(files.map(({ kernel }) => kernel)).toEqual(NAMES);
    for (const { programs, kernel } of files) {
      const [fits, tooFew] = programs;
      expect([fits?.verdict, fits?.attaching?.outcome], kernel).toEqual(["accepted", "attached"]);
      expect(tooFew?.verdict).toBe("refused");
      expect(tooFew?.answers[0]).toMatchObject({
        said: "too_few() has 1 args while decide() has 2 args",
        family: "extension-mismatch",
        class: "source",
        place: { text: "int too_few(struct xdp_md *ctx)" },
      });
    }
    expect(code).toBe(1);
  });

  test("a target that is of no use is said to be so", () => {
    const saidOf = (...target: readonly string[]): string | undefined => {
      const { files } = verify(["--on", "6.12", "--program", "fits", ...target, "replaces.bpf.c"]);
      const [answer] = files[0]?.programs[0]?.answers ?? [];
      expect(answer).toMatchObject({ family: "replaced-program", class: "environment" });
      return answer?.said;
    };
    expect(saidOf()).toBe("libbpf: prog 'fits': attach program FD is not set");
    expect(saidOf("--target", "main.bpf.o:without")).toContain("its program 'without' cannot be the one");
    expect(saidOf("--target", "main.bpf.o:nobody")).toContain("there is no program 'nobody' in it");
    expect(saidOf("--target", "broken main.bpf.c")).toContain("program 'entry' cannot be loaded: Permission denied");
    const named = verify(["--on", "6.12", "--program", "fits", "--target", "main.bpf.o:entry", "replaces.bpf.c"]);
    expect(named.files[0]?.programs[0]?.verdict).toBe("accepted");
    const none = hookpoint(["verify", "--on", "6.12", "--target", "nowhere.o", "replaces.bpf.c"]);
    expect(none.stderr).toContain("nowhere.o cannot be read: there is no such file.");
    expect(none.status).toBe(2);
  });

  test("no guest is left", async () => {
    await expect
      .poll(() => readdirSync(runtime, { recursive: true }).map(String))
      .toEqual(["hookpoint", "hookpoint/guests"]);
  });
});

interface Said {
  readonly code: number | null;
  readonly files: readonly Verified[];
}

function verify(args: readonly string[]): Said {
  const { status, stdout, stderr } = hookpoint(["verify", "--format=json", ...args]);
  if (stdout === "") throw new Error(stderr);
  return { code: status, files: JSON.parse(stdout).files };
}

function hookpoint(args: readonly string[]) {
  const env = { ...process.env, XDG_RUNTIME_DIR: runtime };
  const options = { cwd: folder, encoding: "utf8", env, maxBuffer: 64 * 1024 * 1024 } as const;
  return spawnSync(process.execPath, [cli, ...args], options);
}
