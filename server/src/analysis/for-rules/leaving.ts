/** What is begun once, and left unfinished in several places, is one finding; its fix ends it in each of them. */

import type { Found } from "../flow/walk.ts";
import type { Fix, RuleContext } from "../rule.ts";
import type { TextEdit } from "../text.ts";
import { beforeReturn } from "./before-return.ts";

/** Those of one beginning together. */
export function byTaking(found: readonly Found[]): Iterable<readonly Found[]> {
  const groups = new Map<string, Found[]>();
  for (const one of found) {
    const group = groups.get(one.apart ?? "");
    if (group === undefined) groups.set(one.apart ?? "", [one]);
    else group.push(one);
  }
  return groups.values();
}

/** The call that leaves the program, if it is no return. */
function leftBy({ facts }: Found): string | undefined {
  const { by } = facts ?? {};
  return by === undefined ? undefined : String(by);
}

/** What is said of a place in which the program is left. */
export function leavingWords(found: Found): string {
  const by = leftBy(found);
  return `the program is left ${by === undefined ? "here" : `by ${by}() here`}`;
}

/** `before the return in line 12`. */
export function whereLeft(places: readonly Found[], { model }: RuleContext): string {
  const [first] = places;
  if (first === undefined || places.length > 1) return "on every path";
  const by = leftBy(first);
  if (by !== undefined) return `before ${by}()`;
  const line = model.code.lines.rangeOf(first.span).start.line + 1;
  const { isEnd } = first.facts ?? {};
  return isEnd === true ? `before the end in line ${line}` : `before the return in line ${line}`;
}

/** Before every return, or none: what is mended by half is not mended. */
export function fixBefore(
  places: readonly Found[],
  callFor: (found: Found) => string | undefined,
  { model }: RuleContext,
): Fix | undefined {
  const edits: TextEdit[] = [];
  let title: string | undefined;
  for (const one of places) {
    const call = leftBy(one) === undefined ? callFor(one) : undefined;
    if (call === undefined) return undefined;
    const { holder, isMaybe, declared } = one.facts ?? {};
    const lines = isMaybe === true ? [`if (${holder})`, `\t${call}`] : [call];
    const made = beforeReturn(one.span, lines, model, typeof declared === "number" ? declared : undefined);
    if (made === undefined) return undefined;
    edits.push(...made);
    title ??= `Call ${call.replace(/\(.*/, "")}() before the return`;
  }
  return title === undefined ? undefined : { title, edits };
}
