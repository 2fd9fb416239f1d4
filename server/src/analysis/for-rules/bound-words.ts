/** What rules about sizes and indexes say alike: what the number is called, and the check that would bound it. */

import type { Found } from "../flow/walk.ts";
import type { Fix, Report, RuleContext } from "../rule.ts";
import { checkBehind } from "./early-exit.ts";

export const REFUSED = "the verifier refuses the program";

/** As it is written, where that is short enough. */
export function numberText({ span }: Found, otherwise: string, { model }: RuleContext): string {
  const text = model.code.text.slice(span.start, span.end);
  return /^[\w.>[\]-]{1,32}$/.test(text) ? text : otherwise;
}

export function boundReport(found: Found, message: string, ctx: RuleContext): Report {
  const { lines } = ctx.model.code;
  const related = (found.story ?? [])
    .filter(({ span }) => span.start !== found.span.start)
    .map((place) => ({ range: lines.rangeOf(place.span), message: place.message }));
  return { range: lines.rangeOf(found.span), message, ...(related.length > 0 && { related }) };
}

/** A check of the variable that it is about, behind what gave it its value. */
export function checkFix(
  { about, story, span }: Found,
  asked: { readonly title: string; readonly condition: string; readonly instead?: string },
  ctx: RuleContext,
): readonly Fix[] {
  const source = story?.[0]?.span;
  // In a header the text is that of the call that led there.
  if (about === "" || source === undefined || ctx.model.code.text.slice(span.start, span.end) !== about) return [];
  const { condition, instead, title } = asked;
  const edit = checkBehind({ name: about, source, use: span.start, condition, instead }, ctx);
  return edit === undefined ? [] : [{ title, edits: [edit] }];
}
