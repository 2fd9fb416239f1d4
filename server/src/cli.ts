/** Host: the command line. `hookpoint check FILE…` prints findings and sets the exit code. */

import { readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { parseArgs } from "node:util";
import type { Finding } from "./analysis/lint.ts";
import { buildModel } from "./analysis/model.ts";
import type { Lines } from "./analysis/text.ts";
import { type Core, findingsOf, loadCore, MAX_LENGTH, tooLargeMessage } from "./core.ts";
import { keepWasmSimple, nodeHost, version } from "./files.ts";
import { type Projects, projects } from "./project.ts";
import { readSettings } from "./settings.ts";

const USAGE = `hookpoint ${version}: a linter for eBPF programs in C

Usage:
  hookpoint check [--target RELEASE]… FILE…   print findings
  hookpoint --help | --version

Options:
  --target RELEASE   a kernel the code must run on, such as 5.15; may be repeated

Exit code: 0 nothing found, 1 findings, 2 bad use or a file that cannot be read.
`;

/** A mistake of the caller's, to be told without a stack. */
class BadUse extends Error {}

async function main(args: readonly string[]): Promise<number> {
  const { values, positionals } = parse(args);
  if (values.help === true) return print(USAGE);
  if (values.version === true) return print(`${version}\n`);
  const [command, ...files] = positionals;
  if (command === undefined) throw new BadUse("No command given.");
  if (command !== "check") throw new BadUse(`There is no command "${command}".`);
  if (files.length === 0) throw new BadUse("No file given.");
  return check(files, values.target === undefined ? undefined : { target: values.target });
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
      },
    });
  } catch (error) {
    throw new BadUse(error instanceof Error ? error.message : String(error));
  }
}

/** What is given on the command line wins over the project file. */
async function check(
  files: readonly string[],
  given: { readonly target: readonly string[] } | undefined,
): Promise<number> {
  keepWasmSimple();
  const host = nodeHost(join(__dirname, ".."));
  const problems = readSettings(given).problems;
  if (problems.length > 0) throw new BadUse(problems.join("\n"));
  const core = await loadCore(host);
  const project = projects(host);
  let count = 0;
  let failed = false;
  for (const path of files) {
    try {
      const { findings, lines } = await checkFile(path, core, project, given);
      for (const finding of findings) print(renderFinding(path, finding, lines));
      count += findings.length;
    } catch (error) {
      complain(`${path}: ${reasonOf(error)}`);
      failed = true;
    }
  }
  if (count > 0)
    complain(
      `${count} ${count === 1 ? "finding" : "findings"} in ${files.length} ${files.length === 1 ? "file" : "files"}`,
    );
  return failed ? 2 : count > 0 ? 1 : 0;
}

async function checkFile(path: string, { syntax, kb }: Core, project: Projects, given: object | undefined) {
  const text = await readSource(path);
  const found = await project.of(pathToFileURL(path).href);
  if (found?.problem !== undefined) throw new Error(found.problem);
  const settings = readSettings(undefined, { ...asObject(found?.content), ...given });
  if (settings.problems.length > 0) throw new Error(`hookpoint.json: ${settings.problems.join(" ")}`);
  const { model, lines, parsed } = buildModel(text, syntax);
  try {
    const onCrash = (rule: string, error: unknown) => complain(`${path}: rule ${rule} failed: ${reasonOf(error)}`);
    return { findings: findingsOf(model, kb, settings, onCrash), lines };
  } finally {
    parsed.dispose();
  }
}

async function readSource(path: string): Promise<string> {
  const info = await stat(path);
  if (info.isDirectory()) throw new Error("is a folder; give the files in it");
  const bytes = await readFile(path);
  if (bytes.length > MAX_LENGTH) throw new Error(tooLargeMessage(bytes.length));
  if (bytes.includes(0)) throw new Error("is a binary file, not C source");
  // Editors hide a byte order mark, so positions must not count it either; TextDecoder drops it.
  return new TextDecoder().decode(bytes);
}

function renderFinding(path: string, { range, severity, message, rule, fixes }: Finding, lines: Lines): string {
  const { line, character } = range.start;
  const source = lines.textOf(line);
  const number = String(line + 1);
  const gutter = " ".repeat(number.length);
  const end = range.end.line === line ? range.end.character : source.length;
  // Tabs stay tabs under the line, so the underline stands right however wide the terminal makes them.
  const indent = source.slice(0, character).replace(/[^\t]/g, " ");
  const help = (fixes ?? []).map(({ title }) => ` ${gutter} = help: ${title}\n`).join("");
  return `${path}:${number}:${character + 1}: ${severity}: ${message} [${rule.id}]
 ${number} | ${source}
 ${gutter} | ${indent}${"^".repeat(Math.max(1, end - character))}
${help}`;
}

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { code } = error as NodeJS.ErrnoException;
  if (code === "ENOENT") return "there is no such file";
  if (code === "ELOOP") return "is a link that leads to itself";
  if (code === "EACCES") return "may not be read (permission denied)";
  return error.message;
}

function asObject(value: unknown): object {
  return typeof value === "object" && value !== null ? value : {};
}

function print(text: string): number {
  process.stdout.write(text);
  return 0;
}

function complain(text: string): void {
  process.stderr.write(`${text}\n`);
}

main(process.argv.slice(2)).then(
  (code) => {
    process.exitCode = code;
  },
  (error: unknown) => {
    complain(error instanceof BadUse ? `hookpoint: ${error.message}\n\n${USAGE}` : `hookpoint: ${reasonOf(error)}`);
    process.exitCode = 2;
  },
);
