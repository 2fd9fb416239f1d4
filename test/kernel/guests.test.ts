/** Kernels in guests, for real: QEMU, software emulation, Debian's kernels. */

import { spawn, spawnSync } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from "vitest";
import type { VerifyWish } from "../../server/src/toolchain/agent/kernel-answer.ts";
import { buildObject } from "../../server/src/toolchain/build.ts";
import type { Work } from "../../server/src/toolchain/choices.ts";
import { type Guests, guests } from "../../server/src/toolchain/guests/guests.ts";
import type { KernelImage } from "../../server/src/toolchain/guests/images.ts";
import { runningGuests } from "../../server/src/toolchain/guests/warm.ts";
import { Cancelled, ToolProblem } from "../../server/src/toolchain/problem.ts";
import { verifyObject } from "../../server/src/toolchain/verify.ts";
import { dist, root } from "../support/paths.ts";
import { workIn } from "../support/tools.ts";
import { findProgram } from "../vscode/process.mjs";
import { SERIES, testImage, whyNoGuests } from "./guest-images.ts";

const reason = whyNoGuests();
// Commas part QEMU's options, dollars are for shells, and the name of a socket has at most 107 bytes.
const folder = mkdtempSync(join(tmpdir(), `hookpoint guests, größe '$(id)' ${"long ".repeat(20)}`));
process.env["XDG_RUNTIME_DIR"] = join(folder, "runtime");
const source = join(root, "server/src/toolchain/agent");
const ALL: VerifyWish = { programs: [], visits: false };
const cli = join(dist, "server/cli.js");
const images = new Map<string, KernelImage>();

// Emulated, on a machine that may be busy.
vi.setConfig({ testTimeout: 240_000 });

beforeAll(async () => {
  if (reason !== undefined && process.env["CI"]) throw new Error(reason);
  if (reason !== undefined) return;
  mkdirSync(join(folder, "runtime"));
  for (const series of SERIES) images.set(series, await testImage(series));
});
afterEach(async () => {
  // QEMU ends a little later than it lets go of its sockets.
  await expect.poll(left, { timeout: 30_000 }).toEqual([]);
});
afterAll(() => rmSync(folder, { recursive: true }));

/** Guests of this test that run, and what others have left behind. */
function left(): readonly string[] {
  const path = join(folder, "runtime/hookpoint/guests");
  return [...(existsSync(path) ? readdirSync(path) : []), ...processes()];
}

/** The processes of QEMU that were started in our folder; its own name there is that of the kernel's link. */
function processes(): readonly string[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .flatMap((pid) => {
      try {
        const files = readdirSync(`/proc/${pid}/fd`).map((fd) => {
          try {
            return readlinkSync(`/proc/${pid}/fd/${fd}`);
          } catch {
            return "";
          }
        });
        return Number(pid) !== process.pid && files.some((file) => file.startsWith(folder)) ? [pid] : [];
      } catch {
        return [];
      }
    });
}

function image(series: string): KernelImage {
  const found = images.get(series);
  if (found === undefined) throw new Error(`no image of ${series}`);
  return found;
}

async function built(name: string, text: string): Promise<string> {
  const path = join(folder, `${name}.bpf.c`);
  writeFileSync(path, `${text}\nchar LICENSE[] SEC("license") = "GPL";\n`);
  const { ok, output, plan } = await buildObject(path, workIn(folder));
  if (!ok) throw new Error(output);
  return plan.object;
}

async function withGuests<T>(use: (all: Guests) => Promise<T>, more: { bootMs?: number } = {}): Promise<T> {
  const all = guests({ source, acceleration: "off", idleSeconds: 300, ...more });
  try {
    return await use(all);
  } finally {
    await all.end();
  }
}

const HEAD = `#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>
`;

/** Newer kernels know that a lookup with such a key finds something. */
const CONSTANT_KEY = `${HEAD}
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 4);
	__type(key, __u32);
	__type(value, __u64);
} hits SEC(".maps");

SEC("xdp")
int constant_key(struct xdp_md *ctx)
{
	__u32 key = 0;
	__u64 *hit = bpf_map_lookup_elem(&hits, &key);

	*hit += 1;
	return XDP_PASS;
}

SEC("xdp")
int fine(struct xdp_md *ctx)
{
	return XDP_PASS;
}
`;

/** A million instructions are the most that is looked at. */
const ENDLESS = `${HEAD}
SEC("xdp")
int endless(struct xdp_md *ctx)
{
	__u64 sum = 0;

	for (int i = 0; i < 400000; i++) {
		asm volatile("%[sum] += %[i]" : [sum] "+r"(sum) : [i] "r"(i));
	}
	return sum & 1;
}
`;

