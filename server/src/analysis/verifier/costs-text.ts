/** Costs as text, for terminals: the dearest lines, and what changed since the last run. */

import { counted } from "./cost-text.ts";
import type { CostChange, Costs, LineCost } from "./costs.ts";

/** @param shown how a file is named where the reader is */
export function costsText({ processed, lines }: Costs, shown: (file: string) => string, most = 10): string {
  if (lines.length === 0) return "";
  const rows = lines
    .slice(0, most)
    .map((one) => [percent(one.share), times(one), `${shown(one.file)}:${one.line}`, one.text]);
  const rest = lines.length - rows.length;
  const head = `${counted(processed, "instruction")} looked at; the dearest lines:`;
  return [head, ...table(rows), ...(rest > 0 ? [`  and ${rest} more`] : [])].join("\n");
}

export function changesText(changes: readonly CostChange[], shown: (file: string) => string, most = 10): string {
  if (changes.length === 0) return "";
  const rows = changes.slice(0, most).map(({ line, before, after }) => {
    const difference = (after ?? 0) - (before ?? 0);
    const what = before === undefined ? "new" : after === undefined ? "gone" : `${before} to ${after}`;
    return [`${difference > 0 ? "+" : ""}${difference}`, what, `${shown(line.file)}:${line.line}`, line.text];
  });
  return ["instructions looked at, since the last run:", ...table(rows)].join("\n");
}

const percent = (share: number): string => `${(share * 100).toFixed(1)} %`;
const times = ({ processed, visits }: LineCost): string =>
  `${counted(processed, "instruction")} in ${counted(visits, "visit")}`;

/** The first columns end at one place. */
function table(rows: readonly (readonly string[])[]): readonly string[] {
  const width = (column: number): number => Math.max(...rows.map((row) => row[column]?.length ?? 0));
  const [first, second, third] = [width(0), width(1), width(2)];
  return rows.map(([a = "", b = "", c = "", text = ""]) =>
    `  ${a.padStart(first)}  ${b.padEnd(second)}  ${c.padEnd(third)}  ${text}`.trimEnd(),
  );
}
