/** Rule: programs in a file that gives no licence. */

import { insertAt, replace, sectionMark } from "../edits.ts";
import { type GplUse, gplUses, licenceMeantBy } from "../for-rules/gpl.ts";
import { knownPrograms } from "../for-rules/runs.ts";
import type { BpfModel } from "../model.ts";
import type { Fix, Report, Rule, RuleContext } from "../rule.ts";
import { nearest } from "../spelling.ts";
import type { Range } from "../text.ts";

export const missingLicence: Rule = {
  meta: {
    id: "missing-licence",
    group: "licence",
    summary: "Programs in a file that gives no licence",
    rationale: `Without a licence the kernel takes a program for proprietary, and refuses it whatever is reserved for the GPL.
The loader hands over the string in section \`license\` together with each program. Without one \`bpf_trace_printk()\`, every
helper that reads the memory of kernel or processes, and all kfuncs are out of reach. The kernel then says \`cannot call
GPL-restricted function from non-GPL compatible program\`, which does not sound like a missing line.

It is an error where the file uses such a thing, and a remark elsewhere. aya and bcc take "GPL" where nothing is said.`,
    severity: "error",
    fix: "unsafe",
    examples: [
      {
        bad: `// hello: has no SEC("license") yet
#include "vmlinux.h"
#include <bpf/bpf_helpers.h>

SEC("tracepoint/syscalls/sys_enter_execve")
int hello(void *ctx)
{
	bpf_printk("hello");
	return 0;
}
`,
        good: `// hello: has no SEC("license") yet
#include "vmlinux.h"
#include <bpf/bpf_helpers.h>

SEC("tracepoint/syscalls/sys_enter_execve")
int hello(void *ctx)
{
	bpf_printk("hello");
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
`,
        refused: { by: "kernel", says: "from non-GPL compatible program" },
      },
    ],
  },

  *check(ctx: RuleContext): Iterable<Report> {
    const { model } = ctx;
    if (model.licence !== undefined || model.programs.length === 0 || ASKS_FOR_NONE.has(ctx.loader)) return;
    const misplaced = misplacedLicence(model);
    if (misplaced !== undefined) {
      const [needing] = gplUses(ctx);
      yield {
        range: misplaced.range,
        message: `${misplaced.why}: ${consequence(needing)}`,
        fixes: [misplaced.fix],
        ...(needing === undefined
          ? { severity: "warning" }
          : { related: [{ range: needing.range, message: "GPL only" }] }),
      };
      return;
    }
    const [first] = knownPrograms(ctx);
    if (first === undefined || givesElsewhere(model) || isPart(model)) return;
    const uses = gplUses(ctx);
    const [use] = uses;
    yield {
      range: first.program.section.range,
      message: `this file has no SEC("license"): ${consequence(use)}`,
      fixes: ["GPL", "Dual BSD/GPL"].map((licence) => addLicence(licence, model)),
      ...(use === undefined
        ? { severity: "info" }
        : { related: uses.map(({ range }) => ({ range, message: "GPL only" })) }),
    };
  },
};

/** They put "GPL" where the file says nothing: parse_license() of aya-obj, bpf_module.cc of bcc. */
const ASKS_FOR_NONE: ReadonlySet<string> = new Set(["aya", "bcc"]);

function consequence(use: GplUse | undefined): string {
  if (use === undefined) return "the kernel takes its programs for proprietary";
  return `the kernel refuses ${use.what}${use.where === undefined ? "" : ` ${use.where}`}`;
}

interface Misplaced {
  readonly range: Range;
  readonly why: string;
  readonly fix: Fix;
}

/** A licence in a section that is called nearly so, or in none. */
function misplacedLicence(model: BpfModel): Misplaced | undefined {
  const { globals, code, outside } = model;
  if (outside.licence !== undefined || code.has(/"license"/)) return undefined;
  for (const { name, nameRange, section, range } of globals) {
    if (section !== undefined) {
      const isMeant = section.name !== undefined && nearest(section.name, ["license"], 2) !== undefined;
      if (!isMeant || code.textOf(section.nameRange) !== section.name) continue;
      const fix: Fix = { title: 'Change to "license"', edits: [replace(section.nameRange, "license")], safety: "safe" };
      return { range: section.nameRange, why: `the section is "license", not "${section.name}"`, fix };
    }
    const [, declared, licence = ""] = STRING.exec(code.textOf(range)) ?? [];
    if (!/licen[cs]e/i.test(name) || declared === undefined || licenceMeantBy(licence) === undefined) continue;
    const mark = sectionMark("license", model);
    const behind = code.lines.offsetAt(range.start) + declared.length;
    const { end } = code.lines.rangeOf({ start: behind, end: behind });
    const fix: Fix = { title: `Add ${mark}`, edits: [insertAt(end, ` ${mark}`)], safety: "safe" };
    return { range: nameRange, why: `${name} is in no section "license"`, fix };
  }
  return undefined;
}

/** `char LICENSE[] = "GPL"`, with nothing in between that could say more. */
const STRING = /^((?:static\s+|const\s+)*char\s+(?:const\s+)?\w+\s*\[\s*\w*\s*\])\s*=\s*"([^"]*)"\s*;?\s*$/;

/** A header, a macro, or the file by whatever name. */
function givesElsewhere({ outside, unread, code }: BpfModel): boolean {
  return (
    outside.licence !== undefined ||
    unread().length > 0 ||
    code.literals().some(({ text }) => text === '"license"') ||
    code.directives().some(({ body }) => body.includes('"license"')) ||
    [...code.names()].some((name) => /licen[cs]e/i.test(name))
  );
}

/** A file that others include, or that is linked with others into one object. */
function isPart(model: BpfModel): boolean {
  const { includes, calls, code, declared } = model;
  if (includes.length === 0 || isIncludedOnce(model) || code.uses("__hidden").length > 0) return true;
  return calls.some(({ name }) => declared(name)?.isKsym === false && !model.redefines(name));
}

function isIncludedOnce({ code }: BpfModel): boolean {
  const [first, second] = code.directives();
  if (first === undefined) return false;
  if (first.name === "pragma") return first.body === "once";
  const isGuard = first.name === "ifndef" || (first.name === "if" && /^!\s*defined\b/.test(first.body));
  return isGuard && second?.name === "define" && first.body.includes(second.body.split(/\s/)[0] ?? "");
}

function addLicence(licence: string, model: BpfModel): Fix {
  const { lines } = model.code;
  const mark = sectionMark("license", model);
  const line = `char LICENSE[] ${mark} = "${licence}";`;
  const last = lines.count - 1;
  const text = lines.textOf(last);
  const before = text === "" ? "\n" : "\n\n";
  const end = { line: last, character: text.length };
  return { title: `Add ${mark} = "${licence}"`, edits: [insertAt(end, `${before}${line}\n`)] };
}