/** At each of these both ways are to be looked at, and more than 8,192 may not wait. */
const JUMPS = `${HEAD}
SEC("xdp")
int jumps(struct xdp_md *ctx)
{
	__u64 x = bpf_ktime_get_ns(), y = bpf_get_prandom_u32();

	asm volatile(".rept 9000\\nif %[x] == %[y] goto +0\\n.endr" : : [x] "r"(x), [y] "r"(y));
	return XDP_PASS;
}
`;

describe.skipIf(reason !== undefined)("guests", () => {
  test("one command asks 6.1, 6.12 and this machine", async () => {
    const path = join(folder, "constant key.bpf.c");
    writeFileSync(path, `${CONSTANT_KEY}\nchar LICENSE[] SEC("license") = "GPL";\n`);
    const args = ["verify", "--on", "6.1,6.12", "--on", "host", path];
    const { status, stdout, stderr } = hookpoint(args);
    expect(stderr).toBe("");
    const said = new Map(
      stdout
        .split("\n")
        .filter((line) => line.startsWith("| ") && !line.startsWith("| Program"))
        .map((line) => line.split("|").map((cell) => cell.trim()))
        .map(([, , kernel = "", , verdict = ""], n) => [`${n < 4 ? "constant_key" : "fine"} ${kernel}`, verdict]),
    );
    expect(status).toBe(1);
    expect(stdout).toContain("R0 invalid mem access 'map_value_or_null'");
    const names = SERIES.map((series) => image(series).name);
    for (const name of names) expect(said.get(`constant_key ${name}`), stdout).toBe("refused");
    for (const name of [...names, "this machine"]) expect(stdout).toMatch(new RegExp(`${name}.*accepted`));
  });

  test("as JSON, and told whether the kernels differ", async () => {
    const object = await built("differ", CONSTANT_KEY);
    const { status, stdout } = hookpoint(["verify", "--on=6.12,host", "--format=json", object]);
    const { files } = JSON.parse(stdout) as { files: { kernel: string; programs: { verdict: string }[] }[] };
    const found = files.map(({ kernel, programs }) => [kernel, programs.map(({ verdict }) => verdict)]);
    const here = Number(/^(\d+\.\d+)/.exec(readFileSync("/proc/sys/kernel/osrelease", "utf8"))?.[1]?.split(".")[1]);
    expect(found[0]).toEqual([image("6.12").name, ["refused", "accepted"]]);
    expect(found[1]).toEqual(["this machine", [here >= 16 ? "accepted" : "refused", "accepted"]]);
    expect(status).toBe(1);
  });

  test("a warm guest answers without starting again, also another command", async () => {
    const object = await built("warm", CONSTANT_KEY);
    await withGuests(async (all) => {
      const kernel = all.kernel(image("6.1"));
      const times: number[] = [];
      const pids = new Set<string>();
      for (let i = 0; i < 4; i++) {
        const start = performance.now();
        const { hello, programs } = await kernel.verify(object, ALL, workIn(folder));
        times.push(Math.round(performance.now() - start));
        expect(hello.release).toBe(image("6.1").release);
        expect(programs.map(({ program, error }) => [program, error])).toEqual([
          ["constant_key", 13],
          ["fine", 0],
        ]);
        const [guest = ""] = await runningGuests();
        pids.add(readFileSync(join(guest, "pid"), "utf8"));
      }
      expect(pids.size).toBe(1);
      expect(hookpoint(["verify", "--on", "6.1", "--program", "fine", object]).stdout).toContain(
        "fine (xdp): accepted",
      );
      // It was found warm by the command, which leaves it to whoever started it.
      expect((await runningGuests()).length).toBe(1);
      console.log(`cold ${times[0]} ms, warm ${times.slice(1).join(", ")} ms`);
    });
  });

  test("--keep lets it run on for as long as it says, and it ends by itself", async () => {
    const object = await built("kept", CONSTANT_KEY);
    expect(hookpoint(["verify", "--on", "6.1", "--keep", "0.05", object]).status).toBe(1);
    const [guest = ""] = await runningGuests();
    const pid = readFileSync(join(guest, "pid"), "utf8").trim();
    await until(() => isGone(pid));
    // What is left of it goes with the next one.
    const old = new Date(Date.now() - 60_000);
    utimesSync(guest, old, old);
    await withGuests((all) => all.kernel(image("6.12")).verify(object, ALL, workIn(folder)));
  });

  test("what this machine may not load is verified there", async () => {
    const object = await built(
      "tracing",
      `${HEAD}
SEC("fentry/do_unlinkat")
int BPF_PROG(on_entry) { return 0; }
SEC("fexit/do_unlinkat")
int BPF_PROG(on_exit) { return 0; }
SEC("lsm/file_open")
int BPF_PROG(on_open) { return 0; }
SEC("lsm/file_open")
int BPF_PROG(bad_open) { return 5; }
SEC("kprobe/do_unlinkat")
int on_probe(void *ctx) { return 0; }
SEC("fmod_ret/security_file_open")
int BPF_PROG(on_return) { return 0; }
`,
    );
    await withGuests(async (all) => {
      for (const series of SERIES) {
        const { programs } = await verifyObject(object, all.kernel(image(series)), ALL, workIn(folder));
        expect(programs.map(({ name, verdict }) => `${name} ${verdict}`)).toEqual([
          "on_entry accepted",
          "on_exit accepted",
          "on_open accepted",
          // Which values are answers to such a question is known since 6.12.
          `bad_open ${series === "6.1" ? "accepted" : "refused"}`,
          "on_probe accepted",
          "on_return accepted",
        ]);
      }
    });
  });

  test("programs that are too much for the verifier are limits, and the guest lives on", async () => {
    const endless = await built("endless", ENDLESS);
    const jumps = await built("jumps", JUMPS);
    const small = await built("small", CONSTANT_KEY);
    await withGuests(async (all) => {
      const kernel = all.kernel(image("6.12"));
      const limits = [];
      for (const object of [endless, jumps]) {
        const { programs } = await verifyObject(object, kernel, ALL, workIn(folder));
        const [answer] = programs[0]?.answers ?? [];
        limits.push([programs[0]?.verdict, answer?.class, answer?.said]);
      }
      expect(limits).toEqual([
        ["refused", "limit", "BPF program is too large. Processed 1000001 insn"],
        ["refused", "limit", "The sequence of 8193 jumps is too complex."],
      ]);
      const again = await kernel.verify(small, ALL, workIn(folder));
      expect(again.programs.map(({ error }) => error)).toEqual([13, 0]);
    });
  });

  test("cancelled while it starts, nothing is left", async () => {
    const object = await built("early", CONSTANT_KEY);
    for (const delay of [0, 300, 1500]) {
      const { work, abort } = cancellable();
      await withGuests(async (all) => {
        const verified = all.kernel(image("6.1")).verify(object, ALL, work);
        setTimeout(() => abort.abort(), delay);
        await expect(verified, `after ${delay} ms`).rejects.toThrow(Cancelled);
      });
      await expect.poll(left, { timeout: 30_000, message: `after ${delay} ms` }).toEqual([]);
    }
  });

  test("cancelled while it verifies, nothing is left", async () => {
    const object = await built("long", ENDLESS);
    const { work, abort } = cancellable();
    await withGuests(async (all) => {
      const verified = all.kernel(image("6.1")).verify(object, ALL, {
        ...work,
        tell: (what) => void (what.startsWith("asking") && setTimeout(() => abort.abort(), 200)),
      });
      await expect(verified).rejects.toThrow(Cancelled);
    });
  });

  test("Ctrl-C ends the command and its guests", async () => {
    const object = await built("interrupted", CONSTANT_KEY);
    const child = spawn(process.execPath, [cli, "verify", "--on", "6.1,6.12", object], { stdio: "ignore" });
    const ended = new Promise<number | null>((resolve) => child.on("close", resolve));
    await until(async () => (await runningGuests()).length === 2);
    child.kill("SIGINT");
    expect(await ended).toBe(130);
  });

  test("a kernel that does not start says its last words", async () => {
    const object = await built("panics", CONSTANT_KEY);
    // Its own program is not there for the kernel: as if the image could read no initrd.
    const broken = join(folder, "broken agent");
    mkdirSync(broken);
    for (const name of readdirSync(source).filter((name) => /\.[ch]$/.test(name)))
      writeFileSync(join(broken, name), readFileSync(join(source, name)));
    writeFileSync(
      join(broken, "serve.c"),
      '#include <stdlib.h>\n#include "agent.h"\nint serve(int (*work)(int, char **)) { (void)work; abort(); }\n',
    );
    const all = guests({ source: broken, acceleration: "off", idleSeconds: 60 });
    const problem = await problemOf(all.kernel(image("6.1")).verify(object, ALL, workIn(folder)));
    expect(problem).toMatch(/^The guest of debian-6\.1 ended\. The last that it said:\n/);
    expect(problem).toContain("Kernel panic - not syncing: Attempted to kill init!");
  });

  test("a kernel that does not get up is not waited for without end", async () => {
    const object = await built("silent", CONSTANT_KEY);
    await withGuests(
      async (all) => {
        const problem = await problemOf(all.kernel(image("6.1")).verify(object, ALL, workIn(folder)));
        expect(problem).toMatch(/^The kernel debian-6\.1 does not get up in a guest\./);
      },
      { bootMs: 200 },
    );
  });

  test("a path of any letters does", async () => {
    const link = join(folder, "my, kernel=$(touch x) 'é'");
    symlinkSync(image("6.12").image, link);
    const object = await built("odd, path", CONSTANT_KEY);
    const { stdout, stderr } = hookpoint(["verify", "--on", link, object], folder);
    expect(stderr).toBe("");
    expect(stdout).toContain("fine (xdp): accepted");
  });

  test("what is no kernel, and no QEMU, are said in one message", async () => {
    const object = await built("object", CONSTANT_KEY);
    const { status, stderr } = hookpoint(["verify", "--on", "./object.bpf.o", object], folder);
    expect(stderr).toContain("object.bpf.o is no kernel image that a guest can start: it is an ELF file.");
    expect(status).toBe(2);
    const path = toolsWithout("qemu-system-x86_64");
    const none = hookpoint(["verify", "--on", "6.1", object], folder, { PATH: path });
    expect(none.stderr).toContain("QEMU for x86-64 is needed to start other kernels in guests, and was not found.");
    expect(none.stderr).toContain("qemu-system-x86");
    expect(none.status).toBe(2);
  });

  test("where KVM does not work, the processor is emulated", async () => {
    const object = await built("no-kvm", CONSTANT_KEY);
    const path = toolsWithout("qemu-system-x86_64");
    const fake = join(path.split(delimiter)[0] ?? "", "qemu-system-x86_64");
    const real = findProgram("qemu-system-x86_64");
    const script = `case "$*" in *"-accel kvm"*) echo "kvm: no such luck" >&2; exit 1;; esac\nexec ${real} "$@"\n`;
    writeFileSync(fake, `#!/bin/sh\n${script}`, { mode: 0o755 });
    const env = { PATH: path, HOOKPOINT_ACCELERATION: "" };
    const { stdout, stderr } = hookpoint(["verify", "--verbose", "--on", "6.1", object], folder, env);
    expect(stdout).toContain("fine (xdp): accepted");
    // Where there is no /dev/kvm, it was not even tried.
    if (existsSync("/dev/kvm")) expect(stderr).toContain("With kvm the guest does not start");
  });

  test("a QEMU that fails is quoted", async () => {
    const object = await built("failing", CONSTANT_KEY);
    const path = toolsWithout("qemu-system-x86_64");
    const fake = join(path.split(delimiter)[0] ?? "", "qemu-system-x86_64");
    writeFileSync(
      fake,
      '#!/bin/sh\n[ "$1" = --version ] && echo "QEMU emulator version 9.1" && exit 0\necho "no memory today" >&2\nexit 1\n',
      { mode: 0o755 },
    );
    const { status, stderr } = hookpoint(["verify", "--on", "6.1", object], folder, { PATH: path });
    expect(stderr).toContain("QEMU could not start a guest: no memory today");
    expect(status).toBe(2);
  });
});

