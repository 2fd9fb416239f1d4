/** For the rules about licences: what in a file only programs under a GPL-compatible licence may use. */

import type { Place } from "../code.ts";
import { allowancesFor, REPLACEMENT, supports } from "../knowledge/supports.ts";
import { compareReleases, type Release, type Target, targetText } from "../knowledge/target.ts";
import { COMPATIBLE_LICENCES, GPL_PROGRAMS, meantLicence } from "../licences.ts";
import type { BpfModel, Program } from "../model.ts";
import type { RuleContext } from "../rule.ts";
import { nearest } from "../spelling.ts";
import type { Range } from "../text.ts";
import { callsTo } from "./calls.ts";
import { perModel } from "./per-model.ts";
import { knownPrograms, mayBeLeftOut, type Run, runsOf } from "./runs.ts";
import { type Use, usesIn, useText } from "./uses.ts";

type Asked = Pick<RuleContext, "model" | "kb" | "loader" | "targets">;

export interface GplUse {
  /** "bpf_trace_printk()", "lsm programs" */
  readonly what: string;
  /** "on 5.4", where it is not so on every kernel. */
  readonly where: string | undefined;
  readonly range: Range;
}

/** Each thing once, where the file first uses it. */
export const gplUses = perModel(["kb", "loader", "targets"], (ctx): readonly GplUse[] => {
  const programs = knownPrograms(ctx);
  const found = new Map<string, GplUse>();
  for (const { kind, word, program } of programs) {
    if (!GPL_PROGRAMS.has(kind.progType) || found.has(word)) continue;
    found.set(word, { what: `${word} programs`, where: undefined, range: program.section.range });
  }
  if (programs.length > 0) for (const use of callsIn(ctx)) addCall(use, ctx, found);
  for (const { kind, program } of programs)
    if (kind.progType === "BPF_PROG_TYPE_TRACING" && TYPED.test(program.macro ?? "")) addReads(program, ctx, found);
  return [...found.values()];
});

/** Macros that hand over pointers to structures of the kernel's, which the verifier knows by their types. */
const TYPED = /^BPF_PROG2?$/;
const FIRST: Release = { major: 6, minor: 2 };

/** check_ptr_to_btf_access() of linux:kernel/bpf/verifier.c asks for the licence. */
function addReads(program: Program, { model: { code }, targets }: Asked, found: Map<string, GplUse>): void {
  if (targets.length > 0 && targets.every(({ release }) => release && compareReleases(release, FIRST) < 0)) return;
  for (const { name, type } of program.params) {
    const struct = /^(?:const )?(struct \w+) ?\*$/.exec(type)?.[1];
    if (struct === undefined || found.has(struct)) continue;
    const read = code.uses(name).find((use) => use.in === program && isRead(use, code));
    if (read !== undefined) found.set(struct, { what: `reading ${struct}`, where: "since 6.2", range: read.range });
  }
}

/** `p->x`, but not `&p->x`, `sizeof(p->x)`, `q->p->x`. */
function isRead({ range: { start, end } }: Place, { lines }: BpfModel["code"]): boolean {
  const line = lines.textOf(start.line);
  return (
    line.startsWith("->", end.character) && !/(?:[^&]&|of\w*\s*\(|->|\.)\s*\(?\s*$/.test(line.slice(0, start.character))
  );
}

/** bpf_printk() calls one of two helpers, and either is for these programs. */
const ONE_OR_OTHER: ReadonlyMap<string, string> = new Map([["bpf_printk", "bpf_trace_printk"]]);

function* callsIn(ctx: Asked): Iterable<Use> {
  yield* usesIn(ctx);
  for (const call of callsTo(ONE_OR_OTHER, ctx.model)) {
    const name = ONE_OR_OTHER.get(call.name);
    if (name !== undefined && !ctx.model.redefines(call.name)) yield { kind: "helper", name, call, by: call.name };
  }
}

function addCall(use: Use, ctx: Asked, found: Map<string, GplUse>): void {
  if (found.has(use.name)) return;
  const where = whereGplOnly(use, ctx);
  if (where === undefined || mayBeLeftOut(use.call, ctx.model)) return;
  found.set(use.name, {
    what: useText(use),
    where: where === "everywhere" ? undefined : `on ${where.map(targetText).join(", ")}`,
    range: use.call.nameRange,
  });
}

/** Undefined where any licence will do, or the file does not tell which programs make the call. */
function whereGplOnly(use: Use, ctx: Asked): "everywhere" | readonly Target[] | undefined {
  const runs = runsOf(use.call, ctx).filter(({ asks, kind }) => asks !== "flag" && kind.progType !== REPLACEMENT);
  // add_kfunc_call() of linux:kernel/bpf/verifier.c asks for the licence before it looks which one it is.
  if (use.kind === "kfunc") return runs.length > 0 ? "everywhere" : undefined;
  if (runs.some((run) => isAlwaysGplOnly(use, run, ctx))) return "everywhere";
  const targets = ctx.targets.filter((target) => runs.some((run) => isGplOnlyOn(target, use, run, ctx)));
  return targets.length > 0 ? targets : undefined;
}

function isAlwaysGplOnly({ name }: Use, { kind }: Run, { kb }: Asked): boolean {
  const parts = allowancesFor(kb.helper(name)?.allowed ?? [], kind);
  return parts.length > 0 && parts.every(({ gpl }) => gpl === true);
}

function isGplOnlyOn(target: Target, { name }: Use, { kind }: Run, { kb, loader }: Asked): boolean {
  const { answer, gpl } = supports(target, { kind: "helper", name, program: kind }, kb, loader);
  return answer === "yes" && gpl === true;
}

export interface WrittenLicence {
  readonly text: string;
  /** Between the quotes; undefined where it is not written here in one piece. */
  readonly range: Range | undefined;
}

/** The licence of the file, or that of its headers. */
export function licenceOf({ licence, outside, code }: BpfModel): WrittenLicence | undefined {
  if (licence === undefined) {
    // Headers are followed by hosts; where a header only may give one it is as good as unknown.
    return outside.licence ? { text: outside.licence, range: undefined } : undefined;
  }
  const { text, range } = licence;
  if (code.textOf(range) !== text) return { text, range: undefined };
  const { line, character } = range.end;
  // Strings that stand side by side are one.
  return /^"\s*;/.test(code.lines.textOf(line).slice(character)) ? { text, range } : undefined;
}

/** The GPL-compatible licence that another string means; undefined for licences of another kind. */
export function licenceMeantBy(text: string): string | undefined {
  const meant = meantLicence(text);
  if (meant !== undefined || /[la]gpl/i.test(text)) return meant;
  // Of short names one letter makes another licence: MPL, LGPL.
  const long = COMPATIBLE_LICENCES.filter((one) => one.length > 8);
  return nearest(text, long, 1);
}
