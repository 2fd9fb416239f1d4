/** Rule: what stands behind the slash of a section is nothing that such a program can be attached to. */

import { isHalfTyped, meaningOf, namedPrograms, renamings } from "../for-rules/section-meaning.ts";
import type { KnowledgeBase } from "../knowledge/knowledge-base.ts";
import { familyOf } from "../knowledge/loaders.ts";
import { classifySection } from "../knowledge/sections.ts";
import { rememberedFor } from "../remember.ts";
import type { Report, Rule, RuleContext, Severity } from "../rule.ts";

export const malformedSectionTarget: Rule = {
  meta: {
    id: "malformed-section-target",
    group: "sections",
    summary: "A section whose target is not written as the loader reads it",
    rationale: `libbpf reads what stands behind the slash of a section differently for every kind of program. A tracepoint has
a category, a raw one has none, the hook of an LSM program stands without its \`bpf_lsm_\`, a system call without the prefix
of its architecture, a uprobe needs path and function with a colon between them. For programs that are checked against their
target, such as \`fentry\` and \`lsm\`, a wrong one means that the load fails. The others are loaded, and fail when a skeleton
or \`bpf_program__attach()\` attaches them by what the section says.

User space may attach to something else by a function of its own, \`bpf_program__attach_tracepoint()\` for one. So where
nothing shows what was meant the finding is only a remark, and a uprobe with a mere name behind the slash is left alone.`,
    severity: "warning",
    fix: "unsafe",
    examples: [
      {
        bad: `SEC("iter/bpf_iter_task")
int f(struct bpf_iter__task *ctx)
{
	return 0;
}`,
        good: `SEC("iter/task")
int f(struct bpf_iter__task *ctx)
{
	return 0;
}`,
        refused: { by: "libbpf", says: "failed to find kernel BTF type ID of 'bpf_iter_task'" },
      },
      {
        bad: `SEC("tracepoint/sys_enter_openat")
int f(struct trace_event_raw_sys_enter *ctx)
{
	return 0;
}`,
        good: `SEC("tracepoint/syscalls/sys_enter_openat")
int f(struct trace_event_raw_sys_enter *ctx)
{
	return 0;
}`,
      },
      {
        bad: `SEC("uprobe/usr/bin/bash:readline")
int f(struct pt_regs *ctx)
{
	return 0;
}`,
        good: `SEC("uprobe//usr/bin/bash:readline")
int f(struct pt_regs *ctx)
{
	return 0;
}`,
      },
    ],
  },

  *check(ctx: RuleContext): Iterable<Report> {
    // The other loaders are told by their own calls what to attach to.
    if (familyOf(ctx.loader) !== "libbpf") return;
    for (const { section } of namedPrograms(ctx.model)) {
      if (!section.name.includes("/")) continue;
      const bad = badTarget(section.name, ctx.kb);
      if (bad === undefined || meaningOf(section.name, ctx).kind !== "taken") continue;
      if (isHalfTyped(section, ctx.model)) continue;
      yield {
        range: section.nameRange,
        message: messageFor(bad),
        severity: severityOf(bad),
        fixes: bad.meant === undefined ? [] : renamings(section, [bad.meant], ctx.model),
      };
    }
  },
};

function severityOf({ atLoad, meant }: BadTarget): Severity {
  if (atLoad) return "error";
  return meant === undefined ? "info" : "warning";
}

function messageFor({ atLoad, target, syntax, example, why, meant }: BadTarget): string {
  const effect = atLoad ? "libbpf refuses the file" : "libbpf cannot attach this by itself";
  if (why !== undefined) return `${effect}: ${why}; write "${meant}"`;
  return `${effect}: "${target}" is no ${syntax}; write ${meant === undefined ? `it as in "${example}"` : `"${meant}"`}`;
}

/** What stands behind a slash and cannot be used. */
interface BadTarget {
  /** The program itself is refused; otherwise it only cannot be attached by what the section says. */
  readonly atLoad: boolean;
  readonly target: string;
  /** What the loader wants: `[module:]function`. */
  readonly syntax: string;
  readonly example: string;
  /** In words, where there is more to say than that it does not fit. */
  readonly why: string | undefined;
  /** The whole section, put right. */
  readonly meant: string | undefined;
}

/** @returns undefined where nothing speaks against it; what libbpf takes only later, at attaching, counts too */
const badTarget = rememberedFor((section: string, kb: KnowledgeBase): BadTarget | undefined => {
  const { fact, target: written, autoload } = classifySection(section, kb) ?? {};
  // An offset of nothing is none.
  const target = /^\??[ku]retprobe/.test(section) ? written?.replace(/\+0(?:x0+)?$/, "") : written;
  const { syntax, pattern, malformed, example = "" } = fact?.targetRules ?? {};
  // Nothing behind the slash is half typed, or as good as no slash.
  if (fact === undefined || target === undefined || target === "" || syntax === undefined || pattern === undefined)
    return undefined;
  const base = fact.name.slice(0, -1);
  const allowed = new RegExp(pattern);
  const repair = repairOf(family(base), target, allowed);
  if (repair === undefined && (allowed.test(target) || isName(base, target))) return undefined;
  const mark = autoload ? "" : "?";
  return {
    atLoad: malformed === "refused at load",
    target,
    syntax,
    example,
    why: repair?.why,
    meant: repair && mark + (repair.section ?? `${base}/${repair.target}`),
  };
});

