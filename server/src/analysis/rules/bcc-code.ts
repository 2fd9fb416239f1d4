/** Rule: what only bcc understands, in a program for another loader. */

import { type Access, cursorOver } from "../code.ts";
import { indentationAt, insertAt, replace } from "../edits.ts";
import {
  LONG_METHODS,
  METHODS,
  type MethodForm,
  mapForm,
  PROGRAM_MACROS,
  programForm,
  sectionByName,
  statementsFor,
} from "../for-rules/bcc-form.ts";
import { callsNamed, callsWhere } from "../for-rules/calls.ts";
import type { BpfFunction, BpfMap, BpfModel, Call } from "../model.ts";
import type { Fix, Report, Rule, RuleContext } from "../rule.ts";
import type { Range, TextEdit } from "../text.ts";

export const bccCode: Rule = {
  meta: {
    id: "bcc-code",
    group: "better ways",
    summary: "Code that only bcc understands",
    rationale: `bcc rewrites a program before clang sees it, and nobody else does, so its macros and methods mean nothing elsewhere.
With it \`BPF_HASH(counts, u32)\` becomes a map, \`counts.lookup(&key)\` the call of a helper, and a function is attached by its
name, \`kprobe__do_exit\`, or by \`TRACEPOINT_PROBE()\`. With clang and libbpf the macros are unknown, a map has no methods, and a function without \`SEC()\` is not loaded at all.

The fixes write each of these as libbpf wants it. What remains to be done by hand: \`vmlinux.h\` and libbpf's headers instead of
the kernel's own, \`BPF_CORE_READ()\` for every pointer into the kernel that bcc followed by itself, and the Python or C++ side.
Set \`hookpoint.loader\` to \`bcc\` where the file is bcc's and is to stay so.`,
    severity: "info",
    fix: "unsafe",
    examples: [
      {
        bad: `BPF_HASH(counts, u32);

SEC("tracepoint/sched/sched_process_exit")
int on_exit(void *ctx)
{
	u32 pid = bpf_get_current_pid_tgid() >> 32;
	bpf_map_delete_elem(&counts, &pid);
	return 0;
}`,
        good: `struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__type(key, u32);
	__type(value, u64);
	__uint(max_entries, 10240);
} counts SEC(".maps");

SEC("tracepoint/sched/sched_process_exit")
int on_exit(void *ctx)
{
	u32 pid = bpf_get_current_pid_tgid() >> 32;
	bpf_map_delete_elem(&counts, &pid);
	return 0;
}`,
        refused: { by: "clang", says: "unexpected type name 'u32'" },
      },
      {
        bad: `struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__type(key, u32);
	__type(value, u64);
	__uint(max_entries, 10240);
} counts SEC(".maps");

SEC("tracepoint/sched/sched_process_exit")
int on_exit(void *ctx)
{
	u32 pid = bpf_get_current_pid_tgid() >> 32;
	u64 *count = counts.lookup(&pid);
	if (count)
		bpf_printk("%d: %llu", pid, *count);
	return 0;
}`,
        good: `struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__type(key, u32);
	__type(value, u64);
	__uint(max_entries, 10240);
} counts SEC(".maps");

SEC("tracepoint/sched/sched_process_exit")
int on_exit(void *ctx)
{
	u32 pid = bpf_get_current_pid_tgid() >> 32;
	u64 *count = bpf_map_lookup_elem(&counts, &pid);
	if (count)
		bpf_printk("%d: %llu", pid, *count);
	return 0;
}`,
        refused: { by: "clang", says: "no member named 'lookup'" },
      },
      {
        bad: `TRACEPOINT_PROBE(sched, sched_process_fork)
{
	bpf_printk("new process %d", args->child_pid);
	return 0;
}`,
        good: `SEC("tracepoint/sched/sched_process_fork")
int tracepoint__sched__sched_process_fork(struct trace_event_raw_sched_process_fork *args)
{
	bpf_printk("new process %d", args->child_pid);
	return 0;
}`,
        refused: { by: "clang", says: "use of undeclared identifier 'args'" },
      },
      {
        bad: `static __noinline void tell(int dfd)
{
	bpf_printk("unlink in %d", dfd);
}

int kprobe__do_unlinkat(struct pt_regs *ctx, int dfd)
{
	tell(dfd);
	return 0;
}`,
        good: `static __noinline void tell(int dfd)
{
	bpf_printk("unlink in %d", dfd);
}

SEC("kprobe/do_unlinkat")
int BPF_KPROBE(kprobe__do_unlinkat, int dfd)
{
	tell(dfd);
	return 0;
}`,
      },
    ],
  },

  *check({ model, loader }: RuleContext): Iterable<Report> {
    if (loader === "bcc") return;
    const maps = model.maps.filter(({ dialect }) => dialect === "bcc");
    const programs = model.functions.flatMap((fn) => programReport(fn, model) ?? []);
    const methods = model.maps.length === 0 ? [] : [...methodReports(model)];
    if (maps.length + programs.length + methods.length === 0) return;
    // A header that nobody could follow may define the macros.
    if (methods.length === 0 && bringsMacros(model)) return;
    for (const map of maps) yield mapReport(map, model);
    yield* methods;
    yield* programs;
    for (const call of callsWhere((name) => name === "bpf_trace_printk" || BUILTINS.has(name), model)) {
      const report = builtinReport(call, model);
      if (report !== undefined) yield report;
    }
  },
};

