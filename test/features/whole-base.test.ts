/** Completion and signature help over everything that the knowledge base has: nothing empty, nothing of a wrong kind. */

import { describe, expect, test } from "vitest";
import type { CompletionItem } from "vscode-languageserver-types";
import { prototypeOf } from "../../server/src/analysis/knowledge/knowledge-base.ts";
import { allowancesFor } from "../../server/src/analysis/knowledge/supports.ts";
import type { Helper, KfuncFact, SectionFact } from "../../server/src/analysis/knowledge/types.ts";
import { type CompletionOptions, completeAt, detailsOf, kb, signatureAt } from "../support/check.ts";

const {
  helpers,
  kfuncs,
  macros,
  mapTypes,
  programTypes,
  attachTypes,
  linkTypes,
  commands,
  flags,
  constants,
  contexts,
} = kb.facts;

/** Of `CompletionItemKind`. */
const [FUNCTION, FIELD, ENUM_MEMBER, CONSTANT, EVENT] = [3, 5, 20, 21, 23];

const inside = (section: string, code: string, params = "void *ctx"): string =>
  `SEC("${section}")\nint f(${params})\n{\n\t${code}\n}\n`;

/** Offered under this name, as this kind of thing, with something to read about it. */
function checkOffered(
  source: string,
  name: string,
  kind: number | undefined,
  options?: CompletionOptions,
): CompletionItem {
  const item = completeAt(source, options)?.find(({ label }) => label === name);
  expect(item, `${name} in ${source}`).toBeDefined();
  if (item === undefined) throw new Error();
  expect(item.kind, name).toBe(kind);
  expect(item.detail, name).toBeTruthy();
  expect(detailsOf(source, item, options)?.trim(), `what is said of ${name}`).toBeTruthy();
  return item;
}

/** An item that is refused is at the end and says why; otherwise what is wrong. */
function standing(item: CompletionItem | undefined, refusal: string | undefined): string | undefined {
  if (item === undefined) return "is not offered";
  const why = item.labelDetails?.description;
  if (/^[89]/.test(item.sortText ?? "") !== (refusal !== undefined)) return "stands in the wrong place";
  const isRight = refusal === undefined ? why === undefined : item.detail === why && why?.startsWith(refusal);
  return isRight ? undefined : `is said to be ${why}, which should be ${refusal}`;
}

/** One of each kind of program; what an extension may do no file says. */
const PROGRAMS: readonly SectionFact[] = [
  ...new Map(kb.sections.map((fact) => [`${fact.progType} ${fact.attachType} ${fact.sleepable}`, fact])).values(),
].filter(({ progType }) => progType !== "BPF_PROG_TYPE_EXT");

const sectionIn = ({ name }: SectionFact): string =>
  name.replace(/\+$/, "/x").replace(/^(tp|tracepoint)(\.s)?\/x$/, "$1$2/a/b");

/** How the reason begins why a program may not call it; undefined where it may. */
function refusalOf(fact: Helper | KfuncFact, program: SectionFact): string | undefined {
  if ("until" in fact && fact.until !== undefined) return "no longer in Linux";
  const parts = allowancesFor(fact.allowed, program);
  const current = parts.filter(({ until }) => until === undefined);
  if (current.length === 0) return parts.length === 0 ? "not for" : "no longer for";
  const isAwake = !program.sleepable && current.every(({ sleepable }) => sleepable);
  return isAwake ? "only in programs that may sleep" : undefined;
}

/** A program that may call it; any where none may any longer. */
function caller(fact: Helper | KfuncFact): SectionFact {
  const program = PROGRAMS.find((one) => refusalOf(fact, one) === undefined) ?? PROGRAMS[0];
  if (program === undefined) throw new Error("there are no sections");
  return program;
}

