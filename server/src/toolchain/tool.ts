/** What a tool is, and how the best one of its kind is found: one file per tool in this folder says the rest. */

import { stat } from "node:fs/promises";
import { lookUp } from "./look-up.ts";
import { type Installable, ToolProblem } from "./problem.ts";
import { run } from "./run.ts";

export interface Tool {
  readonly program: string;
  /** As the tool says it: `19.1.7`. */
  readonly version: string;
}

/** One kind of tool. */
export interface ToolKind {
  /** What people call it. */
  readonly name: string;
  /** What it is for, to complete "… is needed to". */
  readonly purpose: string;
  readonly setting: string;
  readonly install: Installable;
  /** Names and paths under which distributions install it, best first. */
  readonly candidates: () => Promise<readonly string[]> | readonly string[];
  /** The tool, or what is wrong with it in a clause: "has no BPF target". */
  readonly probe: (program: string, ask: Ask) => Promise<Tool | string>;
  /** Whether the newest counts, and not the first. */
  readonly newest?: true;
}

/** Asks a program; undefined where it cannot be run, fails or does not answer. */
export type Ask = (args: readonly string[]) => Promise<string | undefined>;

export interface Found {
  readonly tool: Tool | undefined;
  /** What was tried and why it would not do. */
  readonly refused: readonly { readonly program: string; readonly reason: string }[];
}

const PROBE_TIMEOUT_MS = 10_000;

const known = new Map<string, Promise<Tool | string>>();

/** @param wanted the person's own choice, and then the only one tried */
export async function find(kind: ToolKind, wanted: string, cwd: string): Promise<Found> {
  const names = wanted === "" ? await kind.candidates() : [wanted];
  const programs = [...new Set((await Promise.all(names.map((name) => lookUp(name, cwd)))).flat())];
  const refused: { program: string; reason: string }[] = [];
  const tools: Tool[] = [];
  const answers = await Promise.all(programs.map((program) => probeOnce(kind, program, cwd)));
  for (const [n, answer] of answers.entries()) {
    if (typeof answer === "string") refused.push({ program: programs[n] ?? "", reason: answer });
    else tools.push(answer);
  }
  if (kind.newest === true) tools.sort((a, b) => compareVersions(b.version, a.version));
  return { tool: tools[0], refused };
}

/** The tool, or a problem that says what to do. */
export async function need(kind: ToolKind, wanted: string, cwd: string): Promise<Tool> {
  const { tool, refused } = await find(kind, wanted, cwd);
  if (tool !== undefined) return tool;
  const { name, purpose, setting, install } = kind;
  const reasons = refused.map(({ program, reason }) => `${program} ${reason}`).join("; ");
  if (wanted !== "") {
    const reason = refused[0]?.reason ?? "cannot be run: there is no such program";
    throw new ToolProblem(`"${wanted}", named in ${setting}, ${reason}.`, { setting });
  }
  const what =
    refused.length === 0
      ? `${name} is needed to ${purpose}, and was not found.`
      : `${name} is needed to ${purpose}, and none that was found will do: ${reasons}.`;
  throw new ToolProblem(what, { setting, install });
}

/** A tool is asked once, until it is replaced. */
async function probeOnce(kind: ToolKind, program: string, cwd: string): Promise<Tool | string> {
  const { mtimeMs, size } = await stat(program);
  const key = JSON.stringify([kind.name, program, mtimeMs, size]);
  const before = known.get(key);
  if (before !== undefined) return before;
  const ask: Ask = async (args) => {
    try {
      const { code, stdout, stderr } = await run(program, args, { cwd, timeoutMs: PROBE_TIMEOUT_MS });
      return code === 0 ? stdout + stderr : undefined;
    } catch {
      return undefined;
    }
  };
  const answer = kind.probe(program, ask);
  known.set(key, answer);
  // What would not do may do the next time: somebody is about to mend it.
  answer.then((found) => typeof found === "string" && known.delete(key)).catch(() => known.delete(key));
  return answer;
}

/** `19.1.7` after `9.0`. */
export function compareVersions(a: string, b: string): number {
  const [left, right] = [a, b].map((version) => version.split(".").map((part) => Number.parseInt(part, 10) || 0));
  for (let i = 0; i < Math.max(left?.length ?? 0, right?.length ?? 0); i++) {
    const difference = (left?.[i] ?? 0) - (right?.[i] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}
