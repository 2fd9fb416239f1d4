/** Watch: what a helper is given lies where that helper looks for it: a lock in a map, a record in a ring buffer. */

import type { ParamKind } from "../../knowledge/types.ts";
import type { Global } from "../../model.ts";
import { keptMarks } from "../special.ts";
import type { Thing, ThingKind, Value } from "../values.ts";
import type { Walk, Watch } from "../watch.ts";

export const places: Watch<undefined> = {
  name: "places",
  start: () => undefined,
  call: ({ call, args, helper }, { walk, path }) => {
    // Said of the lock, it need not be said of its end.
    if (helper === undefined || call.name === "bpf_spin_unlock") return undefined;
    for (let i = 0; i < args.length; i++) {
      const kind = helper.params[i]?.kind;
      const wrong = kind && WRONG.get(kind);
      const arg = args[i];
      const node = call.args[i];
      if (kind === "per-CPU pointer" && node !== undefined && isReadFromObject(arg, walk)) {
        const span = { start: node.start, end: node.end };
        walk.report(path, {
          kind: "wrong place",
          span,
          about: call.name,
          node,
          facts: { wanted: kind, given: "field" },
        });
        continue;
      }
      if (kind === undefined || wrong === undefined || arg?.kind !== "pointer" || node === undefined) continue;
      const { thing } = arg;
      if (!wrong.has(thing.kind) || path.isNull(thing) === "maybe" || !isSure(thing, kind, walk)) continue;
      walk.report(path, {
        kind: "wrong place",
        span: { start: node.start, end: node.end },
        about: call.name,
        node,
        thing,
        facts: { wanted: kind, given: thing.kind },
      });
    }
    return undefined;
  },
};

/** What stands in an object of the program's own is a number to the verifier, whatever C calls it, unless it is kept there. */
function isReadFromObject(value: Value | undefined, { model }: Walk): boolean {
  const source = value?.kind === "pointer" ? value.thing.source : value?.kind === "number" ? value.source : undefined;
  if (source?.kind !== "load" || source.from !== "object") return false;
  return !keptMarks({ model }).has(source.name.replace(/^\./, ""));
}

const kinds = (...names: readonly ThingKind[]): ReadonlySet<ThingKind> => new Set(names);

/** Where something of a kind surely is not. */
const WRONG: ReadonlyMap<ParamKind, ReadonlySet<ThingKind>> = new Map([
  ["spin lock", kinds("variable", "packet", "context", "record", "memory")],
  ["timer", kinds("variable", "packet", "context", "record", "memory", "object")],
  ["dynptr", kinds("map value", "global", "packet", "context", "record")],
  ["ring buffer record", kinds("variable", "map value", "global", "packet", "context", "memory", "object")],
  ["per-CPU pointer", kinds("variable", "map value", "global", "packet", "context", "record", "memory", "object")],
  ["kernel pointer", kinds("variable", "map value", "global", "packet", "record")],
]);

function isSure({ kind, name, source }: Thing, wanted: ParamKind, { model }: Walk): boolean {
  // What bpf_percpu_obj_new() makes is one of each CPU.
  if (kind === "object") return wanted !== "per-CPU pointer" || !/percpu/.test(source.name);
  if (kind !== "global") return true;
  // Variables of the kernel's are declared like the file's own.
  return model.globals.some((one) => one.name === name && isOwn(one));
}

function isOwn({ kind, section }: Global): boolean {
  return kind === "section" ? /^\.(?:data|bss|rodata)\b/.test(section?.name ?? "") : /^(?:data|bss|rodata)$/.test(kind);
}
