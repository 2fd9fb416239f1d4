/** Rule: a call with fewer or more arguments than what it calls takes. */

import { insertAt, replace } from "../edits.ts";
import { callsWhere } from "../for-rules/calls.ts";
import { isForBcc } from "../for-rules/file-kinds.ts";
import { helperOf, mayBeLeftOut } from "../for-rules/runs.ts";
import { type Use, usesIn } from "../for-rules/uses.ts";
import type { Argument, BpfModel, Call } from "../model.ts";
import type { Fix, Report, Rule, RuleContext } from "../rule.ts";

export const wrongArgumentCount: Rule = {
  meta: {
    id: "wrong-argument-count",
    group: "calls",
    summary: "A call with fewer or more arguments than what it calls takes",
    rationale: `Every helper and most macros of libbpf take a fixed number of arguments, and clang refuses a call with any other.
The last argument of a helper is often \`flags\`, which is easy to forget where it is 0 nearly always: \`too few arguments to
function call, expected 4, have 3\`. With a macro one too many gives messages about code that nobody wrote.`,
    severity: "error",
    fix: "unsafe",
    saidByC: true,
    examples: [
      {
        bad: `struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 64);
	__type(key, __u32);
	__type(value, __u64);
} starts SEC(".maps");

SEC("tp/sched/sched_process_exec")
int on_exec(void *ctx)
{
	__u32 pid = bpf_get_current_pid_tgid() >> 32;
	__u64 now = bpf_ktime_get_ns();

	bpf_map_update_elem(&starts, &pid, &now);
	return 0;
}`,
        good: `struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 64);
	__type(key, __u32);
	__type(value, __u64);
} starts SEC(".maps");

SEC("tp/sched/sched_process_exec")
int on_exec(void *ctx)
{
	__u32 pid = bpf_get_current_pid_tgid() >> 32;
	__u64 now = bpf_ktime_get_ns();

	bpf_map_update_elem(&starts, &pid, &now, BPF_ANY);
	return 0;
}`,
        refused: { by: "clang", says: "too few arguments to function call, expected 4, have 3" },
      },
      {
        bad: `SEC("tp/sched/sched_process_exec")
int on_exec(void *ctx)
{
	char name[16];

	bpf_get_current_comm(name, sizeof(name), 0);
	bpf_printk("%s", name);
	return 0;
}`,
        good: `SEC("tp/sched/sched_process_exec")
int on_exec(void *ctx)
{
	char name[16];

	bpf_get_current_comm(name, sizeof(name));
	bpf_printk("%s", name);
	return 0;
}`,
        refused: { by: "clang", says: "too many arguments to function call, expected 2, have 3" },
      },
    ],
  },

  *check(ctx: RuleContext): Iterable<Report> {
    // bcc's own helpers and macros share names with these and take other arguments.
    if (isForBcc(ctx)) return;
    const known = new Map<string, Taken | undefined>();
    for (const call of callsWhere((name) => mayBeCounted(name, ctx), ctx.model)) {
      if (!call.closed || call.in === undefined) continue;
      const takes = known.has(call.name) ? known.get(call.name) : takenBy(call, ctx);
      known.set(call.name, takes);
      const report = takes && reportOf(call, takes, ctx.model);
      if (report !== undefined && !isDeclaredAnew(call, ctx)) yield report;
    }
    for (const use of usesIn(ctx)) {
      const report = use.by === undefined ? undefined : missingIn(use, ctx);
      if (report !== undefined) yield report;
    }
  },
};

/** What the file's own declaration of a helper leaves out is whatever a register has, of which the verifier knows nothing. */
function missingIn({ name, call, kind }: Use, { kb, model }: RuleContext): Report | undefined {
  const helper = kind === "helper" && kb.macro(call.name) === undefined ? kb.helper(name) : undefined;
  if (helper === undefined || name === call.name || !call.closed || mayBeLeftOut(call, model)) return undefined;
  const named = helper.params.filter(({ type }) => type !== "..." && type !== "void");
  const { args, nameRange } = call;
  if (args.length >= named.length || args.some((argument) => mayBeSeveral(argument, call, model))) return undefined;
  const list = named.map((param) => param.name).join(", ");
  const gets = args.length === 0 ? "none" : args.length;
  return {
    range: nameRange,
    message: `${call.name}() is ${name}(), which takes ${plural(named.length)} (${list}) and gets ${gets}: the verifier refuses it`,
  };
}

interface Taken {
  readonly names: readonly string[];
  readonly isVariadic: boolean;
  /** A macro's arguments end at every comma that no parenthesis encloses. */
  readonly isMacro?: true;
}

function mayBeCounted(name: string, { kb }: RuleContext): boolean {
  return kb.helper(name) !== undefined || kb.kfunc(name) !== undefined || kb.macro(name) !== undefined;
}

