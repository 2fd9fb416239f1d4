/** Runs a loader in namespaces of its own for a moment, provokes something, ends it with Ctrl-C, and looks what is left. */

import { execFile, spawn } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync, rmdirSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { promisify } from "node:util";

const run = promisify(execFile);

export interface LoaderRun {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
  /** Programs that it had loaded when it said that it runs, and those of them that the kernel still has. */
  readonly loaded: readonly number[];
  readonly left: readonly number[];
  /** What its network devices had on them when it had ended. */
  readonly after: string;
}

/** `exec`, so that the process that was started becomes the loader. */
const SETUP = `set -e
mount --make-rprivate /
mount -t tracefs tracefs /sys/kernel/tracing
mount -t bpf bpf /sys/fs/bpf
ip link set lo up
exec "$@"`;

/** What programs may hear of: a process, a file, a packet, a connection, an allocation. */
const PROVOKE = `/bin/true; cat /proc/sys/kernel/hostname >/dev/null
python3 -c '
import ctypes, socket
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.sendto(b"hello", ("127.0.0.1", 9))
listener = socket.create_server(("127.0.0.1", 0))
socket.create_connection(listener.getsockname())
'`;

const READY_MS = 15_000;

/** @param group an empty cgroup, whose tasks the provoking ones become */
export async function runLoader(
  program: string,
  args: readonly string[],
  group: string | undefined,
  isEnough: (stdout: string) => boolean = () => true,
): Promise<LoaderRun> {
  const child = spawn("unshare", ["-m", "-n", "sh", "-c", SETUP, "sh", program, ...args], { stdio: "pipe" });
  let [stdout, stderr] = ["", ""];
  child.stdout.on("data", (part) => {
    stdout += part;
  });
  child.stderr.on("data", (part) => {
    stderr += part;
  });
  const ended = new Promise<number | null>((resolve) => child.on("close", resolve));
  let code: number | null | undefined;
  let after = "";
  ended.then((value) => {
    code = value;
  });
  let loaded: readonly number[] = [];
  const until = async (isDone: () => boolean): Promise<void> => {
    const last = Date.now() + READY_MS;
    while (code === undefined && !isDone() && Date.now() < last) await pause(20);
  };
  await until(() => stderr.includes(" runs, "));
  if (code === undefined) {
    // Not before: what a library loads to see what the kernel can do is gone again by now.
    loaded = programsOf(child.pid);
    const enter = group === undefined ? "" : `echo $$ > '${group}/cgroup.procs'; `;
    await run("nsenter", ["-t", String(child.pid), "-m", "-n", "sh", "-c", `${enter}${PROVOKE}`]).catch(
      () => undefined,
    );
    await until(() => isEnough(stdout));
    // Its network must not end with it, or nobody could see what it leaves there.
    const keeper = spawn("nsenter", ["-t", String(child.pid), "-n", "sleep", "60"], { stdio: "ignore" });
    await pause(100);
    child.kill("SIGINT");
    await Promise.race([ended, pause(READY_MS)]);
    after = await networkOf(keeper.pid);
    keeper.kill();
  }
  const last = setTimeout(() => child.kill("SIGKILL"), READY_MS);
  const exit = await ended;
  clearTimeout(last);
  return { code: exit, stdout, stderr, loaded, left: await leftOf(loaded), after };
}

async function networkOf(pid: number | undefined): Promise<string> {
  const show = "tc qdisc show dev lo; ip -details link show lo";
  const { stdout } = await run("nsenter", ["-t", String(pid), "-n", "sh", "-c", show]);
  return stdout;
}

/** The programs that a process holds open, be it for what they are attached to. */
function programsOf(pid: number | undefined): readonly number[] {
  const folder = `/proc/${pid}/fdinfo`;
  try {
    const ids = readdirSync(folder).flatMap((fd) => {
      const id = /^prog_id:\s*(\d+)/m.exec(readFileSync(join(folder, fd), "utf8"))?.[1];
      return id === undefined ? [] : [Number(id)];
    });
    return [...new Set(ids)];
  } catch {
    // It has ended, or closed that file in the meantime.
    return [];
  }
}

/** The kernel gives programs back a moment later. */
async function leftOf(ids: readonly number[]): Promise<readonly number[]> {
  let left = ids;
  for (let i = 0; i < 40 && left.length > 0; i++) {
    if (i > 0) await pause(50);
    const { stdout } = await run("bpftool", ["-j", "prog", "show"], { maxBuffer: 64 * 1024 * 1024 });
    const there = new Set((JSON.parse(stdout) as { readonly id: number }[]).map(({ id }) => id));
    left = left.filter((id) => there.has(id));
  }
  return left;
}

/** A cgroup of version 2 for `use`; machines have them in one of these places. */
export async function withCgroup<T>(name: string, use: (group: string) => Promise<T>): Promise<T> {
  const { stdout } = await run("findmnt", ["-n", "-t", "cgroup2", "-o", "TARGET"]);
  const group = join(stdout.trim().split("\n")[0] ?? "", name);
  mkdirSync(group);
  const result = await use(group);
  // Those who were in it have ended, and are gone in a moment.
  for (let i = 0; i < 50 && !isGone(group); i++) await pause(50);
  if (existsSync(group)) throw new Error(`somebody is still in ${group}`);
  return result;
}

function isGone(group: string): boolean {
  try {
    rmdirSync(group);
    return true;
  } catch {
    return false;
  }
}
