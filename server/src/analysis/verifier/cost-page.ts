/** What an accepted program costs, as a page: what the verifier counted, and the lines that it came by most. */

import type { ProgramAnswer, Stats } from "./answer.ts";
import { changeText, number } from "./cost-text.ts";
import type { Heat } from "./heat.ts";

export interface CostAround {
  /** "Linux 6.18.44 on this machine" */
  readonly kernel: string;
  /** Of the run that it is compared with. */
  readonly before: Stats | undefined;
  /** The dearest first, with where to find each, as Markdown. */
  readonly lines: readonly (Heat & { readonly link: string })[];
}

/** More are not looked at by anybody. */
const MOST = 40;

export function costPage({ name, section, stats = {}, log }: ProgramAnswer, around: CostAround): string {
  const { kernel, before = {}, lines } = around;
  const counts = COUNTS.flatMap(({ what, of, unit }) => {
    const value = stats[of];
    if (typeof value !== "number") return [];
    const former = before[of];
    const limit = of === "processed" && stats.limit !== undefined ? ` of ${number(stats.limit)}` : "";
    const change = typeof former === "number" ? changeText(value, former) : undefined;
    return [
      `| ${what} | ${number(value)}${limit}${unit} | ${change === undefined ? "" : `${change} (${number(former as number)})`} |`,
    ];
  });
  const stack = stats.stackDepth?.join(" + ");
  const parts = [
    `# ${name ?? "Program"}`,
    `${section === undefined ? "It" : `\`${section}\``} is accepted by ${kernel}.`,
    ...(counts.length === 0 && stack === undefined
      ? []
      : [
          [
            "| The verifier counted | | |\n| --- | ---: | --- |",
            ...counts,
            ...(stack === undefined
              ? []
              : [`| Stack, the program and then each function that it calls | ${stack} bytes | |`]),
          ].join("\n"),
        ]),
    ...linesParts(lines),
    ...(log.trim() === "" ? [] : [`## Log\n\n\`\`\`text\n${log.trim().slice(-4000)}\n\`\`\``]),
  ];
  return `${parts.join("\n\n")}\n`;
}

const COUNTS = [
  { what: "Instructions processed, over all paths", of: "processed", unit: "" },
  { what: "States", of: "totalStates", unit: "" },
  { what: "States kept at once, at most", of: "peakStates", unit: "" },
  { what: "States of one instruction, at most", of: "maxStatesPerInstruction", unit: "" },
  { what: "Time", of: "verificationMicroseconds", unit: " µs" },
] as const;

function linesParts(lines: CostAround["lines"]): readonly string[] {
  if (lines.length === 0) return [];
  const rows = lines
    .slice(0, MOST)
    .map(({ link, words, text }) => `| ${link} | ${words} | ${text.trim() === "" ? "" : cell(text.trim())} |`);
  return [`## Lines\n\n| Line | Looked at | |\n| --- | --- | --- |\n${rows.join("\n")}`];
}

/** Code in a table, whatever is in it. */
function cell(code: string): string {
  const longest = Math.max(0, ...[...code.matchAll(/`+/g)].map(([ticks]) => ticks.length));
  const ticks = "`".repeat(longest + 1);
  const space = longest === 0 ? "" : " ";
  return `${ticks}${space}${code.replaceAll("|", "\\|")}${space}${ticks}`;
}
