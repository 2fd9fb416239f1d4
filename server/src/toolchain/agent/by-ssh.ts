/** The kernel of another machine, by the name that the person's own ssh has for it. Nothing stays there. */

import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Work } from "../choices.ts";
import { Cancelled, ToolProblem } from "../problem.ts";
import type { RunResult } from "../run.ts";
import { ssh } from "../ssh.ts";
import { step } from "../step.ts";
import { inTemporaryFolder } from "../temporary.ts";
import { need } from "../tool.ts";
import { lacksLibbpf } from "./agent.ts";
import { agentBundle } from "./bundle.ts";
import type { AskableKernel } from "./kernel-answer.ts";
import { readTried } from "./read-tried.ts";
import { ENDS, REMOTE_SCRIPT } from "./remote-script.ts";
import { agentFailed, type RootWish } from "./root.ts";
import { type PackedFile, tar } from "./tar.ts";
import { verifyArguments } from "./verify-arguments.ts";

/**
 * @param host as after `ssh`
 * @param source the folder with the agent's C files
 */
export function bySsh(host: string, source: string, root: Pick<RootWish, "mayUseRoot">): AskableKernel {
  return {
    name: host,
    verify: async (object, wish, work) => {
      if (!isHost(host)) throw new ToolProblem(`"${host}" is no name of a machine for ssh.`);
      const { program } = await need(ssh, "", work.root, work.signal);
      const [command = "", ...rest] = verifyArguments("object.o", wish, "target.o");
      const args = [command, "--tied", ...rest];
      const objects = [await packed("object.o", object)];
      if (wish.target !== undefined) objects.push(await packed("target.o", wish.target.object));
      const sent = tar([...(await agentFiles(source, args, work)), ...objects]);
      const ask = (asRoot: boolean): Promise<RemoteResult> => remote(program, host, sent, asRoot, work);
      const first = await ask(false);
      if (first.code !== ENDS.needsRoot) return readTried(answersOf(host, first));
      if (!(await root.mayUseRoot(["ssh", host, "sudo -n -- agent verify"]))) throw new Cancelled();
      return readTried(answersOf(host, await ask(true)));
    },
  };
}

/** What ssh would take for an option or a configuration's command for its own must not come this far. */
function isHost(host: string): boolean {
  return /^[\w@.:%[\]/+-]+$/.test(host) && !host.startsWith("-") && !host.includes("@-");
}

/** The agent with its libraries, which runs on the same processor, and its sources, for any other. */
async function agentFiles(source: string, args: readonly string[], work: Work): Promise<readonly PackedFile[]> {
  const names = (await readdir(source)).filter((name) => /\.[ch]$/.test(name));
  const sources = await Promise.all(names.map((name) => packed(name, join(source, name))));
  const { files, command } = await ownBundle(source, work);
  return [...files, ...sources, list("command", command), list("arguments", args)];
}

/** Nothing where the agent cannot be made here: this may be no Linux, or lack libbpf. */
async function ownBundle(source: string, work: Work): Promise<{ files: readonly PackedFile[]; command: string[] }> {
  if (process.platform !== "linux") return { files: [], command: [] };
  try {
    const { files, command } = await agentBundle(source, work);
    return { files, command: [...command] };
  } catch (error) {
    if (error instanceof ToolProblem) return { files: [], command: [] };
    throw error;
  }
}

async function packed(name: string, path: string): Promise<PackedFile> {
  return { name, mode: 0o600, bytes: await readFile(path) };
}

/** One word a line; none of them has a line break in it. */
function list(name: string, words: readonly string[]): PackedFile {
  return { name, mode: 0o600, bytes: Buffer.from(words.map((word) => `${word.replaceAll("\n", " ")}\n`).join("")) };
}

interface RemoteResult extends RunResult {
  readonly answers: string;
}

async function remote(
  program: string,
  host: string,
  sent: Uint8Array,
  asRoot: boolean,
  work: Work,
): Promise<RemoteResult> {
  return inTemporaryFolder(async (folder) => {
    const stdoutFile = join(folder, "answers");
    const command = `exec sh -c '${REMOTE_SCRIPT}' hookpoint ${sent.length} ${asRoot ? "root" : "person"}`;
    const args = [...SSH_OPTIONS, "--", host, command];
    const result = await step(program, args, work, { cwd: folder, stdoutFile, input: sent });
    return { ...result, answers: await readFile(stdoutFile, "utf8") };
  });
}

/** No question, no terminal, and of what the person has configured for the machine only the way there. */
const SSH_OPTIONS = [
  ...["-T", "-o", "BatchMode=yes", "-o", "ClearAllForwardings=yes", "-o", "RemoteCommand=none"],
  ...["-o", "ConnectTimeout=20"],
];

function answersOf(host: string, { code, stderr, answers }: RemoteResult): string {
  // What a login prints comes before them.
  const start = answers.indexOf('{"agent":');
  if (code === 0 && start >= 0) return answers.slice(start);
  const said = lastLine(stderr);
  switch (code) {
    case 255:
      throw new ToolProblem(
        `ssh does not reach ${host}: ${said || "it does not say why"}. Hookpoint uses ssh without questions: see whether ssh ${host} true works in a terminal.`,
        {},
        stderr,
      );
    case ENDS.noLinux:
      throw new ToolProblem(`${host} runs ${said}, and BPF programs are loaded on Linux.`);
    case ENDS.noFolder:
      throw new ToolProblem(`On ${host} no temporary folder can be made or filled: ${said}.`, {}, stderr);
    case ENDS.needsRoot:
    case ENDS.noSudo:
      throw new ToolProblem(
        `Loading programs needs root. On ${host} you are not root, and sudo there asks for a password or is missing (${said}). Use root@${host}, or let sudo do without a password there.`,
        {},
        stderr,
      );
    case ENDS.notMade:
      throw new ToolProblem(
        `The agent that loads programs does not run on ${host} as it was made here, and could not be compiled there: ${whyNotMade(stderr)}`,
        {},
        stderr,
      );
    default:
      throw agentFailed(stderr, code, start >= 0 ? answers.slice(start) : "");
  }
}

function whyNotMade(stderr: string): string {
  if (/\bcc: (?:command )?not found|cc: inaccessible/.test(stderr)) return "it has no C compiler.";
  if (lacksLibbpf(stderr)) return "it lacks libbpf and its headers (libbpf-dev or libbpf-devel).";
  if (/libbpf 1\.0 or newer/.test(stderr)) return "its libbpf is older than 1.0.";
  return `${lastLine(stderr) || "the output says why"}.`;
}

function lastLine(text: string): string {
  return (text.trim().split("\n").at(-1) ?? "").trim().replace(/\.$/, "");
}
