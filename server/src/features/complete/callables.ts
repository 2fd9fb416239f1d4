/** Completion of helpers and kfuncs: what this program may call first, the rest with the reason why not. */

import type { CompletionItem, TextEdit } from "vscode-languageserver-types";
import { hasVmlinux } from "../../analysis/kernel-headers.ts";
import { declare, type KnowledgeBase, prototypeOf } from "../../analysis/knowledge/knowledge-base.ts";
import type { Helper, KfuncFact, Param } from "../../analysis/knowledge/types.ts";
import { rememberedOf } from "../../analysis/remember.ts";
import { declarationOf } from "../describe/kfunc.ts";
import { fitting } from "./fits.ts";
import { type Asked, dataOf, KIND, type Offer, offer, plain, RANK, SHOW_PARAMETERS, SNIPPET } from "./item.ts";
import { mapsFor } from "./map-argument.ts";
import type { CodePlace } from "./place.ts";
import { barsTo } from "./standing.ts";

export function helperOffers(asked: Asked, place: CodePlace): readonly Offer[] {
  const { kb, file } = asked;
  const barTo = barsTo("helper", asked);
  return fitting(kb.facts.helpers, place.prefix)
    .filter(({ name }) => !file.model.redefines(name))
    .map((helper) =>
      offer(helper.name, RANK.best, barTo(helper), (now) => ({
        ...callItem(now, helper.name, argumentsOf(now, helper)),
        ...(now.client.asksDetail !== true && { detail: prototypeOf(helper) }),
      })),
    );
}

/** How a helper or kfunc is called, where the list left that out. */
export function callableDetail(name: string, kb: KnowledgeBase): string | undefined {
  const helper = kb.helper(name);
  if (helper !== undefined) return prototypeOf(helper);
  const kfunc = kb.kfunc(name);
  return kfunc && kfuncText(kfunc);
}

/** Hundreds, most of them for one kind of program: they wait until something is typed. */
export function kfuncOffers(asked: Asked, place: CodePlace): readonly Offer[] {
  const { kb, file } = asked;
  if (place.prefix === "") return [];
  const barTo = barsTo("kfunc", asked);
  return fitting(kb.facts.kfuncs, place.prefix)
    .filter(({ name }) => !file.model.redefines(name))
    .map((kfunc) =>
      offer(kfunc.name, RANK.rare, goneSince(kfunc, asked) ?? barTo(kfunc), (now) => {
        const call = callItem(now, kfunc.name, argumentsOf(now, kfunc));
        const edits = declarer(now)(kfunc);
        return {
          ...call,
          ...(now.client.asksDetail !== true && { detail: kfuncText(kfunc) }),
          ...(edits.length > 0 && { additionalTextEdits: edits }),
        };
      }),
    );
}

/** With targets the releases decide, one by one. */
function goneSince({ until }: KfuncFact, { view }: Asked): string | undefined {
  return until === undefined || view.targets.length > 0 ? undefined : `no longer in Linux ${until}`;
}

function kfuncText({ name, returns, params }: KfuncFact): string {
  if (returns === undefined || params === undefined) return "kfunc";
  return `kfunc ${declare(returns, name)}(${params.map((param) => declare(param.type, param.name)).join(", ")})`;
}

/** Where its parenthesis stands already only the name is missing. */
export function callItem(asked: Asked, name: string, args: readonly string[] | undefined): CompletionItem {
  const item = { label: name, kind: KIND.function, data: dataOf(name, asked) };
  if (asked.isCalled) return { ...item, insertText: name };
  const stops = args?.map((text, n) => `\${${n + 1}:${plain(text)}}`).join(", ") ?? "$1";
  const insertText = `${name}(${stops})`;
  return { ...item, insertText, insertTextFormat: SNIPPET, ...(stops !== "" && { command: SHOW_PARAMETERS }) };
}

/** Macros such as BPF_PROG call the context ctx, whatever parameters they show. */
function contextParam({ fn }: Pick<Asked, "fn">): Pick<Param, "type" | "name"> {
  const first = fn?.macro === undefined ? fn?.params[0] : undefined;
  return first === undefined || first.name === "" ? { type: "", name: "ctx" } : first;
}

/** What items and their places in the list hang on, beside all that stands outside of functions. */
export function circumstancesOf(asked: Omit<Asked, "kept">): string {
  const { type, name } = contextParam(asked);
  return JSON.stringify([asked.isCalled, type, name, asked.programs, asked.sleeps()]);
}

type Context = ReturnType<typeof contextParam>;

function argumentsOf(asked: Asked, fact: Helper | KfuncFact): readonly string[] | undefined {
  const context = contextParam(asked);
  return fact.params
    ?.filter(({ type }) => type !== "..." && type !== "void")
    .map((param) => argumentText(param, fact, asked, context));
}

function argumentText({ kind, name, type }: Param, fact: Helper | KfuncFact, asked: Asked, context: Context): string {
  if (kind === "map") return `&${mapsFor(fact, asked)[0]?.name ?? "map"}`;
  if (kind === "key" || kind === "value") return `&${name}`;
  return kind === "context" || (context.type === type && type.startsWith("struct ")) ? context.name : name;
}

/** Headers of a project that may declare kfuncs in words of their own. */
const DECLARING_HEADER = /kfunc|experimental/;

/** Gives the edit that declares a kfunc above the function; none where a header, or newer kernels' types, may do so. */
const declarer = rememberedOf((asked: Asked): ((kfunc: KfuncFact) => TextEdit[]) => {
  const { fn, file } = asked;
  const { includes, kfuncs } = file.model;
  if (fn === undefined || hasVmlinux(file.model) || includes.some(({ path }) => DECLARING_HEADER.test(path)))
    return () => [];
  const declared = new Set(kfuncs.map(({ name }) => name));
  let tags: ReadonlySet<string> | undefined;
  return (kfunc) => {
    const text = declarationOf(kfunc);
    if (text === undefined || declared.has(kfunc.name)) return [];
    const line = lineAbove(asked, Math.min(fn.range.start.line, fn.section?.range.start.line ?? fn.range.start.line));
    const start = { line, character: 0 };
    tags ??= new Set(tagsIn(file.text));
    // A structure that is first named between parentheses would be another one there.
    const unnamed = [...new Set(tagsIn(text))].filter((tag) => tags?.has(tag) !== true).map((tag) => `${tag};\n`);
    return [{ range: { start, end: start }, newText: `${unnamed.join("")}${text}\n\n` }];
  };
});

function tagsIn(text: string): readonly string[] {
  return [...text.matchAll(/\b(struct|union)\s+(\w+)/g)].map(([, keyword, name]) => `${keyword} ${name}`);
}

/** Above the comment that belongs to what begins there. */
function lineAbove({ file: { lines } }: Asked, start: number): number {
  let line = start;
  while (line > 0 && /^\s*(?:\/\/|\/\*|\*)|\*\/\s*$/.test(lines.textOf(line - 1))) line--;
  return line;
}