/** bcc's own headers and the kernel's are known not to. */
function bringsMacros(model: BpfModel): boolean {
  return model.unread().some((path) => !/^(?:bcc|uapi|linux|asm|net|trace|scsi|rdma|sound|crypto)\//.test(path));
}

function mapReport(map: BpfMap, model: BpfModel): Report {
  const macro = /^\w+/.exec(model.code.textOf(map.range))?.[0] ?? "";
  const form = mapForm(map);
  return {
    range: map.range,
    message: `${macro}() is a macro of bcc's; libbpf finds maps in section ".maps"`,
    fixes:
      form === undefined
        ? []
        : [{ title: `Declare ${map.name} in section ".maps"`, edits: [replace(map.range, form)] }],
  };
}

const METHOD_CALL = new RegExp(`\\.\\s*(?:${[...METHODS.keys(), ...LONG_METHODS].join("|")})\\s*\\(`);

function* methodReports(model: BpfModel): Iterable<Report> {
  const mentioned = [...METHODS.keys(), ...LONG_METHODS].some((name) => model.code.mentions(name));
  if (!mentioned || !model.code.has(METHOD_CALL)) return;
  for (const map of model.maps)
    for (const access of model.code.accesses(map.name)) {
      const report = methodReport(access, map, model);
      if (report !== undefined) yield report;
    }
}

/** `counts.lookup(&key)`, by its parts. */
interface MethodCall {
  readonly map: BpfMap;
  readonly method: string;
  /** From the map's name to the last parenthesis. */
  readonly range: Range;
  /** Up to the first argument. */
  readonly head: Range;
  readonly args: readonly { readonly text: string; readonly range: Range }[];
}

function methodReport(access: Access, map: BpfMap, model: BpfModel): Report | undefined {
  const [, method = ""] = /^\.\s*(\w+)$/.exec(access.chain) ?? [];
  const form = METHODS.get(method);
  const isLong = LONG_METHODS.has(method);
  if (access.in === undefined || (form === undefined && !isLong)) return undefined;
  // A variable of the function's own may have the map's name.
  if (model.code.locals(access.in).some(({ text }) => text === map.name)) return undefined;
  const call = methodCall(access, access.in, map, method, model);
  if (call === undefined) return undefined;
  const fix =
    form === undefined ? longFix(call, model) : { title: `Replace with ${form.helper}()`, edits: editsFor(call, form) };
  const instead = form === undefined ? `helpers (bpf_map_lookup_elem() and the like)` : `${form.helper}()`;
  return {
    range: access.range,
    severity: "hint",
    message: `${map.name}.${method}() is bcc's; a map has no methods, libbpf programs call ${instead}`,
    fixes: fix === undefined ? [] : [fix],
  };
}

function methodCall(
  { range }: Access,
  fn: BpfFunction,
  map: BpfMap,
  method: string,
  { code }: BpfModel,
): MethodCall | undefined {
  const behind = code.textOf({ start: range.end, end: fn.range.end });
  const cursor = cursorOver(behind);
  if (!cursor.is(0, "(") || !cursor.isClosed(0)) return undefined;
  const offset = code.lines.offsetAt(range.end);
  const close = cursor.closing(0);
  const bounds = [0, ...cursor.commas(0, close), close];
  const args = bounds.slice(1).flatMap((end, n) => {
    const first = (bounds[n] ?? 0) + 1;
    if (first >= end) return [];
    const { start, end: stop } = cursor.spanOf(first, end - 1);
    return [
      { text: behind.slice(start, stop), range: code.lines.rangeOf({ start: offset + start, end: offset + stop }) },
    ];
  });
  const end = code.lines.positionAt(offset + cursor.end(close));
  const head = { start: range.start, end: args[0]?.range.start ?? code.lines.positionAt(offset + cursor.end(0)) };
  return { map, method, range: { start: range.start, end }, head, args };
}

/** Argument by argument, so that a method within another's arguments has edits of its own. */
function editsFor(
  { map, head, args }: MethodCall,
  { helper, map: place, more, last }: MethodForm,
): readonly TextEdit[] {
  const [one] = args;
  const end = args.at(-1)?.range.end ?? head.end;
  const separator = one === undefined ? "" : ", ";
  const opening = place === "first" ? `${helper}(&${map.name}${separator}` : `${helper}(`;
  return [
    replace(head, opening),
    ...(place === "second" && one !== undefined
      ? [insertAt(one.range.end, [`, &${map.name}`, more].filter((part) => part !== undefined).join(", "))]
      : []),
    ...(last === undefined ? [] : [insertAt(end, `, ${last}`)]),
  ];
}

/** For what takes several statements: where the call is one, or all that a variable gets. */
function longFix(call: MethodCall, model: BpfModel): Fix | undefined {
  const { map, method, range, args } = call;
  const { lines } = model.code;
  const texts = args.map(({ text }) => text);
  if (method === "perf_submit_skb") {
    const [skb, length, data, size] = texts;
    const written = `bpf_perf_event_output(${skb}, &${map.name}, ((__u64)${length} << 32) | BPF_F_CURRENT_CPU, ${data}, ${size})`;
    return texts.length === 4
      ? { title: "Replace with bpf_perf_event_output()", edits: [replace(range, written)] }
      : undefined;
  }
  const before = lines.textOf(range.start.line).slice(0, range.start.character);
  const behind = lines.textOf(range.end.line).slice(range.end.character);
  const indent = indentationAt(range.start, model);
  const [, target] = /^\s*(?:([A-Za-z_][\w\s]*[\s*]*\w|\w+)\s*=\s*)?$/.exec(before) ?? [];
  const isAlone = before.trim() === "" || target !== undefined;
  const written =
    isAlone && behind.startsWith(";") ? statementsFor(method, map, { args: texts, target, indent }) : undefined;
  if (written === undefined) return undefined;
  const start = { line: range.start.line, character: indent.length };
  const end = { line: range.end.line, character: range.end.character + 1 };
  return { title: `Write ${map.name}.${method}() out`, edits: [replace({ start, end }, written)] };
}

function programReport(fn: BpfFunction, model: BpfModel): Report | undefined {
  if (fn.section !== undefined) return undefined;
  return fn.macro === undefined ? namedProgram(fn, model) : macroProgram(fn, fn.macro, model);
}

function macroProgram(fn: BpfFunction, macro: string, model: BpfModel): Report | undefined {
  if (!PROGRAM_MACROS.has(macro)) return undefined;
  const { code } = model;
  const text = code.textOf(fn.range);
  const cursor = cursorOver(text);
  if (cursor.text(0) !== macro || !cursor.is(1, "(") || !cursor.isClosed(1) || model.redefines(macro)) return undefined;
  const close = cursor.closing(1);
  const bounds = [1, ...cursor.commas(1, close), close];
  const args = bounds.slice(1).map((end, n) => cursor.textOf((bounds[n] ?? 1) + 1, end - 1));
  const form = programForm(macro, args);
  if (form === undefined) return undefined;
  const offset = code.lines.offsetAt(fn.range.start);
  const rangeOf = (first: number, last: number): Range => {
    const { start, end } = cursor.spanOf(first, last);
    return code.lines.rangeOf({ start: offset + start, end: offset + end });
  };
  // The event's own fields are named otherwise in the kernel's structure for all system calls.
  const isUnfit = form.section.startsWith("tracepoint/syscalls/sys_enter") && /\bargs\s*->/.test(text);
  return {
    range: rangeOf(0, 0),
    message: `${macro}() is a macro of bcc's; libbpf wants SEC("${form.section}")`,
    fixes: isUnfit
      ? []
      : [
          withSection("Change to", form.section, [
            replace(rangeOf(0, close), `SEC("${form.section}")\n${form.declarator}`),
          ]),
        ],
  };
}

function withSection(how: "Add" | "Change to", section: string, edits: readonly TextEdit[]): Fix {
  return { title: `${how} SEC("${section}")`, edits };
}

/** A function that is left for somebody to find by its name. */
function namedProgram(fn: BpfFunction, model: BpfModel): Report | undefined {
  const { name, params, isStatic } = fn;
  const section = sectionByName(name);
  const [context, ...others] = params;
  if (section === undefined || context === undefined || isStatic || !context.type.endsWith("*")) return undefined;
  // libbpf's programs have sections of their own, and who has some knows that.
  if (model.programs.length > 0 || callsNamed(name, model).length > 0) return undefined;
  const isKprobe = section.startsWith("kprobe/");
  const unpacked = isKprobe && others.length > 0 ? withMacro(fn, model) : undefined;
  const event = /^tracepoint\/\w+\/(\w+)$/.exec(section)?.[1];
  // What else it is given would have to be told by hand.
  const isPlain = event === undefined && (others.length === 0 || unpacked !== undefined);
  const edits = [insertAt(fn.range.start, `SEC("${section}")\n`), ...(unpacked === undefined ? [] : [unpacked])];
  return {
    range: fn.nameRange,
    message: `bcc attaches ${name}() by its name; libbpf wants SEC("${section}")`,
    fixes: isPlain ? [withSection("Add", section, edits)] : [],
  };
}

/** `kprobe__f(struct pt_regs *ctx, int a)` as `BPF_KPROBE(kprobe__f, int a)`. */
function withMacro({ name, nameRange, range, params }: BpfFunction, { code }: BpfModel): TextEdit | undefined {
  const text = code.textOf({ start: nameRange.start, end: range.end });
  const cursor = cursorOver(text);
  if (!cursor.is(1, "(") || !cursor.isClosed(1) || params[0]?.name !== "ctx") return undefined;
  const [comma] = cursor.commas(1, cursor.closing(1));
  if (comma === undefined) return undefined;
  const offset = code.lines.offsetAt(nameRange.start);
  return replace(code.lines.rangeOf({ start: offset, end: offset + cursor.end(comma) }), `BPF_KPROBE(${name},`);
}

/** Functions that bcc's headers or its rewriter bring. */
const BUILTINS: ReadonlyMap<string, string> = new Map([
  ["lock_xadd", "__sync_fetch_and_add"],
  ["bpf_log2", ""],
  ["bpf_log2l", ""],
  ["bpf_usdt_readarg", "bpf_usdt_arg"],
  ["bpf_usdt_readarg_p", "bpf_usdt_arg"],
]);

function builtinReport(call: Call, model: BpfModel): Report | undefined {
  const { name, nameRange, args, closed } = call;
  if (!closed || model.redefines(name)) return undefined;
  if (name === "bpf_trace_printk") {
    const [format, size] = args;
    const isFormatAlone =
      format?.text.startsWith('"') && (size === undefined || !/sizeof|^\d+$|^\w*(?:len|size)\w*$/i.test(size.text));
    if (!isFormatAlone) return undefined;
    return {
      range: nameRange,
      severity: "hint",
      message:
        "only bcc's bpf_trace_printk() takes a format and values; the helper wants the format's size too, as bpf_printk() adds it",
      fixes: [{ title: "Replace with bpf_printk()", edits: [replace(nameRange, "bpf_printk")] }],
    };
  }
  const instead = BUILTINS.get(name);
  if (instead === undefined || model.declared(name) !== undefined) return undefined;
  return {
    range: nameRange,
    severity: "hint",
    message: `${name}() comes with bcc; ${instead === "" ? "with libbpf the program must bring it itself" : `with libbpf it is ${instead}()`}`,
    fixes: name === "lock_xadd" ? [{ title: `Replace with ${instead}()`, edits: [replace(nameRange, instead)] }] : [],
  };
}
