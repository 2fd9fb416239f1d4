/** What the calls of a file need: helpers and kfuncs in the programs that make them, through macros and headers as well. */

import { isAskedAtLoad, isKnownKind, programFeatures } from "../for-rules/on-targets.ts";
import { mayBeLeftOut, type Run, runsOf } from "../for-rules/runs.ts";
import { isFirst, type Use, usesIn, useText } from "../for-rules/uses.ts";
import type { Feature } from "../knowledge/supports.ts";
import type { MacroNeed } from "../knowledge/types.ts";
import type { Call } from "../model.ts";
import { callsOfHeaders } from "./header-calls.ts";
import { type Asked, type BtfNeed, byKind, type Need, programsReaching } from "./need.ts";
import { compareSince, highest, sinceOf, sinceOfCame } from "./since.ts";

export function callNeeds(asked: Asked): readonly Need[] {
  const uses = [...usesIn(asked), ...printUses(asked), ...iteratorUses(asked), ...callsOfHeaders(asked)];
  return uses.filter(isFirst).flatMap((use) => [...needsOf(use, asked), ...mapTypeNeeds(use, asked)]);
}

function needsOf(use: Use, asked: Asked): readonly Need[] {
  const { call, kind, name } = use;
  const runs = runsOf(call, asked);
  const left = isLeftOut(call, runs, asked) ? { isLeftOut: true as const } : {};
  const plain: Feature = { kind, name };
  const common = { range: call.nameRange, ...left };
  if (runs.length === 0) {
    // A callback that the kernel runs later is no program's own, but it is loaded with one.
    const programs = call.in === undefined ? [] : programsReaching(call.in, asked);
    return programs.length === 0 ? [] : [{ ...common, what: useText(use), asks: plain, programs }];
  }
  return byKind(runs).flatMap(({ run, programs }) => {
    const asks = isKnownKind(run.kind, asked) ? { ...plain, program: run.kind } : plain;
    const [since, itself] = [asks, plain].map((feature) => sinceOf(feature, asked.kb, asked.loader));
    // What such programs could do from the first is said by their type; that a loader helps is worth telling.
    if (since?.remark === undefined && compareSince(since?.since, beginningOf(run, asked)) <= 0) return [];
    const what = since?.since === itself?.since ? useText(use) : `${useText(use)} in ${run.word} programs`;
    return [{ ...common, what, asks, programs }];
  });
}

/** From which release on there are such programs. */
function beginningOf(run: Run, asked: Asked): string | undefined {
  const { types, attach } = programFeatures(run, asked);
  const asks = attach === undefined || !isAskedAtLoad(run.kind) ? types : [...types, attach];
  return highest(asks.map((feature) => sinceOf(feature, asked.kb, asked.loader)?.since));
}

function isLeftOut(call: Call, runs: readonly Run[], { model }: Asked): boolean {
  return mayBeLeftOut(call, model) || (runs.length > 0 && runs.every(({ asks }) => asks === "flag"));
}

/** `bpf_printk()` calls the one helper or the other, by how much it prints. */
function printUses({ model }: Asked): readonly Use[] {
  if (model.redefines("bpf_printk")) return [];
  return model.calls
    .filter(({ name, closed }) => name === "bpf_printk" && closed)
    .map((call) => {
      const name = call.args.length > 4 ? "bpf_trace_vprintk" : "bpf_trace_printk";
      return { kind: "helper", name, call, by: "bpf_printk" };
    });
}

/** `bpf_for_each(css, …)`: the kind of iterator stands first. */
function iteratorUses({ model, kb }: Asked): readonly Use[] {
  if (model.redefines("bpf_for_each")) return [];
  return model.calls.flatMap((call): readonly Use[] => {
    const name = call.name === "bpf_for_each" ? `bpf_iter_${call.args[0]?.text}_new` : "";
    return kb.kfunc(name) === undefined ? [] : [{ kind: "kfunc", name, call, by: "bpf_for_each" }];
  });
}

/** Helpers took some types of maps later than others. */
function mapTypeNeeds({ kind, name, call, by }: Use, asked: Asked): readonly Need[] {
  const helper = kind === "helper" && by === undefined ? asked.kb.helper(name) : undefined;
  if (helper?.maps === undefined) return [];
  const map = call.args[helper.params.findIndex((param) => param.kind === "map")]?.map;
  const fact = map?.type === undefined ? undefined : asked.kb.mapType(map.type);
  if (fact?.since === undefined) return [];
  const type = (fact.aliasOf ?? fact.name).replace("BPF_MAP_TYPE_", "");
  const intervals = helper.maps.filter((part) => part.in.includes(type));
  if (intervals.length === 0) return [];
  const brought = [helper.since, fact.since].find((since) => intervals.some(({ maybe }) => maybe === since));
  const asks = { intervals, with: brought, source: helper.source };
  // From the first is said by the helper and the map.
  if (compareSince(sinceOfCame(asks, asked.kb)?.since, highest([helper.since, fact.since])) <= 0) return [];
  const runs = runsOf(call, asked);
  return [
    {
      what: `${name}() with ${type} maps`,
      asks,
      range: call.nameRange,
      programs: runs.map(({ program }) => program),
      ...(isLeftOut(call, runs, asked) && { isLeftOut: true }),
    },
  ];
}

/** Calls that mean something only where the kernel's types are described. */
export function callBtfNeeds(asked: Asked): readonly BtfNeed[] {
  const { model, kb } = asked;
  const isKernelBtf = ({ kind, name, when }: MacroNeed): boolean =>
    kind === "btf" && name === "kernel" && when === undefined;
  const kfuncs = new Set(usesIn(asked).flatMap(({ kind, call }) => (kind === "kfunc" ? [call] : [])));
  return model.calls.flatMap((call) => {
    const isMacro = kb.macro(call.name)?.needs?.some(isKernelBtf) === true && !model.redefines(call.name);
    if (!isMacro && !kfuncs.has(call)) return [];
    const programs = runsOf(call, asked).map(({ program }) => program);
    return programs.length === 0 ? [] : [{ what: `${call.name}()`, range: call.nameRange, programs }];
  });
}
