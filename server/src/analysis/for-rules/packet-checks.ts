/** What rules about the packet say alike: what is used, in the words of the file, and the check that is missing. */

import type { Expression } from "../flow/tree.ts";
import type { Found } from "../flow/walk.ts";
import type { BpfModel } from "../model.ts";
import type { Report, RuleContext } from "../rule.ts";
import { checkBehind } from "./early-exit.ts";

export const REFUSED = "the verifier refuses the program";

const LONGEST = 32;

/** As the file writes it; of what happens in a header, the function. */
export function usedIn({ node, span }: Found, { code: { text } }: BpfModel): string {
  const written = text.slice(span.start, span.end).replace(/\s+/g, " ");
  if (node?.start !== span.start || node.end !== span.end) {
    const [name] = /^\w+(?=\s*\()/.exec(written) ?? [];
    return name === undefined ? "what this stands for" : `what ${name}() uses`;
  }
  return written.length > LONGEST ? `${written.slice(0, LONGEST - 1)}…` : written;
}

export function reportOf(found: Found, message: string, { model }: RuleContext): Report {
  const { lines } = model.code;
  const related = (found.story ?? []).map((one) => ({ range: lines.rangeOf(one.span), message: one.message }));
  return { range: lines.rangeOf(found.span), message, ...(related.length > 0 && { related }) };
}

/** A comparison with the end of the packet, where one is missing. */
export function fixOf(found: Found, ctx: RuleContext): Pick<Report, "fixes"> {
  const { node, thing, span, facts } = found;
  if (node === undefined || node.kind === "declaration" || node.start !== span.start || thing === undefined) return {};
  const wanted = wantedOf(node);
  const end = endBefore(found, ctx.model);
  if (wanted === undefined || end === undefined || facts?.["kind"] === "packet metadata") return {};
  const { name, far } = wanted;
  const asked = {
    name,
    source: thing.source.span,
    use: span.start,
    condition: `(void *)(${name} + ${far}) > ${end.name}`,
  };
  const edit = checkBehind(asked, ctx);
  if (edit === undefined || ctx.model.code.lines.offsetAt(edit.range.start) < end.declared) return {};
  return { fixes: [{ title: `Compare ${name} with ${end.name}`, edits: [edit] }] };
}

export interface Wanted {
  /** The variable that points into the packet. */
  readonly name: string;
  /** How many of what it points to must be there. */
  readonly far: bigint;
}

export function wantedOf(node: Expression): Wanted | undefined {
  switch (node.kind) {
    case "member":
      if (!node.isArrow) return wantedOf(node.of);
      return node.of.kind === "name" ? { name: node.of.name, far: 1n } : undefined;
    case "index":
      // A part of something that is used has all of it.
      if (node.of.kind === "member") return wantedOf(node.of);
      return node.of.kind === "name" && node.index.kind === "number" && node.index.value !== undefined
        ? { name: node.of.name, far: node.index.value + 1n }
        : undefined;
    case "unary":
      return node.operator === "*" && node.of.kind === "name" ? { name: node.of.name, far: 1n } : undefined;
    default:
      return undefined;
  }
}

interface End {
  readonly name: string;
  /** From where on it can be named. */
  readonly declared: number;
}

/** What the function calls the end of the packet. */
function endBefore({ span }: Found, model: BpfModel): End | undefined {
  const { lines, text } = model.code;
  const fn = model.functions.find(
    ({ range }) => lines.offsetAt(range.start) <= span.start && span.start < lines.offsetAt(range.end),
  );
  for (const { name, declaration } of (fn && model.routine(fn.name)?.graph.variables) ?? []) {
    if (declaration === undefined) {
      if (fn !== undefined && END.test(name)) return { name, declared: lines.offsetAt(fn.range.start) };
    } else if (declaration.start < span.start && declaration.initialiser !== undefined) {
      const { start, end } = declaration.initialiser;
      if (END.test(text.slice(start, end))) return { name, declared: declaration.end };
    }
  }
  return undefined;
}

/** What is read out of the context for the end of the packet. */
export const END = /\b(?:data|optval|skb_data)_end\s*$/;
