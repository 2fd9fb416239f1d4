/** What the code itself needs: variables, functions, loops, atomic operations, fields of the context, tags. */

import { contextName } from "../for-rules/context-types.ts";
import { printsInMemory, usedData } from "../for-rules/global-data.ts";
import { isGuarded } from "../for-rules/guarded.ts";
import { isLoopRun, timesOf } from "../for-rules/loop-times.ts";
import { newAtomicsIn } from "../for-rules/new-atomics.ts";
import { knownPrograms, mayBeLeftOut, type Run, runsOf } from "../for-rules/runs.ts";
import { subprogramsIn } from "../for-rules/subprograms.ts";
import { tailCallsBesideCalls } from "../for-rules/tail-calls.ts";
import { isVerifiedAlone, plainPointerOf, returnsNothing } from "../for-rules/verified-alone.ts";
import { allowancesFor, type Feature } from "../knowledge/supports.ts";
import type { Call, Program } from "../model.ts";
import { type Asked, type Need, programsReaching } from "./need.ts";

export function codeNeeds(asked: Asked): readonly Need[] {
  return [
    ...dataNeeds(asked),
    ...functionNeeds(asked),
    ...loopNeeds(asked),
    ...atomicNeeds(asked),
    ...contextNeeds(asked),
    ...tagNeeds(asked),
  ];
}

function ability(name: string): Feature {
  return { kind: "ability", name };
}

function dataNeeds(asked: Asked): readonly Need[] {
  const asks = ability("global-data");
  const variables = usedData(asked).flatMap(({ uses }) =>
    uses.map(({ range, in: fn }) => ({
      what: "variables outside of functions",
      asks,
      range,
      programs: fn === undefined ? [] : programsReaching(fn, asked),
    })),
  );
  const formats = printsInMemory(asked).map((call) => ({
    what: "variables outside of functions (the format of bpf_printk())",
    asks,
    range: call.nameRange,
    programs: programsOf(runsOf(call, asked)),
  }));
  return [...variables, ...formats];
}

function programsOf(runs: readonly Run[]): readonly Program[] {
  return [...new Set(runs.map(({ program }) => program))];
}

function functionNeeds(asked: Asked): readonly Need[] {
  const called = subprogramsIn(asked).flatMap((subprogram): readonly Need[] => {
    const { fn, runs } = subprogram;
    const common = { range: fn.nameRange, programs: programsOf(runs) };
    const call = { ...common, what: "calls of functions that are not inlined", asks: ability("function-calls") };
    if (!isVerifiedAlone(subprogram)) return [call];
    const pointer = plainPointerOf(subprogram, asked);
    const alone = [
      ...(returnsNothing(subprogram)
        ? [{ what: "functions that are not static and return nothing", asks: ability("global-void-functions") }]
        : []),
      ...(pointer !== undefined
        ? [
            {
              what: "functions that are not static and take pointers",
              asks: ability("global-functions-with-pointers"),
            },
          ]
        : []),
    ];
    return [call, ...alone.map((need) => ({ ...common, ...need }))];
  });
  const tailCalls = tailCallsBesideCalls(asked).map(({ call, programs }) => ({
    what: "tail calls beside calls of functions",
    asks: ability("tail-calls-beside-function-calls"),
    range: call.nameRange,
    programs,
  }));
  return [...called, ...tailCalls];
}

/** Only those that the compiler surely leaves. */
function loopNeeds(asked: Asked): readonly Need[] {
  return asked.model.code
    .loops()
    .filter((loop) => timesOf(loop, asked.model) === "open" && isLoopRun(loop, asked))
    .map(({ range, in: fn }) => ({
      what: "loops that are not unrolled",
      asks: ability("bounded-loops"),
      range,
      programs: fn === undefined ? [] : programsReaching(fn, asked),
    }));
}

function atomicNeeds(asked: Asked): readonly Need[] {
  return newAtomicsIn(asked).map(({ call, what }) => {
    const runs = runsOf(call, asked);
    return {
      what,
      asks: ability("atomic-fetch"),
      range: call.nameRange,
      programs: programsOf(runs),
      ...(isLeftOut(call, runs, asked) && { isLeftOut: true }),
    };
  });
}

function isLeftOut(call: Call, runs: readonly Run[], { model }: Asked): boolean {
  return mayBeLeftOut(call, model) || runs.every(({ asks }) => asks === "flag");
}

/** Fields that a program's own body reads from its context. */
function contextNeeds(asked: Asked): readonly Need[] {
  const { model, kb } = asked;
  return knownPrograms(asked).flatMap(({ program, kind }) => {
    const context = kb.context(kb.programType(kind.progType)?.context ?? "");
    const name = contextName(program);
    if (context === undefined || name === undefined) return [];
    return model.code.accesses(name).flatMap(({ chain, range, in: fn }): readonly Need[] => {
      const word = /^\s*->\s*(\w+)/.exec(chain)?.[1];
      const field = fn === program ? context.fields.find((one) => one.name === word) : undefined;
      const intervals = allowancesFor(field?.access ?? [], kind);
      if (field === undefined || intervals.length === 0 || isGuarded(range, fn, model)) return [];
      return [
        {
          what: `${name}->${field.name}`,
          asks: { intervals, with: field.since, source: context.source },
          range,
          programs: [program],
        },
      ];
    });
  });
}

/** Words before a name that tell the verifier something. `__arg_ctx` libbpf makes unnecessary. */
const TAGS = /^(?:__arg_(?:arena|nonnull|nullable|trusted|untrusted)|__kptr|__kptr_untrusted|__percpu_kptr|__uptr)$/;
/** A tag for pointers that own means something only where one is put into a map. */
const OWNING = /^(?:__kptr|__percpu_kptr)$/;

function tagNeeds(asked: Asked): readonly Need[] {
  const { model, kb } = asked;
  const exchanges = model.calls.filter(({ name }) => name === "bpf_kptr_xchg");
  return [...model.code.names()]
    .filter((name) => TAGS.test(name))
    .flatMap((name) => {
      const needs = kb.macro(name)?.needs?.filter(({ kind, since }) => kind === "kernel" && since !== undefined) ?? [];
      const place = model.code.uses(name).find(({ range }) => model.code.compiledWhen(range).length === 0);
      const isOwning = OWNING.test(name);
      if (place === undefined || model.redefines(name) || (isOwning && exchanges.length === 0)) return [];
      const users = isOwning ? exchanges.flatMap((call) => runsOf(call, asked)) : [];
      return needs.map(
        ({ since = "", maybe }): Need => ({
          what: name,
          asks: {
            intervals: [{ since, ...(maybe !== undefined && { maybe }) }],
            with: undefined,
            source: kb.macro(name)?.source ?? [],
          },
          range: place.range,
          programs: programsOf(users),
          ofFile: true,
        }),
      );
    });
}
