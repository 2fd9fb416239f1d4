/** QEMU, and a guest started by it: a kernel, our agent as its only program, two serial ports. */

import { constants } from "node:fs";
import { access, readFile, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Bundle } from "../agent/bundle.ts";
import type { Work } from "../choices.ts";
import { ToolProblem } from "../problem.ts";
import { run } from "../run.ts";
import { simpleTool } from "../simple-tool.ts";
import { quoted } from "../step.ts";
import { need } from "../tool.ts";
import { CONTROL } from "./control.ts";
import { cpio, type PackedFile } from "./cpio.ts";

export const qemu = simpleTool({
  name: "QEMU for x86-64",
  purpose: "start other kernels in guests",
  install: "qemu",
  candidates: ["qemu-system-x86_64"],
  version: /version (\d+(?:\.\d+)*)/,
});

export type Acceleration = "auto" | "off";

/** The socket through which the agent is asked. */
export const ASK = "ask";
const CONSOLE = "console";
const MEMORY_MB = 512;
const START_MS = 30_000;

/** What emulates the processor. */
export type Accelerator = "kvm" | "tcg";

/** Software emulation is always there; KVM is tried first where it may be. */
export async function accelerators(acceleration: Acceleration): Promise<readonly Accelerator[]> {
  if (acceleration === "off" || process.env["HOOKPOINT_ACCELERATION"] === "off") return ["tcg"];
  try {
    await access("/dev/kvm", constants.R_OK | constants.W_OK);
    return ["kvm", "tcg"];
  } catch {
    return ["tcg"];
  }
}

/** Puts into the folder of a guest what it starts with. */
export async function prepareGuest(folder: string, image: string, bundle: Bundle): Promise<void> {
  await writeFile(join(folder, "initrd"), initrd(bundle));
  await symlink(image, join(folder, "kernel"));
}

/** Starts it, as a process of its own that outlives us. All names are relative: no path can be misread as an option. */
export async function startGuest(folder: string, bundle: Bundle, accelerator: Accelerator, work: Work): Promise<void> {
  const { program } = await need(qemu, "", work.root, work.signal);
  const args = [
    ...["-machine", "q35", "-cpu", "max", "-m", String(MEMORY_MB), "-nodefaults", "-no-user-config", "-no-reboot"],
    ...["-accel", accelerator],
    ...["-kernel", "kernel", "-initrd", "initrd", "-append", commandLine(bundle)],
    ...["-serial", `file:${CONSOLE}`, "-serial", `unix:${ASK},server=on,wait=off`],
    ...["-qmp", `unix:${CONTROL},server=on,wait=off`],
    ...["-display", "none", "-daemonize", "-pidfile", "pid"],
  ];
  work.log(`> ${[program, ...args].map(quoted).join(" ")}\n`);
  // Not to be cancelled half-way: whether the process of its own is there already would not be known.
  const { code, stderr } = await run(program, args, { cwd: folder, onOutput: work.log, timeoutMs: START_MS });
  if (code !== 0)
    throw new ToolProblem(
      `QEMU could not start a guest: ${stderr.trim().split("\n").at(-1) || `it ended with code ${code}`}`,
      {},
      stderr,
    );
}

function commandLine({ command: [first = "", ...args] }: Bundle): string {
  const inRoot = (word: string): string => word.replace(/^\.\/?/, "/");
  return ["console=ttyS0 quiet panic=-1", `rdinit=${inRoot(first)}`, "--", ...args.map(inRoot), "serve"].join(" ");
}

function initrd({ files }: Bundle): Uint8Array {
  const folders: PackedFile[] = ["dev", "proc", "sys", "tmp"].map((name) => ({ name, mode: 0o040755 }));
  return cpio([
    ...folders,
    { name: "dev/console", mode: 0o020600, device: { major: 5, minor: 1 } },
    ...files.map(({ name, bytes, mode }) => ({ name, bytes, mode: 0o100000 | mode })),
  ]);
}

/** The last that the kernel said; where it gave up, from there on. */
export async function consoleOf(folder: string): Promise<string> {
  const text = await readFile(join(folder, CONSOLE), "latin1").catch(() => "");
  const lines = text.split(/\r*\n/).filter((line) => line.trim() !== "");
  const end = lines.findIndex((line) => /Kernel panic|\bBUG: |\bOops: |general protection fault/.test(line));
  return (end < 0 ? lines.slice(-MOST_LINES) : lines.slice(end, end + MOST_LINES)).join("\n");
}

const MOST_LINES = 12;
