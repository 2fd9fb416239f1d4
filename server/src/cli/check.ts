/** `hookpoint check FILE…`: prints findings. */

import type { Finding } from "../analysis/lint.ts";
import type { Lines } from "../analysis/text.ts";
import { findingsOf } from "../core.ts";
import {
  BadUse,
  complain,
  forEachFile,
  loadTools,
  print,
  reasonOf,
  settingsFor,
  settingsOf,
  withModel,
} from "./source.ts";

export async function check(files: readonly string[], target: readonly string[] | undefined): Promise<number> {
  const given = target === undefined ? undefined : { target };
  const tools = await loadTools();
  const { problems } = await settingsOf({ ...given }, tools);
  if (problems.length > 0) throw new BadUse(problems.join("\n"));
  let count = 0;
  const { failed } = await forEachFile(files, async (path) => {
    const settings = await settingsFor(path, tools, given);
    const onCrash = (rule: string, error: unknown) => complain(`${path}: rule ${rule} failed: ${reasonOf(error)}`);
    await withModel(path, tools, ({ model, lines }) => {
      const findings = findingsOf(model, tools.core.kb, settings, onCrash);
      for (const finding of findings) print(renderFinding(path, finding, lines));
      count += findings.length;
    });
  });
  if (count > 0) complain(`${counted(count, "finding")} in ${counted(files.length, "file")}`);
  return failed ? 2 : count > 0 ? 1 : 0;
}

function counted(n: number, what: string): string {
  return `${n} ${what}${n === 1 ? "" : "s"}`;
}

const MAX_LINE = 240;
const MAX_BEFORE = 160;

function renderFinding(path: string, { range, severity, message, rule, fixes }: Finding, lines: Lines): string {
  const { line, character } = range.start;
  const whole = lines.textOf(line);
  // Generated files may be one line: what is far from the finding is not shown.
  const from = character > MAX_BEFORE ? character - MAX_BEFORE : 0;
  const source = whole.slice(from, from + MAX_LINE);
  const number = String(line + 1);
  const gutter = " ".repeat(number.length);
  const column = character - from;
  const end = Math.min(range.end.line === line ? range.end.character - from : source.length, source.length);
  // Tabs stay tabs under the line, so the underline stands right however wide the terminal makes them.
  const indent = source.slice(0, column).replace(/[^\t]/g, " ");
  const help = (fixes ?? []).map(({ title }) => ` ${gutter} = help: ${title}\n`).join("");
  return `${path}:${number}:${character + 1}: ${severity}: ${message} [${rule.id}]
 ${number} | ${source}
 ${gutter} | ${indent}${"^".repeat(Math.max(1, end - column))}
${help}`;
}
