/** Watch: pointers that may be NULL are asked about before they are used. */

import type { Path } from "../path.ts";
import type { Expression } from "../tree.ts";
import type { PointerValue, Value } from "../values.ts";
import type { On, Watch } from "../watch.ts";

export const nullness: Watch<undefined> = {
  name: "nullness",
  start: () => undefined,
  access: ({ pointer, node, isWrite }, on) => {
    if (isMissing(pointer, on.path)) tell("null used", pointer, node, isWrite ? "write" : "read", on);
  },
  arithmetic: ({ operator, pointer, node, other }, on) => {
    // Something added to nothing is refused at once; a difference of two is only a number.
    if (other.kind === "number" && (operator === "+" || operator === "-") && isMissing(pointer, on.path))
      tell("null moved", pointer, node, operator, on);
  },
  call: ({ call, args, helper, kfunc, isUnknown }, on) => {
    if (isUnknown) return undefined;
    args.forEach((arg, i) => {
      const node = call.args[i];
      if (node === undefined || !isMissing(arg, on.path) || on.path.isNull(arg.thing) !== "maybe") return;
      const param = (helper?.params ?? kfunc?.params)?.[i];
      // Whether a function of the kernel takes NULL is not known of all.
      if (helper === undefined || param?.kind === undefined || param.optional === true || ANY.has(param.kind)) return;
      tell("null given", arg, node, call.name, on);
    });
    return undefined;
  },
};

/** Kinds of arguments of which the verifier asks no more than that it is a number, or that take NULL. */
const ANY: ReadonlySet<string> = new Set(["number", "kptr", "constant", "size", "function"]);

function isMissing(value: Value, path: Path): value is PointerValue {
  if (value.kind !== "pointer") return false;
  const state = path.isNull(value.thing);
  return state === "maybe" || (state === "null" && value.thing.nullness === "maybe");
}

function tell(kind: string, pointer: PointerValue, node: Expression, how: string, { walk, path }: On<undefined>): void {
  const { thing } = pointer;
  walk.report(path, {
    kind,
    span: { start: node.start, end: node.end },
    about: thing.source.name,
    node,
    thing,
    facts: { how, isNull: path.isNull(thing) === "null" },
    story: [{ span: thing.source.span, message: "it comes from here" }],
  });
  // One report is enough.
  path.nullness.set(thing.id, "never");
}
