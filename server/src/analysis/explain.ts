/** A rule in words, as Markdown: its page in the documentation, in the editor and on a terminal. */

import type { Example, RuleMeta } from "./rule.ts";
import { type Said, said } from "./said.ts";

export function explain(meta: RuleMeta, known = said): string {
  const { id, summary, rationale, examples } = meta;
  return `${[
    `# ${id}`,
    `${summary}.`,
    factsOf(meta),
    rationale,
    ...examples.map((example) => exampleText(example, meta)),
    ...saidText(known[id] ?? []),
    `To allow it, write \`// hookpoint: allow ${id}\` above the line or the block, or behind the code; \`allow-file\` speaks of
the whole file. Another severity, or \`"off"\`, goes into \`hookpoint.json\`: \`{ "rules": { "${id}": "off" } }\`.`,
  ].join("\n\n")}\n`;
}

/** `Severity: error · fix: safe · for kernels from 5.5`. */
export function factsOf({ severity, off, fix, since, bpflint }: RuleMeta): string {
  return [
    off === true ? "Off unless asked for" : `Severity: *${severity}*`,
    FIXES[fix],
    since === undefined ? undefined : `once every target is Linux *${since}* or newer`,
    bpflint === undefined ? undefined : `bpflint calls it \`${bpflint}\``,
  ]
    .filter((part) => part !== undefined)
    .join(" · ");
}

/** What somebody searches for who has it before him, and where it is explained. */
function saidText(messages: readonly Said[]): readonly string[] {
  if (messages.length === 0) return [];
  const lines = messages.map(({ family, text }) => `- \`${text}\` (\`hookpoint explain ${family}\`)`);
  return [`Where it is built and loaded all the same, this is said, or something like it:\n\n${lines.join("\n")}`];
}

const FIXES: Readonly<Record<RuleMeta["fix"], string>> = {
  none: "no fix",
  safe: "fix: *safe*, `--fix` applies it",
  unsafe: "fix: *unsafe*, look at it; `--fix --unsafe` applies it",
};

function exampleText({ bad, good, refused, target, loader, arch }: Example, { fix }: RuleMeta): string {
  const when = [target && `target ${target}`, loader && `loader ${loader}`, arch && `processor ${arch}`].filter(
    Boolean,
  );
  const found = when.length === 0 ? "Found:" : `Found, with ${when.join(", ")}:`;
  const who = refused?.on === undefined ? refused && REFUSERS[refused.by] : `Linux ${refused.on} refuses it`;
  const said = refused === undefined ? "" : `\n\n${who}:\n\n\`\`\`text\n${refused.says}\n\`\`\``;
  const instead = fix === "none" ? "Better:" : "Fixed:";
  return `${found}\n\n${codeBlock(bad)}${said}\n\n${instead}\n\n${codeBlock(good)}`;
}

const REFUSERS = { clang: "clang refuses it", libbpf: "libbpf refuses it", kernel: "The kernel refuses it" };

function codeBlock(code: string): string {
  return `\`\`\`c\n${code}\n\`\`\``;
}
