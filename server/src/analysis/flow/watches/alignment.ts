/** Watch: atomic operations are made on numbers that lie where a number of their size may lie. */

import { parentsOf } from "../parents.ts";
import type { ThingKind } from "../values.ts";
import type { AccessEvent, On, Watch } from "../watch.ts";

export const alignment: Watch<undefined> = {
  name: "alignment",
  start: () => undefined,
  access: (event, on) => {
    const { pointer, offset, size } = event;
    if (!event.isWrite || pointer.kind !== "pointer" || offset === undefined || (size !== 4 && size !== 8)) return;
    if (offset % size === 0 || pointer.added.length > 0 || !ALIGNED.has(pointer.thing.kind)) return;
    const callee = atomicOf(event, on);
    if (callee === undefined) return;
    const { node } = event;
    on.walk.report(on.path, {
      kind: "misaligned atomic",
      span: { start: node.start, end: node.end },
      about: pointer.thing.lookup?.map ?? "",
      node,
      thing: pointer.thing,
      facts: { callee, offset, size },
    });
  },
};

/** What begins at a multiple of eight. */
const ALIGNED: ReadonlySet<ThingKind> = new Set(["map value", "record"]);

const ATOMIC = /^__(?:sync|atomic)_/;

/** The function of the compiler's that is given the address; all other accesses may lie anywhere. */
function atomicOf({ node }: AccessEvent, { path }: On<undefined>): string | undefined {
  const around = parentsOf(node, path.frame.routine.body).find(({ kind }) => kind !== "cast");
  return around?.kind === "call" && ATOMIC.test(around.name) ? around.name : undefined;
}
