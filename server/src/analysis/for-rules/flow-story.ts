/** How a finding of the flow came about, as the places that belong to it. */

import type { Found } from "../flow/walk.ts";
import type { Report, RuleContext } from "../rule.ts";

export function relatedOf({ story = [] }: Found, { model }: RuleContext): NonNullable<Report["related"]> {
  return story.map(({ span, message }) => ({ range: model.code.lines.rangeOf(span), message }));
}
