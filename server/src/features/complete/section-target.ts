/** What a section may attach to: names that every kernel has, those the file uses elsewhere, or a pattern to fill in. */

import { containsPosition } from "../../analysis/text.ts";
import { type Asked, plain, RANK } from "./item.ts";
import { type KnownSection, readSection } from "./loader-sections.ts";
import {
  CGROUP_LSM_HOOKS,
  ITERATORS,
  LSM_HOOKS,
  SLEEPABLE_LSM_HOOKS,
  SYSCALLS,
  TRACEPOINTS,
} from "./section-targets.ts";

export interface SectionTarget {
  /** The whole string. */
  readonly section: string;
  readonly detail: string;
  readonly rank: number;
  /** Where the string itself says too little. */
  readonly label?: string;
  readonly snippet?: string;
  /** It is a part only, behind which the next one is asked for. */
  readonly goesOn?: true;
}

export function targetsFor(
  asked: Asked,
  fact: KnownSection,
  sections: readonly KnownSection[],
  typed: string,
): readonly SectionTarget[] {
  const base = fact.name.slice(0, -1);
  const target = typed.slice(base.length + 1);
  const known = knownTargets(asked, fact, base, target).map((one) => ({ ...one, section: `${base}/${one.section}` }));
  return [...usedElsewhere(asked, fact, sections, known), ...known, ...(known.length > 0 ? [] : pattern(fact, base))];
}

function knownTargets(asked: Asked, { name, sleepable }: KnownSection, base: string, target: string) {
  const family = base.replace(/\.[sw]$/, "");
  if (family === "tp" || family === "tracepoint") return tracepoints(target, sleepable);
  if (name === "raw_tp.w+" || name === "raw_tracepoint.w+") return [];
  if (/^(?:raw_tp|raw_tracepoint|tp_btf)$/.test(family)) return rawTracepoints(sleepable);
  if (family === "iter") return Object.entries(ITERATORS).map(([one, detail]) => named(one, detail));
  if (base === "lsm_cgroup") return CGROUP_LSM_HOOKS.map((hook) => named(hook, "LSM hook"));
  if (family === "lsm") return (sleepable ? SLEEPABLE_LSM_HOOKS : LSM_HOOKS).map((hook) => named(hook, "LSM hook"));
  if (family === "ksyscall" || family === "kretsyscall") return SYSCALLS.map((call) => named(call, "system call"));
  if (family === "struct_ops") return operations(asked);
  return [];
}

function named(section: string, detail: string): SectionTarget {
  return { section, detail, rank: RANK.good };
}

/** Of the classic tracepoints only those of system calls let a program sleep. */
function tracepoints(target: string, sleepable: boolean): readonly SectionTarget[] {
  const category = target.includes("/") ? target.slice(0, target.indexOf("/")) : undefined;
  if (category === "syscalls") return SYSCALLS.flatMap((call) => [systemCall("enter", call), systemCall("exit", call)]);
  if (sleepable) return category === undefined ? [categoryOf("syscalls", "entry and exit of every system call")] : [];
  if (category !== undefined)
    return (TRACEPOINTS[category] ?? []).map((event) => named(`${category}/${event}`, "tracepoint"));
  return [
    categoryOf("syscalls", "entry and exit of every system call"),
    ...Object.entries(TRACEPOINTS).map(([name, events]) => categoryOf(name, events.slice(0, 3).join(", "))),
    ...Object.entries(TRACEPOINTS).flatMap(([name, events]) =>
      events.map((event) => ({ ...named(`${name}/${event}`, "tracepoint"), rank: RANK.usual })),
    ),
  ];
}

function systemCall(when: "enter" | "exit", call: string): SectionTarget {
  return named(`syscalls/sys_${when}_${call}`, when === "enter" ? `entry of ${call}()` : `exit of ${call}()`);
}

function categoryOf(name: string, detail: string): SectionTarget {
  return { section: `${name}/`, detail, rank: RANK.best, goesOn: true };
}

/** Raw tracepoints have no category; those of a system call are one for all calls. */
function rawTracepoints(sleepable: boolean): readonly SectionTarget[] {
  const calls = [named("sys_enter", "entry of any system call"), named("sys_exit", "exit of any system call")];
  if (sleepable) return calls;
  const others = Object.entries(TRACEPOINTS).filter(([category]) => category !== "raw_syscalls");
  return [
    ...calls,
    ...others.flatMap(([category, events]) => events.map((event) => named(event, `tracepoint of ${category}`))),
  ];
}

/** The members that structures of operations in this file are given programs for. */
function operations({ file }: Asked): readonly SectionTarget[] {
  return file.model.globals
    .filter(({ section }) => section?.name?.startsWith(".struct_ops") || section?.name?.startsWith("?.struct_ops"))
    .flatMap(({ name, range }) => {
      const text = file.text.slice(file.lines.offsetAt(range.start), file.lines.offsetAt(range.end));
      const members = [...text.matchAll(/\.(\w+)\s*=\s*(?:\(\s*void\s*\*\s*\)\s*)?&?\s*[A-Za-z_]\w*/g)];
      return members.map(([, member = ""]) => named(member, `operation of ${name}`));
    });
}

/** A probe on entry is often followed by one on exit: what another section of the file names in the same way. */
function usedElsewhere(
  { file, position }: Asked,
  fact: KnownSection,
  sections: readonly KnownSection[],
  known: readonly SectionTarget[],
): readonly SectionTarget[] {
  const base = fact.name.slice(0, -1);
  const allowed = new RegExp(fact.targetRules?.pattern ?? "^$");
  const found = file.model.programs.flatMap(({ section }) => {
    if (section.name === undefined || containsPosition(section.range, position)) return [];
    const other = readSection(section.name, sections);
    const same = other !== undefined && partsOf(other.section) === partsOf(fact);
    return same && other.target !== undefined && allowed.test(other.target) ? [`${base}/${other.target}`] : [];
  });
  return [...new Set(found)]
    .filter((section) => !known.some((one) => one.section === section))
    .map((section) => ({ section, detail: "named in this file", rank: RANK.best }));
}

/** `[module:]function` and `function[+offset]` mean the same thing. */
function partsOf({ targetRules }: KnownSection): string | undefined {
  return targetRules?.syntax?.replace(/\[[^\]]*\]/g, "");
}

/** The example with its parts to be filled in. */
function pattern({ targetRules }: KnownSection, base: string): readonly SectionTarget[] {
  const { syntax, example = "" } = targetRules ?? {};
  const target = example.slice(base.length + 1).replace(/\+\w+$/, "");
  if (syntax === undefined || !example.startsWith(`${base}/`) || target === "") return [];
  const parts = syntax.includes("path:") ? target.split(":") : target.split("/");
  const stops = parts.map((part, n) => `\${${n + 1}:${plain(part)}}`).join(syntax.includes("path:") ? ":" : "/");
  const section = `${base}/${target}`;
  return [
    { section, label: `${base}/${syntax}`, detail: `such as ${section}`, rank: RANK.more, snippet: `${base}/${stops}` },
  ];
}
