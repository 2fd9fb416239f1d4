/** Rule: a helper or kfunc that may sleep, in a program that may not. */

import { replace } from "../edits.ts";
import { callsWhere } from "../for-rules/calls.ts";
import { helperOf, kfuncOf, mayBeLeftOut, type Run, runsOf } from "../for-rules/runs.ts";
import type { KnowledgeBase } from "../knowledge/knowledge-base.ts";
import { familyOf, programMeaning } from "../knowledge/loaders.ts";
import { allowancesFor, REPLACEMENT } from "../knowledge/supports.ts";
import type { Helper, KfuncFact } from "../knowledge/types.ts";
import type { Call, Program } from "../model.ts";
import type { Fix, Report, Rule, RuleContext } from "../rule.ts";
import type { TextEdit } from "../text.ts";

export const sleepingCall: Rule = {
  meta: {
    id: "sleeping-call",
    group: "calls",
    summary: "A call that may sleep in a program that may not",
    rationale: `Only programs in sections such as \`fentry.s\` or \`uprobe.s\` may call what can put the task to sleep.
That is what the kernel does to read memory that must be fetched from disk, or to take a lock that others hold for long. Other
programs are refused, with \`helper call might sleep in a non-sleepable prog\` or \`program must be sleepable to call sleepable
kfunc bpf_x\`.

A program that may sleep can be attached in fewer places: system calls, functions that allow injected errors, most LSM hooks,
and uprobes. A kprobe or a tracepoint never may; \`bpf_probe_read_user()\` does not sleep and fails where the memory is not
there.`,
    severity: "error",
    fix: "unsafe",
    examples: [
      {
        bad: `SEC("uprobe//bin/bash:readline")
int BPF_KPROBE(on_readline, const char *prompt)
{
	char text[16];

	if (bpf_copy_from_user(text, sizeof(text), prompt))
		return 0;
	bpf_printk("%c", text[0]);
	return 0;
}`,
        good: `SEC("uprobe.s//bin/bash:readline")
int BPF_KPROBE(on_readline, const char *prompt)
{
	char text[16];

	if (bpf_copy_from_user(text, sizeof(text), prompt))
		return 0;
	bpf_printk("%c", text[0]);
	return 0;
}`,
        refused: { by: "kernel", says: "helper call might sleep in a non-sleepable prog" },
      },
      {
        bad: `SEC("kprobe/do_sys_openat2")
int BPF_KPROBE(on_open, int dfd, const char *path)
{
	char text[16];

	if (bpf_copy_from_user(text, sizeof(text), path))
		return 0;
	bpf_printk("%c", text[0]);
	return 0;
}`,
        good: `SEC("kprobe/do_sys_openat2")
int BPF_KPROBE(on_open, int dfd, const char *path)
{
	char text[16];

	if (bpf_probe_read_user(text, sizeof(text), path))
		return 0;
	bpf_printk("%c", text[0]);
	return 0;
}`,
        refused: { by: "kernel", says: "helper call might sleep in a non-sleepable prog" },
      },
    ],
  },

  *check(ctx: RuleContext): Iterable<Report> {
    for (const call of callsWhere((name) => maySleep(name, ctx), ctx.model)) {
      const fact = sleeperOf(call, ctx);
      const report = fact && reportOf(fact, call, ctx);
      if (report !== undefined) yield report;
    }
  },
};

type Sleeper = Helper | KfuncFact;

/** Wherever it may be called, or at least in some programs. */
function maySleep(name: string, { kb }: RuleContext): boolean {
  const helper = kb.helper(name);
  if (helper !== undefined) return helper.sleeps === true || helper.allowed.some(({ sleepable }) => sleepable);
  return kb.kfunc(name)?.flags.includes("KF_SLEEPABLE") === true;
}

/** What a call means. */
function sleeperOf(call: Call, ctx: RuleContext): Sleeper | undefined {
  return ctx.kb.helper(call.name) !== undefined ? helperOf(call, ctx) : kfuncOf(call, ctx);
}

