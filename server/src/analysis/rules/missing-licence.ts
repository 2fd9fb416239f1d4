/** Rule: programs in a file that gives no licence. */

import { insertAt } from "../edits.ts";
import { type GplUse, gplUses } from "../gpl.ts";
import type { BpfModel } from "../model.ts";
import type { Fix, Report, Rule, RuleContext } from "../rule.ts";
import { knownPrograms } from "../runs.ts";

export const missingLicence: Rule = {
  meta: {
    id: "missing-licence",
    group: "licence",
    summary: "Programs in a file that gives no licence",
    rationale: `The loader hands the kernel the string in the section \`license\` together with each program. Without one the
program counts as proprietary: it loads as long as it asks for nothing that is reserved for GPL-compatible programs, but
\`bpf_trace_printk()\`, every helper that reads the memory of kernel or processes, and all kfuncs are. The kernel then says
\`cannot call GPL-restricted function from non-GPL compatible program\`, which does not sound like a missing line.

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
    const [first] = knownPrograms(ctx);
    if (first === undefined || givesElsewhere(model) || isPart(model)) return;
    const [use] = gplUses(ctx);
    yield {
      range: first.program.section.range,
      message: `the file gives no licence, ${consequence(use)}`,
      fixes: ["GPL", "Dual BSD/GPL"].map((licence) => addLicence(licence, model)),
      ...(use === undefined
        ? { severity: "info" }
        : { related: [{ range: use.range, message: `${use.what} needs one here` }] }),
    };
  },
};

/** They put "GPL" where the file says nothing: parse_license() of aya-obj, bpf_module.cc of bcc. */
const ASKS_FOR_NONE: ReadonlySet<string> = new Set(["aya", "bcc"]);

function consequence(use: GplUse | undefined): string {
  if (use === undefined) return "so the kernel takes its programs for proprietary";
  return `and without a GPL-compatible one the kernel refuses ${use.what}${use.where === undefined ? "" : ` ${use.where}`}`;
}

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

function addLicence(licence: string, { code: { lines } }: BpfModel): Fix {
  const line = `char LICENSE[] SEC("license") = "${licence}";`;
  const last = lines.count - 1;
  const text = lines.textOf(last);
  const before = text === "" ? "\n" : "\n\n";
  const end = { line: last, character: text.length };
  return { title: `Add ${line}`, edits: [insertAt(end, `${before}${line}\n`)] };
}
