/** The agent with everything it needs to run on another Linux of the same processor: its libraries and what loads them. */

import { readFile } from "node:fs/promises";
import { basename, dirname } from "node:path";
import type { Work } from "../choices.ts";
import { ToolProblem } from "../problem.ts";
import { step } from "../step.ts";
import { agentProgram } from "./agent.ts";

export interface Bundle {
  /** All of them lie in one folder. */
  readonly files: readonly BundledFile[];
  /** What starts the agent when that folder is the one that is worked in; its arguments follow. */
  readonly command: readonly string[];
}

export interface BundledFile {
  readonly name: string;
  readonly bytes: Uint8Array;
  /** `0o755` */
  readonly mode: number;
}

/** @param source the folder with the agent's C files */
export async function agentBundle(source: string, work: Work): Promise<Bundle> {
  return bundleOf(await agentProgram(source, work), work);
}

/** Nothing of the other system is used, so its C library may be older, newer or another one. */
export async function bundleOf(program: string, work: Work): Promise<Bundle> {
  const agent = await file("agent", program);
  const loader = interpreterOf(agent.bytes);
  if (loader === undefined) return { files: [agent], command: ["./agent"] };
  const { code, stdout, stderr } = await step(loader, ["--list", program], work, { cwd: dirname(program) });
  const missing = /^\s*(\S+) => not found/m.exec(stdout)?.[1];
  if (code !== 0 || missing !== undefined)
    throw new ToolProblem(
      `The libraries of the agent that loads programs cannot be found${missing === undefined ? "" : `: ${missing} is missing`}.`,
      { install: "libbpf" },
      stdout + stderr,
    );
  const libraries = [...stdout.matchAll(/^\s*(\S+) => (\/.*?)(?: \(0x[0-9a-f]+\))?$/gm)]
    .map(([, name = "", path = ""]) => ({ name: basename(name), path }))
    // musl's lists itself as the C library, which it is.
    .filter(({ name }, n, all) => all.findIndex((other) => other.name === name) === n);
  return {
    files: [
      agent,
      await file("loader", loader),
      ...(await Promise.all(libraries.map(({ name, path }) => file(name, path)))),
    ],
    command: ["./loader", "--library-path", ".", "./agent"],
  };
}

async function file(name: string, path: string): Promise<BundledFile> {
  return { name, bytes: await readFile(path), mode: 0o755 };
}

const PROGRAM_HEADER = 56;
const PT_INTERP = 3;

/** What the kernel starts to load a program's libraries; undefined for one that has all in itself. */
function interpreterOf(program: Uint8Array): string | undefined {
  const view = new DataView(program.buffer, program.byteOffset, program.byteLength);
  const little = program[5] === 1;
  const start = Number(view.getBigUint64(32, little));
  const count = view.getUint16(56, little);
  for (let i = 0; i < count; i++) {
    const at = start + i * PROGRAM_HEADER;
    if (view.getUint32(at, little) !== PT_INTERP) continue;
    const from = Number(view.getBigUint64(at + 8, little));
    const size = Number(view.getBigUint64(at + 32, little));
    return new TextDecoder().decode(program.subarray(from, from + size)).replace(/\0.*$/s, "");
  }
  return undefined;
}
