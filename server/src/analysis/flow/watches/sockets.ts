/** Watch: of a socket that may be a small one, for a connection that is being made or is over, only the common fields are read. */

import type { Thing } from "../values.ts";
import type { Walk, Watch } from "../watch.ts";

export const sockets: Watch<undefined> = {
  name: "sockets",
  start: () => undefined,
  access: ({ pointer, node, field, isWrite }, { walk, path }) => {
    if (pointer.kind !== "pointer" || pointer.thing.kind !== "socket" || isWrite || !OF_FULL.has(field)) return;
    if (!isCommon(pointer.thing, walk)) return;
    walk.report(path, {
      kind: "field of a full socket",
      span: { start: node.start, end: node.end },
      about: field,
      node,
      thing: pointer.thing,
      facts: { from: pointer.thing.source.name },
    });
  },
};

/** bpf_sock_common_is_valid_access() of linux:net/core/filter.c */
const OF_FULL: ReadonlySet<string> = new Set(["type", "protocol", "mark", "priority"]);

/** `skb->sk`, and what is looked up without asking for a full one. */
function isCommon({ source: { kind, name, from } }: Thing, { kb, root: { meaning } }: Walk): boolean {
  if (kind === "call") return name === "bpf_skc_lookup_tcp";
  if (kind !== "load" || from !== "context" || meaning === undefined) return false;
  const field = name.replace(/^\./, "");
  const fields = kb.context(kb.programType(meaning.kind.progType)?.context ?? "")?.fields;
  return fields?.some((one) => one.name === field && one.pointer === "common socket fields or null") === true;
}
