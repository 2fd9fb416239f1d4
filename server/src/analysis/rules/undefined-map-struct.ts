/** Rule: a key or value of a structure that nothing defines. */

import { replace } from "../edits.ts";
import { isMainFile } from "../for-rules/file-kinds.ts";
import { mapsIn } from "../for-rules/map-rules.ts";
import { KNOWN_INCLUDES } from "../kernel-headers.ts";
import type { BpfModel } from "../model.ts";
import type { Report, Rule, RuleContext } from "../rule.ts";
import { nearest } from "../spelling.ts";

/** Structures of the headers that are not followed. */
const OF_THE_KERNEL = /^(?:_|bpf_|btf_|xdp_|sk_|in6?_|sockaddr)/;

export const undefinedMapStruct: Rule = {
  meta: {
    id: "undefined-map-struct",
    group: "maps",
    summary: "A key or value of a structure that nothing defines",
    rationale: `clang does not notice that the structure of a key or value is defined nowhere; libbpf does, and refuses the file.
\`__type(value, struct x)\` makes a pointer to \`struct x\`, and C allows that for a structure that was never defined. libbpf
asks for its size: \`can't determine value size for type\`. Reported only where all that the file includes was read.`,
    severity: "error",
    fix: "unsafe",
    examples: [
      {
        bad: `#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct event {
	__u32 pid;
};

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__type(key, __u32);
	__type(value, struct evnt);
	__uint(max_entries, 1024);
} events SEC(".maps");

SEC("xdp")
int pass(struct xdp_md *ctx)
{
	return XDP_PASS;
}

char LICENSE[] SEC("license") = "GPL";`,
        good: `#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct event {
	__u32 pid;
};

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__type(key, __u32);
	__type(value, struct event);
	__uint(max_entries, 1024);
} events SEC(".maps");

SEC("xdp")
int pass(struct xdp_md *ctx)
{
	return XDP_PASS;
}

char LICENSE[] SEC("license") = "GPL";`,
        refused: { by: "libbpf", says: "map 'events': can't determine value size for type" },
      },
    ],
  },

  *check(ctx: RuleContext): Iterable<Report> {
    const { model } = ctx;
    if (!isMainFile(model) || model.includes.length === 0 || !model.includesOnly(KNOWN_INCLUDES)) return;
    for (const { definition } of mapsIn(ctx)) {
      for (const { name, macro, value, valueRange } of definition.members) {
        if (macro !== "__type" || (name !== "key" && name !== "value")) continue;
        const [type, tag = "", word = ""] = /^(struct|union)\s+([A-Za-z]\w*)$/.exec(value) ?? [];
        if (type === undefined || !isUndefined(tag, word, model)) continue;
        const meant = nearest(word, definedLike(tag, model));
        yield {
          range: valueRange,
          message: `${tag} ${word} is defined nowhere, so the ${name} has no size${meant === undefined ? "" : `; write ${tag} ${meant}`}`,
          ...(meant !== undefined && {
            fixes: [{ title: `Change to ${tag} ${meant}`, edits: [replace(valueRange, `${tag} ${meant}`)] }],
          }),
        };
      }
    }
  },
};

function isUndefined(tag: string, word: string, model: BpfModel): boolean {
  const type = `${tag} ${word}`;
  return (
    !OF_THE_KERNEL.test(word) &&
    model.layoutOf(type) === undefined &&
    model.recordOf(type) === undefined &&
    !model.code.directives().some(({ body }) => body.includes(word))
  );
}

/** The names behind `struct` in the file that it defines. */
function definedLike(tag: string, { code, recordOf }: BpfModel): readonly string[] {
  return [...code.names()].filter((name) => recordOf(`${tag} ${name}`) !== undefined);
}
