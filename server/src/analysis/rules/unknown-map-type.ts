/** Rule: a map type that is none, though nearly one. */

import { replace } from "../edits.ts";
import { mapsIn, memberOf } from "../for-rules/map-rules.ts";
import type { Report, Rule, RuleContext } from "../rule.ts";
import { nearest } from "../spelling.ts";

const PREFIX = "BPF_MAP_TYPE_";

export const unknownMapType: Rule = {
  meta: {
    id: "unknown-map-type",
    group: "maps",
    summary: "A map type that does not exist",
    rationale: `To clang a map type that the kernel's header does not have is an undeclared identifier, which it refuses.
The types are names of \`enum bpf_map_type\`, and some are easily taken for another: the ring buffer is
\`BPF_MAP_TYPE_RINGBUF\` in one word, the per-CPU types begin with \`PERCPU\`, also in one word, and the LPM trie has an
underscore in its name.`,
    severity: "error",
    fix: "unsafe",
    saidByC: true,
    examples: [
      {
        bad: `struct {
	__uint(type, BPF_MAP_TYPE_RING_BUF);
	__uint(max_entries, 256 * 1024);
} events SEC(".maps");`,
        good: `struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 256 * 1024);
} events SEC(".maps");`,
        refused: { by: "clang", says: "use of undeclared identifier 'BPF_MAP_TYPE_RING_BUF'" },
      },
    ],
  },

  *check(ctx: RuleContext): Iterable<Report> {
    const { model, kb } = ctx;
    for (const { definition, fact } of mapsIn(ctx)) {
      const member = memberOf(definition, "type");
      if (member === undefined || fact !== undefined || model.redefines(member.value)) continue;
      if (!/^(?:BPF_MAP_[A-Z]|MAP_TYPE_)\w*$/.test(member.value) || model.valueOf(member.value) !== undefined) continue;
      const name = meantBy(
        member.value,
        kb.facts.mapTypes.map((type) => type.name),
      );
      if (name === undefined) continue;
      yield {
        range: member.valueRange,
        message: `there is no map type ${member.value}; write ${name}`,
        fixes: [{ title: `Change to ${name}`, edits: [replace(member.valueRange, name)] }],
      };
    }
  },
};

function meantBy(written: string, names: readonly string[]): string | undefined {
  if (written.startsWith("MAP_")) return names.find((name) => name === `BPF_${written}`);
  // Of a name with the right beginning only the rest is compared: that is long, and the same everywhere.
  if (!written.startsWith(PREFIX)) {
    const whole = written.replace("BPF_MAP_", PREFIX);
    return names.includes(whole) ? whole : nearest(written, names);
  }
  // What is one in the code of user space is a HASH_MAP, too.
  const bare = written.replace(/_?MAP$/, "");
  if (names.includes(bare)) return bare;
  const meant = nearest(
    written.slice(PREFIX.length),
    names.map((name) => name.slice(PREFIX.length)),
  );
  return meant === undefined ? undefined : `${PREFIX}${meant}`;
}
