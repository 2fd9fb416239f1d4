/** Feature: the page that tells which kernel a file's programs need at least, and why. */

import type { KnowledgeBase } from "../analysis/knowledge/knowledge-base.ts";
import { type FileMinimum, type Minimum, minimumOf } from "../analysis/minimum/minimum.ts";
import type { Reason } from "../analysis/minimum/reasons.ts";
import { loweredTexts, minimumText, reasonText, sinceText } from "../analysis/minimum/words.ts";
import type { Snapshot } from "../analysis/snapshot.ts";

export function minimumKernel(
  { model, uri }: Snapshot,
  kb: KnowledgeBase,
  { loader }: { readonly loader: string },
): { readonly minimum: FileMinimum; readonly page: string } {
  const minimum = minimumOf(model, kb, loader);
  return { minimum, page: minimumPage(nameIn(uri), minimum) };
}

function nameIn(uri: string): string {
  return decodeURIComponent(uri.slice(uri.lastIndexOf("/") + 1));
}

/** @returns Markdown */
export function minimumPage(name: string, found: FileMinimum): string {
  const { programs, asked, unknown, btf } = found;
  const parts = [
    `# Minimum kernel of ${escaped(name)}`,
    summary(found),
    ...(btf === undefined
      ? []
      : [
          `It also needs the kernel's description of its types (BTF), for ${code(btf.what)}: that of the kernel, or a file.`,
        ]),
    ...chain(found),
    ...(programs.length < 2 ? [] : programs).flatMap((program) => [
      `## ${escaped(program.name)}`,
      `\`SEC("${program.section}")\`, line ${program.range.start.line + 1}: **${minimumText(program)}**${program.autoload ? "" : "; it is loaded only when asked for, and does not count for the file"}`,
      ...chain(program),
    ]),
    ...(asked.length === 0 ? [] : ["## Not counted", NOT_COUNTED, table(asked)]),
    ...(unknown.length === 0 ? [] : [`Nothing tells what programs these are: ${unknown.map(code).join(", ")}.`]),
  ];
  return `${parts.join("\n\n")}\n`;
}

function summary(found: FileMinimum): string {
  if (found.release !== undefined)
    return `**${minimumText(found)}** is the lowest kernel that has all the file needs to be loaded.`;
  return found.reasons.length === 0
    ? "Nothing in it is known to need a kernel."
    : "**No release of Linux** has all the file needs to be loaded.";
}

const NOT_COUNTED =
  "The file asks before it uses these, by a question about the kernel or by a value that is set before the load. Kernels without them may do.";

function chain({ reasons, lowered }: Minimum): readonly string[] {
  if (reasons.length === 0) return [];
  const steps = loweredTexts(lowered).map((text) => `- ${escaped(text)}`);
  return [table(reasons), ...(steps.length === 0 ? [] : [`What would lower it:\n\n${steps.join("\n")}`])];
}

function table(reasons: readonly Reason[]): string {
  const rows = reasons.map((reason) => `| ${sinceText(reason)} | ${escaped(reasonText(reason))} |`);
  return ["| since | what |", "| --- | --- |", ...rows].join("\n");
}

function code(text: string): string {
  return `\`${text.replaceAll("`", "")}\``;
}

/** Names have underscores, and types stars. */
function escaped(text: string): string {
  return text.replace(/[\\`*_<>[\]|]/g, "\\$&");
}
