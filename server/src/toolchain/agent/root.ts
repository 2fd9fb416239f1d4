/** How the agent gets the rights to load: it has them, or sudo gives them when the person agrees; we never see a password. */

import { access, readFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import type { Work } from "../choices.ts";
import { lookUp } from "../look-up.ts";
import { Cancelled, ToolProblem } from "../problem.ts";
import { step } from "../step.ts";
import { inTemporaryFolder } from "../temporary.ts";
import { cutOffAt } from "./read-tried.ts";

/** What the person has to say about root; the editor and the command line ask in their own ways. */
export interface RootWish {
  /** Asked before anything runs as root, with the very command; may throw what to tell. Not asked where we may load as we are. */
  readonly mayUseRoot: (command: readonly string[]) => Promise<boolean>;
  /**
   * Has the person run a command in a terminal, where sudo asks for the password. Resolves when the command has ended or the
   * terminal was closed; undefined where there is no terminal. Nobody waits for it once `work.signal` is aborted.
   */
  readonly inTerminal?: (command: readonly string[]) => Promise<void>;
}

/** direct: as we are. sudo: without a question. terminal: sudo wants to ask for a password first. */
export type RootWay = "direct" | "sudo" | "terminal";

/** Which of the ways is open to this user; throws where none is. */
export async function rootWay(work: Work): Promise<RootWay> {
  if (await mayLoad()) return "direct";
  const sudo = await sudoProgram(work);
  const { code } = await step(sudo, ["-n", "--", "true"], work, { cwd: work.root });
  return code === 0 ? "sudo" : "terminal";
}

/** Runs the agent so that it may load, and gives back what it printed. */
export async function runAgent(agent: string, args: readonly string[], wish: RootWish, work: Work): Promise<string> {
  if (await mayLoad()) return answersOf([agent, ...args], work);
  const sudo = await sudoProgram(work);
  const command = [agent, ...args];
  if (!(await wish.mayUseRoot([sudo, "--", ...command]))) throw new Cancelled();
  if ((await rootWay(work)) === "sudo") return answersOf([sudo, "-n", "--", ...tied(command)], work);
  if (wish.inTerminal !== undefined) return answersByTerminal(sudo, command, wish.inTerminal, work);
  throw new ToolProblem(
    "Loading programs needs root, and sudo asks for a password, for which there is no terminal here. Run this as root.",
  );
}

/** Root has the right; others where they were given capabilities that stay over the start of a program. */
export async function mayLoad(): Promise<boolean> {
  if (process.getuid?.() === 0) return true;
  const status = await readFile("/proc/self/status", "latin1").catch(() => "");
  const ambient = BigInt(`0x${/^CapAmb:\s*([0-9a-f]+)$/m.exec(status)?.[1] ?? "0"}`);
  const has = (...numbers: readonly bigint[]): boolean => numbers.every((n) => (ambient >> n) & 1n);
  return has(CAP_SYS_ADMIN) || has(CAP_BPF, CAP_PERFMON, CAP_NET_ADMIN);
}

const CAP_NET_ADMIN = 12n;
const CAP_SYS_ADMIN = 21n;
const CAP_PERFMON = 38n;
const CAP_BPF = 39n;

export async function sudoProgram(work: Work): Promise<string> {
  const [sudo] = await lookUp("sudo", work.root);
  if (sudo !== undefined) return sudo;
  throw new ToolProblem("Loading programs needs root, and there is no sudo here. Run this as root.");
}

/** Another user's process cannot be sent a signal: it watches whether we are still there. */
function tied([agent = "", command = "", ...args]: readonly string[]): readonly string[] {
  return [agent, command, "--tied", ...args];
}

async function answersOf([program = "", ...args]: readonly string[], work: Work): Promise<string> {
  return inTemporaryFolder(async (folder) => {
    // Logs may be longer than what is kept of an output.
    const stdoutFile = join(folder, "answers");
    const { code, stderr } = await step(program, args, work, { cwd: folder, stdoutFile, input: new Uint8Array() });
    const answers = await readFile(stdoutFile, "utf8");
    if (code !== 0) throw agentFailed(stderr, code, answers);
    return answers;
  });
}

async function answersByTerminal(
  sudo: string,
  [agent = "", name = "", ...args]: readonly string[],
  inTerminal: NonNullable<RootWish["inTerminal"]>,
  work: Work,
): Promise<string> {
  return inTemporaryFolder(async (folder) => {
    const output = join(folder, "answers");
    let ended = false;
    const terminal = inTerminal([sudo, "--", agent, name, "--output", output, ...args]).finally(() => {
      ended = true;
    });
    // Said below, after a last look.
    terminal.catch(() => undefined);
    for (;;) {
      const last = ended;
      if (await isThere(output)) return readFile(output, "utf8");
      if (work.signal.aborted) throw new Cancelled();
      if (last) break;
      await pause(LOOK_EVERY_MS);
    }
    await terminal;
    throw new ToolProblem(
      "The command in the terminal ended without an answer. Was the password wrong, or the terminal closed?",
    );
  });
}

const LOOK_EVERY_MS = 100;

function isThere(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}

/** What to tell of an agent that did not end well, wherever it ran. */
export function agentFailed(stderr: string, code: number | undefined, answers = ""): ToolProblem {
  const why = stderr.trim() || (code === undefined ? "it was ended from outside" : `exit code ${code}`);
  const at = cutOffAt(answers);
  const when = at === undefined ? "" : ` while it loaded ${at}`;
  return new ToolProblem(`The agent that loads programs failed${when}: ${why}.`, {}, stderr);
}
