/** Host: the command line. */

import { parseArgs } from "node:util";
import { nearest } from "./analysis/spelling.ts";
import { check } from "./cli/check.ts";
import { explain } from "./cli/explain.ts";
import { facts } from "./cli/facts.ts";
import { kernel } from "./cli/kernel.ts";
import { model } from "./cli/model.ts";
import { isThread, workAsThread } from "./cli/pool.ts";
import { BadUse, complain, print, reasonOf } from "./cli/source.ts";
import { version } from "./files.ts";

/** With the commands of the other bundle. */
async function help(): Promise<string> {
  const { toolUsage } = await import("./tools.js");
  return USAGE.replace(
    "\nOptions of check:",
    `\nWith clang, bpftool and the kernel; --help behind the command says more:\n${toolUsage()}\n$&`,
  );
}

/** What runs tools; in a bundle of its own. */
const TOOLS: readonly string[] = [
  "build",
  "skeleton",
  "vmlinux",
  "doctor",
  "new",
  "clangd",
  "inspect",
  "disassemble",
  "verify",
  "load",
  "unload",
  "run",
  "explain",
  "kernels",
];

const USAGE = `hookpoint ${version}: checks, builds and explains eBPF programs in C

Usage:
  hookpoint check [OPTION]… PATH…                  print findings; PATH is a file, a folder or a pattern
  hookpoint check --explain NAME                   a rule's page, or what is known of a helper, kfunc, section, macro …;
                                                   --explain rules lists all rules
  hookpoint model [--format text|json] FILE…       print what is understood of a file: programs, maps, calls
  hookpoint kernel [--format text|json] [--target KERNEL]… PATH…
                                                   the lowest kernel that a file's programs need, with the reasons and
                                                   what would lower it; over a folder a table of files and kernels
  hookpoint facts [--format text|json] [--target KERNEL]… [--program SECTION] [KIND [NAME]]
                                                   ask the knowledge base: helper bpf_loop, section fentry.s/foo
  hookpoint --help | --version

Options of check:
  --target KERNEL    a kernel the code must run on: 5.15, rhel-8.6, ubuntu-22.04, host for this machine, or the file
                     that bpftool feature probe -j wrote; may be repeated, or several with commas
  --format FORMAT    text (default), json, sarif, github or gitlab
  --fix              mend what has a fix that keeps the meaning; with --unsafe also what somebody should look at
  --rule RULE        only this rule; may be repeated, or several with commas
  --fail-on SEVERITY the least severity that makes the exit code 1: error, warning (default), info or hint
  --jobs N           threads; by default as many as the files are worth
  --stats            findings by rule, and the time

Options of kernel, facts and model:
  --target KERNEL    as above; tables of kernel have longterm releases and distributions where none is given
  --program SECTION  for helpers and kfuncs: what holds in such programs, xdp or fentry/foo
  --format FORMAT    text (default) or json

In folders the C files with BPF programs count, less what .gitignore, .ignore and .hookpointignore name.
Exit code: 0 nothing found, 1 findings as grave as --fail-on says or a --target of kernel that lacks something, 2 bad use or something that cannot be read or written.
`;

async function main(args: readonly string[]): Promise<number> {
  // Tools have options of their own.
  const [first = ""] = args;
  if (TOOLS.includes(first)) return (await import("./tools.js")).runTool(first, args.slice(1));
  const { values, positionals } = parse(args);
  if (values.help === true || values.version === true) {
    print(values.help === true ? await help() : `${version}\n`);
    return 0;
  }
  const [command, ...names] = positionals;
  if (command === undefined) throw new BadUse(`No command given.\n\n${USAGE}`);
  const known = COMMANDS[command];
  if (known === undefined)
    throw new BadUse(`There is no command "${command}".${meantOf(command, [...Object.keys(COMMANDS), ...TOOLS])}`);
  const foreign = Object.keys(values).find((option) => !known.includes(option));
  if (foreign !== undefined) throw new BadUse(`hookpoint ${command} takes no --${foreign}; ${takersOf(foreign)}.`);
  const { format, target, program, fix = false, unsafe = false, stats = false, rule, jobs } = values;
  if (command === "facts") return facts(names, { format: formatOf(format), target, program });
  if (values.explain !== undefined) return explain(values.explain, target);
  if (names.length === 0) throw new BadUse("No file given.");
  if (command === "kernel") return kernel(names, { format: formatOf(format), target });
  if (command === "model") return model(names, formatOf(format));
  return check(names, { target, format, rule, fix, unsafe, stats, jobs, failOn: values["fail-on"] });
}

/** The options of each command. */
const COMMANDS: Readonly<Record<string, readonly string[]>> = {
  check: ["target", "format", "fix", "unsafe", "rule", "fail-on", "jobs", "stats", "explain"],
  model: ["format"],
  kernel: ["format", "target"],
  facts: ["format", "target", "program"],
};

function takersOf(option: string): string {
  const takers = Object.keys(COMMANDS).filter((command) => COMMANDS[command]?.includes(option));
  const list = takers.length < 3 ? takers.join(" and ") : `${takers.slice(0, -1).join(", ")} and ${takers.at(-1)}`;
  return `${list} ${takers.length === 1 ? "does" : "do"}`;
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({ args: [...args], allowPositionals: true, options: OPTIONS });
  } catch (error) {
    const said = error instanceof Error ? error.message : String(error);
    const [, option] = /^Unknown option '(-[^']*)'/.exec(said) ?? [];
    if (option === undefined) throw new BadUse(said);
    throw new BadUse(`There is no option ${option}.${meantOf(option.replace(/^-+/, ""), Object.keys(OPTIONS), "--")}`);
  }
}

const OPTIONS = {
  help: { type: "boolean", short: "h" },
  version: { type: "boolean" },
  target: { type: "string", multiple: true },
  program: { type: "string" },
  format: { type: "string" },
  fix: { type: "boolean" },
  unsafe: { type: "boolean" },
  rule: { type: "string", multiple: true },
  "fail-on": { type: "string" },
  jobs: { type: "string" },
  stats: { type: "boolean" },
  explain: { type: "string" },
} as const;

function meantOf(name: string, names: readonly string[], before = ""): string {
  const meant = nearest(name, names);
  return meant === undefined ? "" : ` Did you mean ${before}${meant}?`;
}

/** A page of usage would hide what is wrong, where it is known. */
function seeHelp({ message }: BadUse): string {
  return message.endsWith(USAGE) ? "" : "\nhookpoint --help lists the commands and their options.";
}

function formatOf(format = "text"): "json" | "text" {
  if (format === "json" || format === "text") return format;
  throw new BadUse(`There is no format "${format}". Choose text or json.`);
}

// `hookpoint … | head`: whoever reads has read enough. Ended as the shell would have ended us.
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code !== "EPIPE") complain(`hookpoint: the output cannot be written: ${reasonOf(error)}`);
  process.exit(error.code === "EPIPE" ? 141 : 2);
});

if (isThread()) {
  void workAsThread();
} else {
  main(process.argv.slice(2)).then(
    (code) => {
      process.exitCode = code;
    },
    (error: unknown) => {
      complain(`hookpoint: ${error instanceof BadUse ? `${error.message}${seeHelp(error)}` : reasonOf(error)}`);
      process.exitCode = 2;
    },
  );
}
