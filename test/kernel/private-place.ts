/** A mount and a network namespace of its own, with tracefs and bpffs, in which things may be attached and pinned: nothing leaks. */

import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { setTimeout as pause } from "node:timers/promises";

/** Two interfaces whose driver runs XDP itself. */
const SETUP = `set -e
mount --make-rprivate /
mount -t tracefs tracefs /sys/kernel/tracing
mount -t bpf bpf /sys/fs/bpf
ip link set lo up
ip link add left type veth peer name right
ip link set left up
ip link set right up
echo ready
exec sleep 600`;

export interface Said {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A program that goes on in there. */
export interface Going {
  readonly child: ChildProcess;
  readonly ended: Promise<Said>;
  /** What it has printed so far. */
  stdout(): string;
  /** Waits for text on either of its outputs. */
  says(text: string | RegExp): Promise<void>;
}

export interface PrivatePlace {
  readonly pid: number;
  start(program: string, args: readonly string[], env?: Readonly<Record<string, string>>): Going;
  run(program: string, ...args: readonly string[]): Promise<Said>;
  shell(script: string): Promise<string>;
  dispose(): void;
}

const READY_MS = 20_000;

export async function privatePlace(folder: string): Promise<PrivatePlace> {
  const keeper = spawn("unshare", ["-m", "-n", "sh", "-c", SETUP], { stdio: ["ignore", "pipe", "inherit"] });
  await Promise.race([
    once(keeper.stdout, "data"),
    once(keeper, "exit").then(() => Promise.reject(new Error("no namespaces of our own"))),
  ]);
  const running = new Set<ChildProcess>();
  const start: PrivatePlace["start"] = (program, args, env = {}) => {
    const inside = ["-t", String(keeper.pid), "-m", "-n", `--wd=${folder}`, program, ...args];
    const child = spawn("nsenter", inside, { stdio: "pipe", cwd: folder, env: { ...process.env, ...env } });
    running.add(child);
    child.once("close", () => running.delete(child));
    return goingOn(child);
  };
  const run: PrivatePlace["run"] = (program, ...args) => start(program, args).ended;
  return {
    pid: keeper.pid ?? 0,
    start,
    run,
    shell: async (script) => {
      const { code, stdout, stderr } = await run("sh", "-c", script);
      if (code !== 0) throw new Error(`${script}: ${stderr}`);
      return stdout;
    },
    // A test that has failed may have left some.
    dispose: () => {
      for (const child of running) child.kill("SIGKILL");
      keeper.kill("SIGKILL");
    },
  };
}

/** `nsenter` becomes the program, so that the child is the program itself. */
function goingOn(child: ChildProcess): Going {
  let [stdout, stderr] = ["", ""];
  child.stdout?.on("data", (part) => {
    stdout += part;
  });
  child.stderr?.on("data", (part) => {
    stderr += part;
  });
  let isOver = false;
  const ended = new Promise<Said>((resolve) =>
    child.on("close", (code) => {
      isOver = true;
      resolve({ code, stdout, stderr });
    }),
  );
  return {
    child,
    ended,
    stdout: () => stdout,
    says: async (text) => {
      const has = (all: string): boolean => (typeof text === "string" ? all.includes(text) : text.test(all));
      for (const end = Date.now() + READY_MS; !has(stdout + stderr); ) {
        if (isOver || Date.now() > end) throw new Error(`no ${String(text)} in:\n${stdout}\n${stderr}`);
        await pause(20);
      }
    },
  };
}