function takenBy(call: Call, ctx: RuleContext): Taken | undefined {
  const { model, kb } = ctx;
  const helper = kb.helper(call.name);
  if (helper !== undefined) {
    if (helperOf(call, ctx) === undefined) return undefined;
    const isVariadic = helper.params.at(-1)?.type === "...";
    const named = helper.params.filter(({ type }) => type !== "..." && type !== "void");
    return { names: named.map(({ name }) => name), isVariadic };
  }
  if (kb.kfunc(call.name) !== undefined) return model.redefines(call.name) ? undefined : declaredParams(call, model);
  return macroParams(call, ctx);
}

/** Before libbpf had a header for them, programs declared their helpers: `static int (*bpf_x)(void *) = (void *)BPF_FUNC_x`. */
function isDeclaredAnew({ name }: Call, { model, kb }: RuleContext): boolean {
  return kb.helper(name) !== undefined && model.code.uses(name).some((use) => use.in === undefined);
}

/** A kfunc takes what the file declares: its kernel is not known here. */
function declaredParams({ name }: Call, model: BpfModel): Taken | undefined {
  const declaration = model.declared(name);
  const list = declaration?.isKsym ? new RegExp(`\\b${name}\\s*\\(([^()]*)\\)`).exec(declaration.text)?.[1] : undefined;
  if (list === undefined) return undefined;
  const params = list.trim() === "void" || list.trim() === "" ? [] : list.split(",").map((param) => param.trim());
  const isVariadic = params.at(-1) === "...";
  const named = isVariadic ? params.slice(0, -1) : params;
  // A declaration may leave the names out.
  return { names: named.map((param) => /[\s*](\w+)\s*(?:\[[^\]]*\]\s*)*$/.exec(param)?.[1] ?? ""), isVariadic };
}

/** Those of libbpf whose names nobody else would take, where no other header can have brought one of that name. */
function macroParams({ name }: Call, { model, kb }: RuleContext): Taken | undefined {
  const macro = /^(?:bpf_|BPF_|PT_REGS_)/.test(name) ? kb.macro(name) : undefined;
  if (macro?.params === undefined || model.redefines(name) || model.unread().length > 0) return undefined;
  const isVariadic = macro.params.at(-1)?.endsWith("...") === true;
  const named = isVariadic ? macro.params.slice(0, -1) : macro.params;
  const names = named.map((param) => /\w+$/.exec(param)?.[0] ?? param);
  return { names, isVariadic, ...(macro.function !== true && { isMacro: true }) };
}

function reportOf(call: Call, taken: Taken, model: BpfModel): Report | undefined {
  const { args } = call;
  const { names, isVariadic, isMacro } = taken;
  if (args.length === names.length || (isVariadic && args.length > names.length)) return undefined;
  if (isMacro && args.some(({ text }) => text.includes("{"))) return undefined;
  const isShort = args.length < names.length;
  if (isShort && args.some((argument) => mayBeSeveral(argument, call, model))) return undefined;
  const list = names.length === 0 || names.includes("") ? "" : ` (${names.join(", ")}${isVariadic ? ", …" : ""})`;
  const counted = `${isVariadic ? "at least " : ""}${names.length === 0 ? "no arguments" : plural(names.length)}`;
  return {
    range: call.nameRange,
    message: `${call.name}() takes ${counted}${list} and gets ${args.length === 0 ? "none" : args.length}`,
    fixes: isShort ? addFlags(call, taken) : removeLast(call, names.length),
  };
}

function plural(count: number): string {
  return count === 1 ? "one argument" : `${count} arguments`;
}

/** A macro may stand for several arguments with commas between them. */
function mayBeSeveral({ text }: Argument, { in: fn }: Call, model: BpfModel): boolean {
  const name = /^([A-Za-z_]\w*)\s*(?:\(.*\))?$/s.exec(text)?.[1];
  if (name === undefined) return false;
  if (model.redefines(name)) return true;
  const isKnown = fn?.params.some((param) => param.name === name) || /[a-z]/.test(name);
  return !isKnown && name !== "NULL" && model.unread().length > 0;
}

/** The one that is missing is in all likelihood the last, if that is what it is for. */
function addFlags({ name, args, range }: Call, { names }: Taken): readonly Fix[] {
  if (args.length !== names.length - 1 || names.at(-1) !== "flags") return [];
  const flags = /^bpf_map_(?:update|push)_elem$/.test(name) ? "BPF_ANY" : "0";
  const end = args.at(-1)?.range.end ?? { ...range.end, character: range.end.character - 1 };
  return [{ title: `Add ${flags}`, edits: [insertAt(end, args.length === 0 ? flags : `, ${flags}`)] }];
}

function removeLast({ args }: Call, count: number): readonly Fix[] {
  const [kept, last] = [args[count - 1], args.at(-1)];
  const first = args[0];
  if (first === undefined || last === undefined) return [];
  const start = kept?.range.end ?? first.range.start;
  const what = args.length - count === 1 ? "the last argument" : `the last ${args.length - count} arguments`;
  return [{ title: `Remove ${what}`, edits: [replace({ start, end: last.range.end }, "")] }];
}
