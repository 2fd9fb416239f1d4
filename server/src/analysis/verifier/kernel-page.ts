/** What several kernels say of the same programs, as a page to read. */

import type { Answer } from "./answer.ts";
import { answerPage, type LinkTo } from "./answer-page.ts";
import { differing, type KernelColumn, kernelRows, kernelTable } from "./kernel-table.ts";

/** @param name of what was verified */
export function kernelPage(name: string, columns: readonly KernelColumn[], linkTo: LinkTo): string {
  const rows = kernelRows(columns);
  const parts = [
    `# ${name} on ${columns.length === 1 ? "1 kernel" : `${columns.length} kernels`}`,
    summaryOf(columns),
    kernelTable(rows, linkTo),
  ];
  for (const { kernel, problem } of columns)
    if (problem !== undefined) parts.push(`## ${kernel} could not be asked`, problem);
  for (const { answer, kernels } of answersOf(columns))
    parts.push(
      answerPage(answer, linkTo)
        .replace("# ", "## ")
        .replace("\n\n", `\n\nOn ${kernels.join(", ")}.\n\n`),
    );
  return `${parts.join("\n\n")}\n`;
}

function summaryOf(columns: readonly KernelColumn[]): string {
  const rows = kernelRows(columns.filter(({ problem }) => problem === undefined));
  const different = differing(rows);
  if (different.size > 0)
    return `The kernels differ on ${[...different].map((program) => `\`${program}\``).join(", ")}.`;
  const refused = rows.filter(({ verdict }) => verdict === "refused").length;
  if (rows.length === 0) return "No kernel could be asked.";
  return refused === 0
    ? "All programs are accepted by all of them."
    : "The kernels agree on which programs they refuse.";
}

/** What several kernels say alike is shown once. */
function answersOf(columns: readonly KernelColumn[]) {
  const all = new Map<string, { readonly answer: Answer; readonly kernels: string[] }>();
  for (const { kernel, programs, answers } of columns)
    for (const answer of [...answers, ...programs.flatMap((program) => program.answers)]) {
      const key = JSON.stringify([answer.said, answer.place?.file, answer.place?.line, answer.title]);
      const known = all.get(key);
      if (known === undefined) all.set(key, { answer, kernels: [kernel] });
      else if (!known.kernels.includes(kernel)) known.kernels.push(kernel);
    }
  return all.values();
}