/** `fentry.s`, `raw_tp.w` and `tracepoint` are written as their relatives are. */
function family(base: string): string {
  return base.replace(/\.[sw]$/, "").replace(/^tracepoint$/, "tp");
}

/** Programs for processes are mostly attached by user space, which knows the path: behind the slash stands a mere name. */
function isName(base: string, target: string): boolean {
  return /^(?:u(?:ret)?probe|usdt)\b/.test(base) && !target.includes(":");
}

interface Repair {
  readonly target: string;
  /** Where more changes than the target. */
  readonly section?: string;
  readonly why?: string;
}

/** A mistake that people make. How libbpf reads targets is in the attach functions of its src/libbpf.c. */
interface Mistake {
  readonly families: RegExp;
  readonly test: RegExp;
  readonly repair: (match: readonly string[]) => Repair;
  /** Found although it looks right to libbpf. */
  readonly looksRight?: true;
}

const MISTAKES: readonly Mistake[] = [
  { families: /^/, test: /^\s+(.*?)\s*$|^(.*?)\s+$/, repair: ([, a, b]) => ({ target: a ?? b ?? "" }) },
  { families: /^(?!u(?:ret)?probe|usdt)/, test: /^(\w+)\(\)$/, repair: ([, name = ""]) => ({ target: name }) },
  {
    families: /^lsm/,
    test: /^(?:bpf_lsm_|security_)(\w+)$/,
    looksRight: true,
    repair: ([, hook = ""]) => ({ target: hook, why: "it puts bpf_lsm_ before the hook by itself" }),
  },
  {
    families: /^iter$/,
    test: /^bpf_iter_(\w+)$/,
    repair: ([, name = ""]) => ({ target: name, why: "it puts bpf_iter_ before this once more" }),
  },
  {
    families: /^tp_btf$/,
    test: /^btf_trace_(\w+)$/,
    repair: ([, name = ""]) => ({ target: name, why: "it puts btf_trace_ before this once more" }),
  },
  {
    families: /^(?:tp_btf|raw_tp|raw_tracepoint)$/,
    test: /^\w+\/(\w+)$/,
    repair: ([, name = ""]) => ({ target: name, why: "raw tracepoints are named without their category" }),
  },
  {
    families: /^tp$/,
    test: /^(\w+):(\w+)$/,
    repair: ([, category = "", name = ""]) => ({ target: `${category}/${name}` }),
  },
  {
    families: /^tp$/,
    test: /^(sys_(?:enter|exit))(_\w+)?$/,
    repair: ([, event = "", call = ""]) => ({
      target: `${call === "" ? "raw_syscalls" : "syscalls"}/${event}${call}`,
      why: "a tracepoint needs its category",
    }),
  },
  {
    families: /^k(?:ret)?syscall$/,
    test: /^(?:__(?:x64|x32|ia32|arm64|arm|s390x?|s390|riscv|powerpc|se|do)_sys_|__sys_|sys_)(\w+)$/,
    repair: ([, call = ""]) => ({ target: call, why: "it puts the kernel's prefix before the call by itself" }),
  },
  {
    families: /^k(?:ret)?probe$/,
    test: /^\w+:([\w.]+(?:\+\w+)?)$/,
    repair: ([, name = ""]) => ({
      target: name,
      why: "a kprobe names no module, and reading ends at the colon",
    }),
  },
  {
    families: /^(?:kretprobe|fentry|fexit|fmod_ret|fsession|kprobe\.multi|kretprobe\.multi|kprobe\.session)$/,
    test: /^([\w.*?]+)\+\w+$/,
    repair: ([, name = ""]) => ({ target: name, why: "there is no offset here" }),
  },
  {
    families: /^uretprobe$/,
    test: /^([^:]+:[^+]+)\+\w+$/,
    repair: ([, name = ""]) => ({ target: name, why: "there is no offset here" }),
  },
  {
    families: /^(?:u(?:ret)?probe|usdt)/,
    test: /^((?:usr|bin|sbin|lib(?:32|64|x32)?|opt|home|root|proc|var|tmp|mnt|srv|data|system|apex)\/[^:]*:.+)$/,
    looksRight: true,
    repair: ([, rest = ""]) => ({
      target: `/${rest}`,
      why: "an absolute path has a slash of its own",
    }),
  },
];

/** The way from a function to the many that a pattern stands for is another kind of program. */
const MANY: ReadonlyMap<string, string> = new Map([
  ["kprobe", "kprobe.multi"],
  ["kretprobe", "kretprobe.multi"],
]);

function repairOf(kind: string, target: string, allowed: RegExp): Repair | undefined {
  const isRight = allowed.test(target);
  for (const { families, test, repair, looksRight } of MISTAKES) {
    if (!families.test(kind) || (isRight && looksRight !== true)) continue;
    const match = test.exec(target);
    const made = match && repair(match);
    if (made !== null && allowed.test(made.target)) return made;
  }
  const many = MANY.get(kind);
  if (many !== undefined && /^[\w.*?]*[*?][\w.*?]*$/.test(target))
    return { target, section: `${many}/${target}`, why: `wildcards are for ${many}` };
  return undefined;
}