describe("completion", () => {
  test.each([
    ["helper", helpers],
    ["kfunc", kfuncs],
  ] as const)("offers every %s where it may be called", (_, facts: readonly (Helper | KfuncFact)[]) => {
    for (const fact of facts) {
      const program = caller(fact);
      const item = checkOffered(inside(sectionIn(program), `${fact.name}$0`), fact.name, FUNCTION);
      expect(standing(item, refusalOf(fact, program)), `${fact.name} in ${program.name}`).toBeUndefined();
    }
  });

  test("in a program of each type marks the helpers and kfuncs that the kernel refuses there", () => {
    const callables = [...helpers, ...kfuncs];
    // No list is long enough for all: each is asked for with those that begin alike.
    const prefixes = new Set(callables.map(({ name }) => name.slice(0, 10)));
    const groups = [...prefixes].map(
      (prefix) => [prefix, callables.filter(({ name }) => name.startsWith(prefix))] as const,
    );
    for (const program of PROGRAMS) {
      const section = sectionIn(program);
      const wrong = groups.flatMap(([prefix, members]) => {
        const offered = new Map(completeAt(inside(section, `${prefix}$0`))?.map((item) => [item.label, item]));
        return members.flatMap((one) => {
          const problem = standing(offered.get(one.name), refusalOf(one, program));
          return problem === undefined ? [] : [`${one.name} ${problem}`];
        });
      });
      expect(wrong, section).toEqual([]);
    }
  });

  test("offers every macro", () => {
    for (const { name, params } of macros) {
      const source = name === "NULL" ? inside("xdp", "return NULL$0") : inside("xdp", `${name}$0`);
      checkOffered(source, name, params === undefined ? CONSTANT : FUNCTION);
    }
  });

  test.each([
    ["map type", mapTypes, ENUM_MEMBER],
    ["program type", programTypes, ENUM_MEMBER],
    ["attach type", attachTypes, ENUM_MEMBER],
    ["link type", linkTypes, ENUM_MEMBER],
    ["command", commands, ENUM_MEMBER],
    ["flag", flags, CONSTANT],
    ["constant", constants.filter(({ internal, inBtf }) => !internal || inBtf), undefined],
  ] as const)("offers every %s in code", (_, facts: readonly { readonly name: string }[], kind) => {
    for (const { name } of facts) {
      // A constant may be a flag or an enumerator as well.
      const known = [mapTypes, programTypes, attachTypes, linkTypes, commands].some((list) =>
        list.some((fact) => fact.name === name),
      );
      checkOffered(inside("xdp", `int x = ${name}$0`), name, kind ?? (known ? ENUM_MEMBER : CONSTANT));
    }
  });

  test("offers every map type and every flag of it in a definition", () => {
    for (const { name, rules } of mapTypes) {
      // Nobody writes these two.
      if (/_(?:UNSPEC|STRUCT_OPS)$/.test(name)) continue;
      const map = (body: string): string => `struct {\n\t${body}\n} m SEC(".maps");\n`;
      checkOffered(map("__uint(type, $0);"), name, ENUM_MEMBER);
      const flagged = map(`__uint(type, ${name});\n\t__uint(map_flags, $0);`);
      for (const flag of rules?.flags ?? []) checkOffered(flagged, flag, CONSTANT);
      const offered = completeAt(flagged)?.map(({ label }) => label) ?? [];
      if (rules !== undefined && rules.flags.length > 0)
        expect([...offered].sort(), name).toEqual([...rules.flags].sort());
    }
  });

  test("offers every section, alone and with a target", () => {
    for (const { name, targetRules } of kb.sections) {
      const base = name.replace(/\+$/, "");
      const isOpen = base !== name;
      const head = base.replace(/\/.*/, "");
      const label = isOpen ? `${base}/` : base;
      checkOffered(`SEC("${base === head ? base : `${head}/`}$0")`, label, EVENT);
      if (isOpen && targetRules?.target !== "required") checkOffered(`SEC("${base}$0")`, base, EVENT);
    }
  });

  test("offers every section of every loader", () => {
    for (const { loader, match, pattern } of kb.facts.loaderSections) {
      // It names nothing that could be offered.
      if (match === "regexp") continue;
      if (match === "function") {
        checkOffered(`char *s = SEC("xdp");\nint ${pattern}$0`, pattern, EVENT, { loader });
        continue;
      }
      const base = pattern.replace(/\/$/, "");
      const source = base.includes("/") ? `SEC("${base.replace(/\/.*/, "")}/$0")` : `SEC("${base}$0")`;
      const labels = completeAt(source, { loader })?.map(({ label }) => label) ?? [];
      checkOffered(source, labels.includes(base) ? base : `${base}/`, EVENT, { loader });
    }
  });

  test("offers no section that a loader with a table of its own does not take", () => {
    const heads = new Set(kb.sections.map(({ name }) => name.replace(/[+/].*/, "")));
    for (const loader of ["cilium/ebpf", "aya", "bpf_load", "bcc"]) {
      for (const source of [...heads].flatMap((head) => [`SEC("${head}$0")`, `SEC("${head}/$0")`]))
        for (const { label } of completeAt(source, { loader }) ?? [])
          expect(isTaken(loader, label), `${label} with ${loader}`).toBe(true);
    }
  });

  test("offers every field of every context", () => {
    for (const { name, programTypes: types, fields } of contexts) {
      const program = PROGRAMS.find(
        ({ progType }) => types.includes(progType.replace("BPF_PROG_TYPE_", "")) || types.includes(progType),
      );
      const source = inside(program === undefined ? "xdp" : sectionIn(program), "c->$0", `struct ${name} *c`);
      for (const field of fields) checkOffered(source, field.name, FIELD);
    }
  });
});

