/** What a tool is, and how the best one of its kind is found: one file per tool in this folder says the rest. */

import { stat } from "node:fs/promises";
import { lookUp } from "./look-up.ts";
import { Cancelled, type Installable, ToolProblem } from "./problem.ts";
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
  /** The setting that names it, where there is one. */
  readonly setting?: string;
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
export async function find(kind: ToolKind, wanted: string, cwd: string, signal?: AbortSignal): Promise<Found> {
  const names = wanted === "" ? await kind.candidates() : [wanted];
  const programs = [...new Set((await Promise.all(names.map((name) => lookUp(name, cwd)))).flat())];
  const refused: { program: string; reason: string }[] = [];
  const tools: Tool[] = [];
  const answers = await Promise.all(programs.map((program) => probeOnce(kind, program, cwd, signal)));
  for (const [n, answer] of answers.entries()) {
    if (typeof answer === "string") refused.push({ program: programs[n] ?? "", reason: answer });
    else tools.push(answer);
  }
  if (kind.newest === true) tools.sort((a, b) => compareVersions(b.version, a.version));
  return { tool: tools[0], refused };
}

/** The tool, or a problem that says what to do. */
export async function need(kind: ToolKind, wanted: string, cwd: string, signal?: AbortSignal): Promise<Tool> {
  const found = await find(kind, wanted, cwd, signal);
  if (found.tool !== undefined) return found.tool;
  const { setting, install } = kind;
  const named = setting === undefined ? {} : { setting };
  throw new ToolProblem(whyNone(kind, wanted, found), wanted === "" ? { ...named, install } : named);
}

/** What to tell where no tool of a kind was found that will do. */
export function whyNone({ name, purpose, setting }: ToolKind, wanted: string, found: Found): string {
  const [first] = found.refused;
  if (wanted !== "") {
    const reason = first?.reason ?? "cannot be run: there is no such program";
    return `"${wanted}"${setting === undefined ? "" : `, named in ${setting},`} ${reason}.`;
  }
  if (first === undefined) return `${name} is needed to ${purpose}, and was not found.`;
  return `${name} is needed to ${purpose}, and none that was found will do: ${reasonsOf(found)}.`;
}

/** Each program that was refused, with the clause that says why. */
export function reasonsOf({ refused }: Found): string {
  return refused.map(({ program, reason }) => `${program} ${reason}`).join("; ");
}

/** A tool is asked once, until it is replaced. */
async function probeOnce(
  kind: ToolKind,
  program: string,
  cwd: string,
  signal: AbortSignal | undefined,
): Promise<Tool | string> {
  const { mtimeMs, size } = await stat(program);
  const key = JSON.stringify([kind.name, program, mtimeMs, size]);
  const before = await known.get(key)?.catch((error: unknown) => {
    // Whoever asked first was cancelled, not we.
    if (!(error instanceof Cancelled) || signal?.aborted === true) throw error;
  });
  if (before !== undefined) return before;
  const answer = probe(kind, program, cwd, signal);
  known.set(key, answer);
  // What would not do may do the next time: somebody is about to mend it.
  answer.then((found) => typeof found === "string" && known.delete(key)).catch(() => known.delete(key));
  return answer;
}

async function probe(
  kind: ToolKind,
  program: string,
  cwd: string,
  signal: AbortSignal | undefined,
): Promise<Tool | string> {
  let failure: string | undefined;
  const ask: Ask = async (args) => {
    if (signal?.aborted === true) throw new Cancelled();
    const question = args.join(" ");
    try {
      const { code, stdout, stderr, cancelled, timedOut } = await run(program, args, {
        cwd,
        signal,
        timeoutMs: PROBE_TIMEOUT_MS,
      });
      if (cancelled) throw new Cancelled();
      if (code === 0) return stdout + stderr;
      failure = timedOut
        ? `does not answer "${question}" within ${PROBE_TIMEOUT_MS / 1000} seconds`
        : `fails when it is run with "${question}"${firstWords(stderr + stdout)}`;
    } catch (error) {
      if (error instanceof Cancelled) throw error;
      failure = `cannot be started${firstWords(error instanceof Error ? error.message : String(error))}`;
    }
    return undefined;
  };
  const answer = await kind.probe(program, ask);
  // Why there was no answer says more than what was missed in it.
  return typeof answer === "string" ? (failure ?? answer) : answer;
}

/** The first line of what a tool said, where it says anything. */
function firstWords(text: string): string {
  const line = /\S.*/.exec(text)?.[0].trim() ?? "";
  return line === "" ? "" : ` (${line.slice(0, 160)})`;
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
