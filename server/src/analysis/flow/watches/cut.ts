/** Watch: a pointer keeps all of its bytes where it lies on the stack. */

import { numberType, readType } from "../ctypes.ts";
import type { Thing, ThingKind } from "../values.ts";
import type { CallEvent, On, StoreEvent, Watch } from "../watch.ts";

interface Cut {
  /** The variable that has too few bytes. */
  readonly to: Thing;
  readonly of: Thing;
  readonly node: StoreEvent["node"];
  readonly size: number;
}

const NONE: readonly Cut[] = [];

export const cut: Watch<readonly Cut[]> = {
  name: "cut",
  start: () => NONE,
  key: (slot, nameOf) => (slot === NONE ? "" : slot.map(({ to }) => nameOf(to.id)).join(" ")),
  store: ({ pointer, value, node }, on) => {
    if (value.kind === "pointer") written(pointer, value.thing, node, on);
    else if (on.slot !== NONE && pointer.kind === "pointer" && node.end > 0)
      on.slot = on.slot.filter(({ to }) => to !== pointer.thing);
  },
  call: (event, on) => {
    if (on.slot !== NONE && event.helper !== undefined) given(event, on);
    return undefined;
  },
};

/** What the verifier surely takes for a pointer. */
const POINTERS: ReadonlySet<ThingKind> = new Set([
  "packet",
  "packet end",
  "packet metadata",
  "context",
  "map value",
  "map",
  "record",
  "socket",
  "memory",
  "variable",
]);
const POINTER_SIZE = 8;

function written(pointer: StoreEvent["pointer"], of: Thing, node: StoreEvent["node"], on: On<readonly Cut[]>): void {
  if (pointer.kind !== "pointer" || pointer.path !== "" || pointer.added.length > 0) return;
  const { thing: to } = pointer;
  const { declaration, type = "" } = to.variable ?? {};
  if (declaration === undefined || declaration.dimensions.length > 0) return;
  const before = on.slot.some((one) => one.to === to) ? on.slot.filter((one) => one.to !== to) : on.slot;
  const { types } = on.walk.model;
  const { width = POINTER_SIZE } = POINTERS.has(of.kind) ? numberType(readType(spelled(type, on), types), types) : {};
  on.slot = width < POINTER_SIZE ? [...before, { to, of, node, size: width }] : before;
}

/** `typeof(n)` of macros: what `n` is, where there is one. */
function spelled(type: string, { path }: On<readonly Cut[]>): string {
  const name = TYPE_OF.exec(type)?.[1];
  if (name === undefined) return type;
  const known = path.frame.routine.graph.variables.filter((one) => one.name === name);
  return known.length === 1 ? (known[0]?.type ?? type) : type;
}

const TYPE_OF = /^(?:__)?typeof(?:__)?\s*\(\s*\(?\s*(\w+)\s*\)?\s*\)$/;

/** A function is given the address of the variable: then it lies on the stack. */
function given({ args }: CallEvent, on: On<readonly Cut[]>): void {
  for (const arg of args) {
    if (arg.kind !== "pointer" || arg.thing.kind !== "variable") continue;
    const found = on.slot.find(({ to }) => to === arg.thing);
    if (found === undefined) continue;
    const { to, of, node, size } = found;
    const at = node.kind === "declaration" ? node.nameSpan : node;
    on.walk.report(on.path, {
      kind: "pointer cut",
      span: { start: at.start, end: at.end },
      about: to.name,
      thing: of,
      facts: { size, what: of.kind, from: of.source.name },
    });
    on.slot = on.slot.filter((one) => one !== found);
  }
}