/** Whether a loader takes a section, or sections that begin with it. */
function isTaken(loader: string, section: string): boolean {
  if (/^(?:\.|license$)/.test(section)) return true;
  const own = kb.facts.loaderSections.filter((fact) => fact.loader === loader && fact.match !== "function");
  return own.some(({ match, pattern }) => {
    if (section.endsWith("/") && `${pattern}/`.startsWith(section)) return true;
    if (match === "exact") return section === pattern;
    return match === "prefix" ? section.startsWith(pattern) : section === pattern || section.startsWith(`${pattern}/`);
  });
}

describe("signature help", () => {
  const inCall = (name: string) => signatureAt(`int f(void)\n{\n\t${name}($0);\n}\n`);

  test("of every helper: its prototype, and words on each parameter", () => {
    for (const helper of helpers) {
      const shown = inCall(helper.name);
      expect(shown?.label.replace(/[«»]/g, "")).toBe(prototypeOf(helper));
      expect(shown?.documentation, helper.name).toBeTruthy();
      checkParameters(helper.name, shown?.parameters, helper.params.length);
    }
  });

  test("of every kfunc whose prototype is known", () => {
    for (const { name, params, flags: own } of kfuncs) {
      if (params === undefined) continue;
      const shown = inCall(name);
      expect(shown?.label.replace(/[«»]/g, ""), name).toContain(`${name}(`);
      // What newer kernels fill in by themselves nobody writes.
      const passed = own.includes("KF_IMPLICIT_ARGS") ? (shown?.parameters.length ?? -1) : params.length;
      checkParameters(name, shown?.parameters, passed);
    }
  });

  test("of every macro that takes arguments, those that declare a program left out", () => {
    for (const { name, params, expands } of macros) {
      if (params === undefined || /^(?:int name\(|BPF_KR?E?T?PROBE\(name)/.test(expands ?? "")) continue;
      const shown = inCall(name);
      expect(shown?.label.replace(/[«»]/g, ""), name).toContain(`${name}(`);
      expect(shown?.documentation, name).toBeTruthy();
      checkParameters(name, shown?.parameters, params.filter((param) => param !== "").length);
    }
  });
});

function checkParameters(name: string, parameters: readonly (string | undefined)[] | undefined, count: number): void {
  expect(parameters?.length, name).toBe(count);
  for (const words of parameters ?? []) expect(words, name).toMatch(/^\S.*\S$/);
}
