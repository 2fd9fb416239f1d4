/** Host: the commands of the command line that run tools. A bundle of its own: `check` must not wait for it. */

import { parseArgs } from "node:util";
import { printable } from "./analysis/printable.ts";
import { BadUse, complain, print } from "./cli/source.ts";
import { build } from "./cli/tools/build.ts";
import { clangd } from "./cli/tools/clangd.ts";
import { disassemble } from "./cli/tools/disassemble.ts";
import { doctor } from "./cli/tools/doctor.ts";
import { explain } from "./cli/tools/explain.ts";
import { howToInstall } from "./cli/tools/how-to-install.ts";
import { inspect } from "./cli/tools/inspect.ts";
import { kernels } from "./cli/tools/kernels.ts";
import { load } from "./cli/tools/load.ts";
import { newProject } from "./cli/tools/new.ts";
import { run } from "./cli/tools/run.ts";
import { skeleton } from "./cli/tools/skeleton.ts";
import type { ToolCommand, ToolOption, Values } from "./cli/tools/tool-command.ts";
import { unload } from "./cli/tools/unload.ts";
import { verify } from "./cli/tools/verify.ts";
import { vmlinux } from "./cli/tools/vmlinux.ts";
import { type Choices, NO_CHOICES, type Work } from "./toolchain/choices.ts";
import { Cancelled, ToolProblem } from "./toolchain/problem.ts";

export const toolCommands: readonly ToolCommand[] = [
  build,
  clangd,
  disassemble,
  doctor,
  explain,
  inspect,
  kernels,
  load,
  newProject,
  run,
  skeleton,
  unload,
  verify,
  vmlinux,
];

const COMMON = {
  clang: { type: "string" },
  bpftool: { type: "string" },
  arch: { type: "string" },
  quiet: { type: "boolean", short: "q" },
  verbose: { type: "boolean", short: "v" },
  format: { type: "string" },
} as const satisfies Readonly<Record<string, ToolOption>>;

const COMMON_USAGE = `
Options of every command:
    --clang PROGRAM    instead of the newest that is found
    --bpftool PROGRAM  the same
    --arch NAME        what to build for: x86, arm64, …; this machine by default
    --format json      what scripts read, of commands that tell results; text by default
    --verbose, -v      show the commands that are run and what they print
    --quiet, -q        say only what is wrong
`;

/** Each command in a line or two. */
export function toolUsage(): string {
  const lines = toolCommands.flatMap(({ usage }) => usage.split("\n"));
  // The others are options, which a command's own help lists.
  return lines.filter((line) => /^ {2}hookpoint|^ {40}/.test(line)).join("\n");
}

/** Ended by Ctrl-C, as a shell would count it. */
const INTERRUPTED = 130;

export async function runTool(name: string, args: readonly string[]): Promise<number> {
  const command = toolCommands.find((one) => one.name === name);
  if (command === undefined) {
    complain(`hookpoint: There is no command "${name}".`);
    return 2;
  }
  if (asksForHelp(args)) {
    print(`Usage:\n${command.usage}\n${COMMON_USAGE}`);
    return 0;
  }
  const abort = new AbortController();
  const stop = (): void => abort.abort();
  process.once("SIGINT", stop);
  process.once("SIGTERM", stop);
  // A terminal that is closed: what runs in groups of its own would go on.
  process.once("SIGHUP", stop);
  try {
    const { values, positionals } = parsed(command, args);
    const choices = choicesOf(values);
    return await command.run(positionals, { values, choices, work: workFor(choices, values, abort.signal) });
  } catch (error) {
    if (error instanceof Cancelled) return INTERRUPTED;
    // The caller is another bundle, which would not know these.
    if (error instanceof BadUse) complain(`hookpoint: ${error.message}\n\nUsage:\n${command.usage}`);
    else if (error instanceof ToolProblem) complain(`hookpoint: ${error.message}${await howToInstall(error)}`);
    else throw error;
    return 2;
  } finally {
    process.removeListener("SIGINT", stop);
    process.removeListener("SIGTERM", stop);
    process.removeListener("SIGHUP", stop);
  }
}

/** What stands behind `--` is no option. */
function asksForHelp(args: readonly string[]): boolean {
  const end = args.indexOf("--");
  return args.slice(0, end === -1 ? undefined : end).some((arg) => arg === "--help" || arg === "-h");
}

function parsed(command: ToolCommand, args: readonly string[]): { values: Values; positionals: readonly string[] } {
  try {
    const options = { ...COMMON, ...command.options };
    const { values, positionals } = parseArgs({ args: [...args], allowPositionals: true, options });
    return { values: values as Values, positionals };
  } catch (error) {
    throw new BadUse(error instanceof Error ? error.message : String(error));
  }
}

function choicesOf(values: Values): Choices {
  const text = (name: string): string => (typeof values[name] === "string" ? (values[name] as string) : "");
  return { ...NO_CHOICES, clang: text("clang"), bpftool: text("bpftool"), arch: text("arch") };
}

function workFor(choices: Choices, values: Values, signal: AbortSignal): Work {
  const says = (text: string): void => void process.stderr.write(printable(text));
  const nothing = (): void => undefined;
  return { choices, root: process.cwd(), tell: nothing, log: values["verbose"] === true ? says : nothing, signal };
}
