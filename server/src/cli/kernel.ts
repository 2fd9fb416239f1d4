/** `hookpoint kernel PATH…`: the lowest kernel that a file's programs need, and why; over folders a table of files and targets. */

import { pathToFileURL } from "node:url";
import type { Target } from "../analysis/knowledge/target.ts";
import { type FileMinimum, type Minimum, minimumOf } from "../analysis/minimum/minimum.ts";
import { type OnTarget, onTarget } from "../analysis/minimum/on-target.ts";
import type { Reason } from "../analysis/minimum/reasons.ts";
import { loweredTexts, minimumText, reasonText, sinceText } from "../analysis/minimum/words.ts";
import { stat } from "../disk.ts";
import { findFiles } from "./paths.ts";
import {
  BadUse,
  complain,
  forEachFile,
  loadTools,
  settingsFor,
  settingsOf,
  show,
  type Tools,
  withModel,
} from "./source.ts";

/** Raised when a reader of an older shape could no longer make sense of the output. */
const KERNEL_FORMAT = 1;

/** What most people's machines run: Linux with longterm support, and the distributions with most of them. */
const USUAL: readonly string[] = [
  ...["4.19", "5.4", "5.10", "5.15", "6.1", "6.6", "6.12", "6.18"],
  ...["rhel-8.10", "rhel-9.6", "ubuntu-20.04", "ubuntu-22.04", "ubuntu-24.04", "debian-12", "amazon-2023-6.1"],
];

export interface KernelOptions {
  readonly format: "json" | "text";
  readonly target: readonly string[] | undefined;
}

interface Judged {
  readonly path: string;
  readonly found: FileMinimum;
  readonly targets: readonly (OnTarget & { readonly target: Target })[];
}

export async function kernel(names: readonly string[], { format, target }: KernelOptions): Promise<number> {
  const { files, problems } = await findFiles(names);
  const tools = await loadTools();
  const isTable = await hasFolder(names, files);
  const isJudged = isTable || target !== undefined || format === "json";
  const targets = isJudged ? await targetsOf(target ?? USUAL, tools) : [];
  const judged: Judged[] = [];
  const { failed } = await forEachFile(files, async (path) => {
    const { loader } = await settingsFor(pathToFileURL(path).href, tools, undefined);
    const one = await withModel(path, tools, ({ model }): Judged => {
      const found = minimumOf(model, tools.core.kb, loader);
      const answers = targets.map((one) => ({ target: one, ...onTarget(found, one, tools.core.kb, loader) }));
      return { path, found, targets: answers };
    });
    judged.push(one);
    if (format === "text" && !isTable) show(pageOf(one));
  });
  for (const problem of problems) complain(problem);
  if (format === "json") show(`${JSON.stringify({ format: KERNEL_FORMAT, files: judged.map(asJson) }, null, 2)}\n`);
  else if (isTable && judged.length > 0) show(tableOf(judged, targets));
  if (failed || problems.length > 0) return 2;
  // Who names kernels wants to know whether they will do.
  return target !== undefined && judged.some((one) => one.targets.some(({ answer }) => answer === "no")) ? 1 : 0;
}

async function targetsOf(labels: readonly string[], tools: Tools): Promise<readonly Target[]> {
  const { targets, problems } = await settingsOf({ target: labels }, tools);
  if (problems.length > 0) throw new BadUse(problems.join("\n"));
  return targets;
}

/** Whether more was meant than the files that were named. */
async function hasFolder(names: readonly string[], files: readonly string[]): Promise<boolean> {
  if (names.some((name) => !files.includes(name))) return true;
  const infos = await Promise.all(names.map((name) => stat(name).catch(() => undefined)));
  return infos.some((info) => info?.isDirectory() === true);
}

function pageOf({ path, found, targets }: Judged): string {
  const { programs, btf, asked, unknown } = found;
  const lines = [
    `${path}: ${minimumText(found)}`,
    ...chain(found, "  "),
    ...(btf === undefined
      ? []
      : [`  needs the kernel's description of its types (BTF) too: ${btf.what}, ${lineOf(btf)}`]),
    ...(programs.length < 2 ? [] : programs.flatMap(programLines)),
    ...(asked.length === 0 ? [] : [`  not counted, because something is asked first: ${namesOf(asked)}`]),
    ...(unknown.length === 0 ? [] : [`  not counted, because nothing tells what they are: ${unknown.join(", ")}`]),
    ...targets.map(({ target, answer, first }) => {
      const why = first === undefined ? "" : `: ${first.what}, ${lineOf(first)}: ${first.reason}`;
      return `  on ${target.label}: ${answer === "unknown" ? "not known" : answer}${why}`;
    }),
  ];
  return `${lines.join("\n")}\n`;
}

