/** Helpers and kfuncs that a file calls through functions of its headers, as far as these surely come to them. */

import { perModel } from "../for-rules/per-model.ts";
import type { Use } from "../for-rules/uses.ts";
import type { Header } from "../header.ts";
import type { Asked } from "./need.ts";

/** A function that asks about the kernel, or is compiled in one way or another, may leave anything out. */
const MAY_LEAVE_OUT =
  /\bbpf_(?:core_(?:enum_value|type|field)_\w+|core_enum_value|ksym_exists)\b|\bLINUX_\w+|^\s*#|\bif\s*\(\s*!?\s*[A-Z]\w*\s*\)/m;

/** A function of a header that surely does all that it says. */
interface PlainFunction {
  readonly calls: readonly string[];
  /** What it takes the address of. */
  readonly addresses: ReadonlySet<string>;
}

/** Each at the call in the file that leads there. */
export function callsOfHeaders(asked: Asked): readonly Use[] {
  return asked.model.calls.flatMap((call) =>
    [...behind(call.name, asked)].flatMap((name) =>
      (meaningsOf(asked).get(name) ?? []).map((use): Use => ({ ...use, call, by: call.name })),
    ),
  );
}

/** Whether functions of headers that the file surely calls are given a map. */
export function isUsedInHeaders(map: string, asked: Asked): boolean {
  return addressesBehind(asked).has(map);
}

const addressesBehind = perModel([], (asked): ReadonlySet<string> => {
  const names = new Set(asked.model.calls.flatMap(({ name }) => [...behind(name, asked)]));
  return new Set([...names].flatMap((name) => [...(plainFunctions(asked).get(name)?.addresses ?? [])]));
});

/** The functions of headers that a call surely comes to, one through the other; none for one of the file's own. */
function behind(name: string, asked: Pick<Asked, "model">): ReadonlySet<string> {
  const known = reached(asked);
  const before = known.get(name);
  if (before !== undefined) return before;
  const plain = plainFunctions(asked);
  const found = new Set<string>(plain.has(name) && !ownNames(asked).has(name) ? [name] : []);
  for (const next of found) for (const called of plain.get(next)?.calls ?? []) if (plain.has(called)) found.add(called);
  known.set(name, found);
  return found;
}

const reached = perModel([], () => new Map<string, ReadonlySet<string>>());

const ownNames = perModel([], ({ model }) => new Set(model.functions.map(({ name }) => name)));

const plainFunctions = perModel([], ({ model }): ReadonlyMap<string, PlainFunction> => {
  const found = new Map<string, PlainFunction>();
  for (const header of model.headers) {
    const fixed = fixedNames(header);
    for (const { name, start, end } of header.outline.functions) {
      const text = header.lowered.source.slice(start, end);
      if (MAY_LEAVE_OUT.test(text) || fixed?.test(text)) continue;
      const addresses = new Set([...text.matchAll(/&\s*([A-Za-z_]\w*)/g)].map(([, word = ""]) => word));
      found.set(name, { calls: header.calls.get(name) ?? [], addresses });
    }
  }
  return found;
});

/** Variables that are fixed before a program is loaded decide what the kernel is shown. */
function fixedNames({ outline }: Header): RegExp | undefined {
  const names = outline.variables.filter(({ type }) => /\bconst\b/.test(type)).map(({ name }) => name);
  return names.length === 0 ? undefined : new RegExp(`\\b(?:${names.join("|")})\\b`);
}

const meaningsOf = perModel(["kb"], (asked): ReadonlyMap<string, readonly Omit<Use, "call">[]> => {
  const { model, kb } = asked;
  return new Map(
    [...plainFunctions(asked)].map(([name, { calls }]) => [
      name,
      calls.flatMap((called): readonly Omit<Use, "call">[] => {
        if (model.redefines(called)) return [];
        if (kb.helper(called) !== undefined) return [{ kind: "helper", name: called }];
        const isKfunc = kb.kfunc(called) !== undefined && model.declared(called)?.isKsym === true;
        return isKfunc ? [{ kind: "kfunc", name: called }] : [];
      }),
    ]),
  );
});
