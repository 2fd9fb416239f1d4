/** Host: the command line. */

import { parseArgs } from "node:util";
import { check } from "./cli/check.ts";
import { facts } from "./cli/facts.ts";
import { model } from "./cli/model.ts";
import { BadUse, complain, print, reasonOf } from "./cli/source.ts";
import { version } from "./files.ts";

const USAGE = `hookpoint ${version}: a linter for eBPF programs in C

Usage:
  hookpoint check [--target KERNEL]… FILE…         print findings
  hookpoint model [--format text|json] FILE…       print what is understood of a file: programs, maps, calls
  hookpoint facts [--format text|json] [--target KERNEL]… [--program SECTION] [KIND [NAME]]
                                                   ask the knowledge base: helper bpf_loop, section fentry.s/foo
  hookpoint --help | --version

Options:
  --target KERNEL    a kernel the code must run on: 5.15, rhel-8.6, ubuntu-22.04, host for this machine, or the file
                     that bpftool feature probe -j wrote; may be repeated, or several with commas
  --program SECTION  for helpers and kfuncs: what holds in such programs, xdp or fentry/foo
  --format FORMAT    text (default) or json

Exit code: 0 nothing found, 1 findings, 2 bad use or a file that cannot be read.
`;

async function main(args: readonly string[]): Promise<number> {
  const { values, positionals } = parse(args);
  if (values.help === true || values.version === true) {
    print(values.help === true ? USAGE : `${version}\n`);
    return 0;
  }
  const [command, ...files] = positionals;
  if (command === undefined) throw new BadUse("No command given.");
  if (command === "facts") {
    const { format, target, program } = values;
    return facts(files, { format: formatOf(format), target, program });
  }
  if (values.program !== undefined) throw new BadUse(`hookpoint ${command} takes no --program; facts does.`);
  if (command !== "check" && command !== "model") throw new BadUse(`There is no command "${command}".`);
  if (files.length === 0) throw new BadUse("No file given.");
  if (command === "check" && values.format !== undefined)
    throw new BadUse("hookpoint check takes no --format; model and facts do.");
  if (command === "model" && values.target !== undefined)
    throw new BadUse("hookpoint model takes no --target; check and facts do.");
  return command === "check" ? check(files, values.target) : model(files, formatOf(values.format));
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        help: { type: "boolean", short: "h" },
        version: { type: "boolean" },
        target: { type: "string", multiple: true },
        program: { type: "string" },
        format: { type: "string" },
      },
    });
  } catch (error) {
    throw new BadUse(error instanceof Error ? error.message : String(error));
  }
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

main(process.argv.slice(2)).then(
  (code) => {
    process.exitCode = code;
  },
  (error: unknown) => {
    complain(error instanceof BadUse ? `hookpoint: ${error.message}\n\n${USAGE}` : `hookpoint: ${reasonOf(error)}`);
    process.exitCode = 2;
  },
);
