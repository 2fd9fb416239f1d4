/** Markdown for what the editor shows: one shape for every kind of thing. */

import { prototypeOf } from "../analysis/knowledge/knowledge-base.ts";
import { hasSince, type Target } from "../analysis/knowledge/target.ts";
import type { Helper } from "../analysis/knowledge/types.ts";

/** Verdict for the targets first, then what it is, what it does, what goes wrong, an example, where to read on. */
export function renderHelper(helper: Helper, targets: readonly Target[]): string {
  const { note } = helper;
  return [
    verdict(helper.since, targets),
    codeBlock(prototypeOf(helper)),
    `BPF helper #${helper.id} · since Linux ${helper.since}`,
    note?.summary,
    note?.mistake && `**Watch out:** ${note.mistake}`,
    note?.example && codeBlock(note.example),
    links(helper),
  ]
    .filter((part) => part !== undefined && part !== "")
    .join("\n\n");
}

function verdict(since: string, targets: readonly Target[]): string {
  const missing = targets.filter((target) => !hasSince(target, since)).map(({ label }) => label);
  return missing.length === 0 ? "" : `⚠️ **Not on ${missing.join(", ")}**: first in ${since}`;
}

function links({ name, commit }: Helper): string {
  const page = `[docs.ebpf.io](https://docs.ebpf.io/linux/helper-function/${name}/)`;
  return commit === undefined ? page : `${page} · [kernel commit](https://git.kernel.org/linus/${commit})`;
}

function codeBlock(code: string): string {
  return `\`\`\`c\n${code}\n\`\`\``;
}
