/** Rule: a map that nothing in the file uses. */

import { removeLines } from "../edits.ts";
import { isMainFile } from "../for-rules/file-kinds.ts";
import { mapsIn, memberOf, shortName } from "../for-rules/map-rules.ts";
import type { BpfModel } from "../model.ts";
import type { Report, Rule, RuleContext } from "../rule.ts";

/** Reached in other ways than by their name: programs are attached to maps of sockets. */
const USED_OTHERWISE = new Set(["ARENA", "STRUCT_OPS", "INSN_ARRAY", "SOCKMAP", "SOCKHASH"]);

export const unusedMap: Rule = {
  meta: {
    id: "unused-map",
    group: "maps",
    summary: "A map that no program of the file uses",
    rationale: `Every map of an object is created when that is loaded, used or not, and most take memory for all their entries at
once. A map that no code names is often a remainder. It may as well be there for user space alone, or for another object that
this one is linked with: then the hint can be allowed away. Pinned maps are left alone, and so are files with iterators, which walk
maps that user space names.`,
    severity: "hint",
    fix: "unsafe",
    examples: [
      {
        bad: `struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__type(key, __u32);
	__type(value, __u64);
	__uint(max_entries, 1);
} leftover SEC(".maps");
SEC("xdp")
int pass(struct xdp_md *ctx)
{
	return XDP_PASS;
}

char LICENSE[] SEC("license") = "GPL";`,
        good: `SEC("xdp")
int pass(struct xdp_md *ctx)
{
	return XDP_PASS;
}

char LICENSE[] SEC("license") = "GPL";`,
      },
    ],
  },

  *check(ctx: RuleContext): Iterable<Report> {
    const { model } = ctx;
    if (!isMainFile(model) || model.programs.some(({ section: { name } }) => /^\??iter/.test(name ?? "iter"))) return;
    for (const { definition, fact } of mapsIn(ctx)) {
      const { name, nameRange, isInner } = definition;
      if (isInner || fact === undefined || USED_OTHERWISE.has(shortName(fact))) continue;
      if (memberOf(definition, "pinning") !== undefined || isUsed(name, model)) continue;
      const map = model.maps.find((one) => one.name === name);
      const own = map && model.code.textOf(map.range);
      const isAlone = own?.match(/\bSEC\b/g)?.length === 1 && own.endsWith(";");
      yield {
        range: nameRange,
        message: `no program of this file uses map ${name}`,
        ...(map && isAlone && { fixes: [{ title: `Remove ${name}`, edits: [removeLines(map.range, model)] }] }),
      };
    }
  },
};

/** Whether the name stands anywhere else, even where it is not compiled; macros may paste names together. */
function isUsed(name: string, model: BpfModel): boolean {
  if (model.code.uses(name).length > 1) return true;
  const { text } = model.code;
  const word = new RegExp(`(?<!\\w)${name}(?!\\w)`, "g");
  return (
    (word.test(text) && word.test(text)) ||
    text.includes("##") ||
    model.isInHeaders(name) ||
    !model.includesOnly(NOT_OWN)
  );
}

/** Headers that know nothing of a file's maps. */
const NOT_OWN =
  /^(?:(?:linux|bpf|asm|net|sys|uapi|std\w+)[/.]|(?:.*\/)?(?:vmlinux|bpf_)[^/]*\.h$|(?:string|limits|errno)\.h$)/;
