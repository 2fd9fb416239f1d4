/** The process that holds what is loaded: started as whoever may, spoken to in lines, ended by the end of what it listens to. */

import { appendFile, mkdtemp, open, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import type { Work } from "../choices.ts";
import { Cancelled, ToolProblem } from "../problem.ts";
import { type LongRun, type LongRunEnd, runLong } from "../run.ts";
import { quoted } from "../step.ts";
import { mayLoad, type RootWish, rootWay, sudoProgram } from "./root.ts";

/** How long giving everything back may take. */
const PATIENCE_MS = 5000;
const LOOK_EVERY_MS = 100;

/** @param args behind the command's name */
export async function startHolder(
  agent: string,
  args: readonly string[],
  wish: RootWish,
  work: Work,
  onLine: (line: string) => void,
): Promise<LongRun> {
  const start = (program: string, all: readonly string[]): LongRun => {
    work.log(`> ${[program, ...all].map(quoted).join(" ")}\n`);
    return runLong(program, all, { cwd: work.root, onLine, patienceMs: PATIENCE_MS });
  };
  if (work.signal.aborted) throw new Cancelled();
  if (await mayLoad()) return start(agent, ["hold", ...args]);
  const sudo = await sudoProgram(work);
  if (!(await wish.mayUseRoot([sudo, "--", agent, "hold", ...args]))) throw new Cancelled();
  if ((await rootWay(work)) === "sudo") return start(sudo, ["-n", "--", agent, "hold", ...args]);
  if (wish.inTerminal !== undefined)
    return inTerminal([sudo, "--", agent, "hold"], args, wish.inTerminal, work, onLine);
  throw new ToolProblem(
    "Loading programs needs root, and sudo asks for a password, for which there is no terminal here. Run this as root.",
  );
}

/** Its input and output are the terminal's, so that both sides talk by files. */
async function inTerminal(
  command: readonly string[],
  args: readonly string[],
  run: NonNullable<RootWish["inTerminal"]>,
  { log }: Work,
  onLine: (line: string) => void,
): Promise<LongRun> {
  const folder = await mkdtemp(join(tmpdir(), "hookpoint-"));
  const [asked, told] = [join(folder, "asked"), join(folder, "told")];
  await writeFile(asked, "", { mode: 0o600 });
  const all = [...command, "--folder", folder, ...args];
  log(`> ${all.map(quoted).join(" ")}\n`);
  let isOver = false;
  const ended = run(all).finally(() => {
    isOver = true;
  });
  const followed = follow(told, () => isOver, onLine).catch(() => undefined);
  const whole = ended.then(
    async (): Promise<LongRunEnd> => {
      await followed;
      await rm(folder, { recursive: true, force: true });
      return { code: undefined, stderr: "" };
    },
    async (error: unknown) => {
      await rm(folder, { recursive: true, force: true });
      throw error;
    },
  );
  return {
    send: (line) => void appendFile(asked, `${line}\n`).catch(() => undefined),
    end: async () => {
      await rm(asked, { force: true });
      await Promise.race([whole, pause(PATIENCE_MS)]);
      return { code: undefined, stderr: "" };
    },
    ended: whole,
  };
}

/** Reads a file that grows, until its end is the end. */
async function follow(path: string, isOver: () => boolean, onLine: (line: string) => void): Promise<void> {
  let text = "";
  let position = 0;
  for (;;) {
    const last = isOver();
    const part = await readFrom(path, position);
    position += part.length;
    text += part.toString("latin1");
    const lines = text.split("\n");
    text = lines.pop() ?? "";
    for (const line of lines) onLine(Buffer.from(line, "latin1").toString("utf8"));
    if (last) return;
    await pause(LOOK_EVERY_MS);
  }
}

async function readFrom(path: string, position: number): Promise<Buffer> {
  const file = await open(path, "r").catch(() => undefined);
  if (file === undefined) return Buffer.alloc(0);
  try {
    const { size } = await file.stat();
    const bytes = Buffer.alloc(Math.max(0, size - position));
    const { bytesRead } = await file.read(bytes, 0, bytes.length, position);
    return bytes.subarray(0, bytesRead);
  } finally {
    await file.close();
  }
}