function programLines(program: FileMinimum["programs"][number]): readonly string[] {
  const { name, section, range, autoload } = program;
  const aside = autoload ? "" : " (loaded only when asked for)";
  return [
    `  program ${name}, SEC("${section}"), ${lineOf({ range })}: ${minimumText(program)}${aside}`,
    ...chain(program, "    "),
  ];
}

function chain({ reasons, lowered }: Minimum, indent: string): readonly string[] {
  const width = Math.max(0, ...reasons.map((reason) => sinceText(reason).length));
  return [
    ...reasons.map((reason) => `${indent}${sinceText(reason).padEnd(width)}  ${reasonText(reason)}`),
    ...loweredTexts(lowered).map((text) => `${indent}${text}`),
  ];
}

function lineOf({ range }: Pick<Reason, "range">): string {
  return `line ${range.start.line + 1}`;
}

function namesOf(reasons: readonly Reason[]): string {
  return [...new Set(reasons.map(({ what }) => what))].join(", ");
}

const MARKS = { yes: "✓", no: "✗", unknown: "?" } as const;

function tableOf(judged: readonly Judged[], targets: readonly Target[]): string {
  const heads = ["file", "minimum", ...targets.map(({ label }) => label), "because of"];
  const rows = judged.map(({ path, found, targets: answers }) => [
    path,
    found.release ?? (found.reasons.length === 0 ? "-" : "never"),
    ...answers.map(({ answer }) => MARKS[answer]),
    found.reasons[0] === undefined ? "" : reasonText(found.reasons[0]),
  ]);
  const widths = heads.map((head, n) => Math.max(head.length, ...rows.map((row) => row[n]?.length ?? 0)));
  const lines = [heads, ...rows].map((row) =>
    row
      .map((cell, n) => cell.padEnd(widths[n] ?? 0))
      .join("  ")
      .trimEnd(),
  );
  const key = "✓ has all that is needed, ✗ lacks something, ? not known: see the file alone with --target";
  return `${lines.join("\n")}\n${key}\n`;
}

/** Lines and columns from 1, as `hookpoint model` prints them. */
function asJson({ path, found, targets }: Judged): object {
  const { programs, asked, unknown } = found;
  return {
    path,
    ...minimumJson(found),
    programs: programs.map((program) => ({
      name: program.name,
      section: program.section,
      ...at(program.range),
      autoload: program.autoload,
      ...minimumJson(program),
    })),
    notCounted: asked.map(reasonJson),
    unknown,
    targets: targets.map(({ target, answer, first }) => ({
      target: target.label,
      answer,
      first: first === undefined ? null : { what: first.what, reason: first.reason, ...at(first.range) },
    })),
  };
}

function minimumJson({ release, perhaps, until, reasons, lowered, btf }: Minimum): object {
  return {
    minimum: release ?? null,
    perhaps: perhaps ?? null,
    until: until ?? null,
    btf: btf === undefined ? null : { what: btf.what, ...at(btf.range) },
    reasons: reasons.map(reasonJson),
    lowered: lowered.map((step) => ({
      minimum: step.release,
      without: step.without.map(({ what, range }) => ({ what, ...at(range) })),
      choice: step.isChoice === true,
    })),
  };
}

function reasonJson({ what, since, maybe, until, remark, range, places, programs, asks, source }: Reason): object {
  return {
    what,
    since: since ?? null,
    perhaps: maybe ?? null,
    until: until ?? null,
    remark: remark ?? null,
    feature: "kind" in asks ? { kind: asks.kind, name: asks.name } : null,
    ...at(range),
    places,
    programs,
    source,
  };
}

function at({ start }: Reason["range"]): { readonly line: number; readonly column: number } {
  return { line: start.line + 1, column: start.character + 1 };
}