function reportOf(fact: Sleeper, call: Call, ctx: RuleContext): Report | undefined {
  const runs = runsOf(call, ctx);
  const barred = runs.filter((run) => mayNotSleep(fact, run));
  // Where some of the programs may sleep, a function that asks first may ask which one it is.
  const certain = barred.filter(
    ({ asks }) => asks === "nothing" || (asks === "something" && barred.length === runs.length),
  );
  const [first] = certain;
  if (first === undefined || mayBeLeftOut(call, ctx.model)) return undefined;
  const others = certain.filter(({ program }) => program !== call.in).map(({ program }) => program);
  const via = others.length === 0 ? "" : ` (${others.map(({ name }) => `${name}()`).join(", ")})`;
  const fixes = [...sleepableSections(certain, ctx), ...readInstead(call)];
  return {
    range: call.nameRange,
    message: `${call.name}() may sleep, which ${first.word} programs${via} may not${adviceFor(first, fixes)}`,
    fixes,
    related: others.map(({ name, nameRange }) => ({
      range: nameRange,
      message: `${name}() runs this and may not sleep`,
    })),
  };
}

function mayNotSleep(fact: Sleeper, { kind, sleepable }: Run): boolean {
  if (sleepable || kind.progType === REPLACEMENT || kind.progType === ALWAYS_SLEEPS) return false;
  const parts = allowancesFor(fact.allowed, kind);
  return parts.length > 0 && ("flags" in fact || parts.every((part) => part.sleepable));
}

/** Run by a system call, on behalf of the task that makes it. */
const ALWAYS_SLEEPS = "BPF_PROG_TYPE_SYSCALL";

function adviceFor({ word }: Run, fixes: readonly Fix[]): string {
  if (fixes[0]?.title.startsWith(SECTION_FIX)) return `; ${word}.s programs may`;
  return fixes.length > 0 ? "; bpf_probe_read_user() does not" : "";
}

const SECTION_FIX = "Make it sleepable";

/** Of every program that makes the call, or of none. */
function sleepableSections(runs: readonly Run[], ctx: RuleContext): readonly Fix[] {
  const edits = runs.map(({ program }) => sleepableSection(program, ctx));
  const sections = [...new Set(runs.map(({ word }) => `SEC("${word}.s")`))].join(", ");
  return edits.every((edit) => edit !== undefined) ? [{ title: `${SECTION_FIX}: ${sections}`, edits }] : [];
}

function sleepableSection({ section }: Program, { kb, model, loader }: RuleContext): TextEdit | undefined {
  const { name = "", nameRange } = section;
  const prefix = programMeaning(name, kb, loader)?.word ?? "";
  const isWritten = model.code.textOf(nameRange).includes(name);
  if (!isWritten || prefix === "" || !takesSleeping(`${prefix}.s`, kb, loader)) return undefined;
  const at = model.code.textOf(nameRange).indexOf(prefix);
  return replace(
    nameRange,
    model.code
      .textOf(nameRange)
      .slice(0, at + prefix.length)
      .concat(".s", model.code.textOf(nameRange).slice(at + prefix.length)),
  );
}

/** No section that only a libbpf of the future knows. */
function takesSleeping(prefix: string, kb: KnowledgeBase, loader: string): boolean {
  if (familyOf(loader) !== "libbpf")
    return kb.loaderSections(loader).some(({ pattern, sleepable }) => pattern === prefix && sleepable === true);
  return kb.sections.some(
    ({ name, sleepable, libbpf }) => name.replace(/\+$/, "") === prefix && sleepable && libbpf !== undefined,
  );
}

/** It takes the same arguments and gives up where the other would wait. */
function readInstead({ name, nameRange }: Call): readonly Fix[] {
  if (name !== "bpf_copy_from_user") return [];
  return [
    {
      title: "Replace with bpf_probe_read_user()",
      edits: [replace(nameRange, "bpf_probe_read_user")],
    },
  ];
}