function hookpoint(args: readonly string[], cwd = folder, env: NodeJS.ProcessEnv = {}) {
  const options = { cwd, encoding: "utf8" as const, env: { ...process.env, ...env }, maxBuffer: 64 * 1024 * 1024 };
  return spawnSync(process.execPath, [cli, ...args], options);
}

function cancellable(): { readonly work: Work; readonly abort: AbortController } {
  const abort = new AbortController();
  return { work: { ...workIn(folder), signal: abort.signal }, abort };
}

async function problemOf(work: Promise<unknown>): Promise<string> {
  const error = await work.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(ToolProblem);
  return (error as ToolProblem).message;
}

async function until(holds: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await holds())) await new Promise((resolve) => setTimeout(resolve, 100));
}

/** Nobody may be there to take leave of it. */
function isGone(pid: string): boolean {
  try {
    return /^State:\s*Z/m.test(readFileSync(`/proc/${pid}/status`, "utf8"));
  } catch {
    return true;
  }
}

/** A path with all programs of this machine's but one. */
function toolsWithout(name: string): string {
  const place = mkdtempSync(join(folder, "tools-"));
  const own = dirname(findProgram(name) ?? "");
  for (const other of readdirSync(own)) if (other !== name) symlinkSync(join(own, other), join(place, other));
  return place;
}
