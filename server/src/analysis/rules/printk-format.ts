/** Rule: a format that the kernel's formatter for BPF does not take, or that does not fit its values. */

import type { Local } from "../code.ts";
import { insertAt, replace } from "../edits.ts";
import { callsTo } from "../for-rules/calls.ts";
import { isForBcc } from "../for-rules/file-kinds.ts";
import { lackedBy } from "../for-rules/on-targets.ts";
import { type Specifier, specifiersOf } from "../for-rules/print-format.ts";
import { type LiteralText, literalText } from "../for-rules/string-literal.ts";
import { lackText } from "../for-rules/verdicts.ts";
import type { Argument, BpfModel, Call } from "../model.ts";
import type { Fix, Report, Rule, RuleContext } from "../rule.ts";
import { comparePositions, type Range } from "../text.ts";

export const printkFormat: Rule = {
  meta: {
    id: "printk-format",
    group: "calls",
    summary: "A format that bpf_printk() or one of its kin does not understand",
    rationale: `A format that \`bpf_printk()\` does not understand prints nothing, and nobody is told. It and its kin know a
part of what \`printk()\` does: \`%d\`, \`%i\`, \`%u\`, \`%x\`, \`%X\` with \`l\` or \`ll\`, \`%c\`, \`%s\`, \`%p\` with
\`%pK\`, \`%px\`, \`%ps\`, \`%pS\`, \`%pB\`, strings by address as \`%pks\` and \`%pus\`, addresses as \`%pi4\` and \`%pI6\`,
with a width and the flags \`0\`, \`-\`, \`+\` and blank. Of anything else in a format, \`%zu\`, \`%hu\`, \`%#x\`, \`%.2f\`,
or a colour such as \`\\033[1m\`, the helper knows nothing and answers \`-EINVAL\`. Nobody looks at that, and nothing is
printed: the program seems not to run. Only \`bpf_snprintf()\` is checked when the program is loaded: \`Invalid format
string\`.

More specifiers than values print whatever a register holds. Before Linux 5.13 \`bpf_trace_printk()\` knew less still: no
widths, no \`%X\`, no \`%%\`, one \`%s\`. That is reported where a target is older.`,
    severity: "warning",
    fix: "safe",
    examples: [
      {
        bad: `SEC("tracepoint/syscalls/sys_enter_write")
int f(struct trace_event_raw_sys_enter *ctx)
{
	bpf_printk("write of %zu bytes to %#x", ctx->args[2], ctx->args[1]);
	return 0;
}`,
        good: `SEC("tracepoint/syscalls/sys_enter_write")
int f(struct trace_event_raw_sys_enter *ctx)
{
	bpf_printk("write of %lu bytes to 0x%x", ctx->args[2], ctx->args[1]);
	return 0;
}`,
      },
      {
        bad: `SEC("tracepoint/syscalls/sys_enter_write")
int f(struct trace_event_raw_sys_enter *ctx)
{
	char text[32];
	BPF_SNPRINTF(text, sizeof(text), "fd %hd", ctx->args[0]);
	return text[0] == 'f';
}`,
        good: `SEC("tracepoint/syscalls/sys_enter_write")
int f(struct trace_event_raw_sys_enter *ctx)
{
	char text[32];
	BPF_SNPRINTF(text, sizeof(text), "fd %d", ctx->args[0]);
	return text[0] == 'f';
}`,
        refused: { by: "kernel", says: "Invalid format string" },
      },
      {
        bad: `SEC("tracepoint/sched/sched_process_exec")
int f(void *ctx)
{
	char name[16];
	bpf_get_current_comm(name, sizeof(name));
	bpf_printk(name);
	return 0;
}`,
        good: `SEC("tracepoint/sched/sched_process_exec")
int f(void *ctx)
{
	char name[16];
	bpf_get_current_comm(name, sizeof(name));
	bpf_printk("%s", name);
	return 0;
}`,
        refused: { by: "clang", says: "array initializer must be an initializer list or string literal" },
      },
      {
        bad: `SEC("tracepoint/sched/sched_process_exec")
int f(void *ctx)
{
	const char *format = "a program was started\\n";
	bpf_trace_printk(format, sizeof(format));
	return 0;
}`,
        good: `SEC("tracepoint/sched/sched_process_exec")
int f(void *ctx)
{
	const char format[] = "a program was started\\n";
	bpf_trace_printk(format, sizeof(format));
	return 0;
}`,
      },
    ],
  },

  *check(ctx: RuleContext): Iterable<Report> {
    const { model } = ctx;
    // bcc's takes no size.
    if (isForBcc(ctx)) return;
    for (const call of callsTo(PRINTERS, model)) {
      const printer = PRINTERS.get(call.name);
      if (printer === undefined || !call.closed || model.redefines(call.name)) continue;
      const format = call.args[printer.format];
      if (format === undefined) continue;
      const found = formatOf(format, printer, call, model);
      if ("text" in found) yield* checkFormat({ ...found, call, printer }, ctx);
      else yield* found.reports;
    }
  },
};

interface Printer {
  /** Which argument the format is. */
  readonly format: number;
  /** Where the values begin; undefined where they come in an array. */
  readonly values?: number;
  /** The helper takes that many values whatever is passed. */
  readonly fixed?: 3;
  /** Makes a literal of its own of the format. */
  readonly macro?: true;
  /** When the format is looked at: at run time nobody hears of a mistake. */
  readonly checked?: "load";
}

const PRINTERS: ReadonlyMap<string, Printer> = new Map<string, Printer>([
  ["bpf_printk", { format: 0, values: 1, macro: true }],
  ["bpf_trace_printk", { format: 0, values: 2, fixed: 3 }],
  ["bpf_trace_vprintk", { format: 0 }],
  ["BPF_SNPRINTF", { format: 2, values: 3, macro: true, checked: "load" }],
  ["bpf_snprintf", { format: 2, checked: "load" }],
  ["BPF_SEQ_PRINTF", { format: 1, values: 2, macro: true }],
  ["bpf_seq_printf", { format: 1 }],
  ["bpf_stream_printk", { format: 1, values: 2, macro: true }],
]);

/** More values than these go through bpf_trace_vprintk(), which counts them. */
const PLAIN = 3;

interface Format extends LiteralText {
  /** Undefined where the literal stands elsewhere than in the call. */
  readonly start: number | undefined;
}

/** The format where its text is known, or else what is wrong with it. */
function formatOf(
  format: Argument,
  printer: Printer,
  call: Call,
  model: BpfModel,
): Format | { readonly reports: readonly Report[] } {
  const { lines } = model.code;
  const literal = literalText(format.text);
  if (literal !== undefined) return { ...literal, start: lines.offsetAt(format.range.start) };
  const name = /^[A-Za-z_]\w*$/.exec(format.text)?.[0];
  if (name === undefined) return { reports: [] };
  if (printer.macro === true) return { reports: noLiteral(format, call, model) };
  const local = call.in && model.code.locals(call.in).filter(({ text }) => text === name);
  if (local?.length !== 1 || local[0] === undefined) return { reports: [] };
  const misplaced = misplacedFormat(local[0], printer, call);
  if (misplaced.length > 0) return { reports: misplaced };
  const text = literalText(local[0].initialiser ?? "");
  const isWhole = text !== undefined && isUnchanged(local[0], model) && /\bchar\b/.test(local[0].type);
  return isWhole ? { ...text, start: undefined } : { reports: [] };
}

function isUnchanged({ text, range }: Local, { code }: BpfModel): boolean {
  return code.accesses(text).every((access) => comparePositions(access.range.start, range.start) === 0);
}

/** The macro makes an array of what it is given, so a variable will not do. */
function noLiteral(format: Argument, call: Call, model: BpfModel): readonly Report[] {
  const { text, range } = format;
  const isVariable =
    /^__(?:func|FUNCTION|PRETTY_FUNCTION)__$/.test(text) ||
    call.in?.params.some(({ name }) => name === text) === true ||
    (call.in !== undefined && model.code.locals(call.in).some((local) => local.text === text));
  if (!isVariable || model.redefines(text)) return [];
  const isOnly = call.args.length - 1 === PRINTERS.get(call.name)?.format;
  return [
    {
      range,
      message: `${call.name}() needs a literal as its format: clang refuses a variable, ${text}`,
      severity: "error",
      fixes: isOnly ? [{ title: 'Add the format "%s"', edits: [insertAt(range.start, '"%s", ')] }] : [],
    },
  ];
}

/** A format that is somewhere where the helper cannot use it. */
function misplacedFormat(local: Local, printer: Printer, call: Call): readonly Report[] {
  const { type, dimensions, initialiser, text, declaration, range } = local;
  const isStatic = /\bstatic\b/.test(type);
  if (call.name === "bpf_snprintf" && dimensions.length > 0 && !isStatic && initialiser?.startsWith('"')) {
    const isConst = /\bconst\b/.test(type);
    return [
      {
        range: call.args[printer.format]?.range ?? range,
        message: `${text} is on the stack: the kernel refuses a format of bpf_snprintf() that is not in read-only memory`,
        severity: "error",
        fixes: [
          {
            title: `Make ${text} static const`,
            edits: [insertAt(declaration.start, isConst ? "static " : "static const ")],
          },
        ],
      },
    ];
  }
  const size = call.args[printer.format + 1];
  const isCut = new RegExp(`^sizeof\\s*\\(?\\s*${text}\\s*\\)?$`).test(size?.text ?? "");
  if (call.name !== "bpf_trace_printk" || size === undefined || !isCut || !/\*$/.test(type)) return [];
  if (dimensions.length > 0 || (literalText(initialiser ?? "")?.text.length ?? 0) < 8) return [];
  return [
    {
      range: size.range,
      message: `${text} is a pointer, so ${size.text} is 8: of a format that is cut off nothing is printed`,
      fixes: arrayInstead(local),
    },
  ];
}

/** `const char *format` as `const char format[]`. */
function arrayInstead({ type, text, range, declaration }: Local): readonly Fix[] {
  const isAlone = declaration.start.line === range.start.line && /^(?:const )?char \*$/.test(type);
  if (!isAlone) return [];
  const start = { line: range.start.line, character: range.start.character - 1 };
  return [{ title: `Make ${text} an array`, edits: [replace({ start, end: range.end }, `${text}[]`)] }];
}

interface Print extends Format {
  readonly call: Call;
  readonly printer: Printer;
}

function* checkFormat(print: Print, ctx: RuleContext): Iterable<Report> {
  const specifiers = specifiersOf(print.text);
  const wrong = specifiers.filter(({ unknown }) => unknown !== undefined);
  for (const specifier of wrong) yield* misunderstood(specifier, print, ctx.model);
  const control = controlCharacter(print.text);
  if (control !== undefined) {
    yield {
      range: rangeOf(control, control + 1, print, ctx.model),
      message: `a control character ${consequence(print)}`,
      ...severityOf(print),
    };
  }
  if (wrong.length > 0 || control !== undefined) return;
  const mismatched = [...checkCount(specifiers, print, ctx)];
  yield* mismatched;
  if (mismatched.length === 0) yield* checkTargets(specifiers, print, ctx);
}

function* misunderstood(specifier: Specifier, print: Print, model: BpfModel): Iterable<Report> {
  const range = rangeOf(specifier.start, specifier.end, print, model);
  const { unknown, instead } = specifier;
  yield {
    range,
    message: `${unknown} ${consequence(print)}`,
    ...severityOf(print),
    fixes:
      instead === undefined || print.start === undefined
        ? []
        : [{ title: `Change to ${instead}`, edits: [replace(range, instead)] }],
  };
}

/** In words, behind what is wrong. */
function consequence({ printer, call }: Print): string {
  if (printer.checked === "load") return `is not known to ${call.name}(): the kernel refuses the program`;
  return `is not known to ${call.name}(): nothing is printed, and nobody is told`;
}

function severityOf({ printer }: Print): Pick<Report, "severity"> {
  return printer.checked === "load" ? { severity: "error" } : {};
}

/** Blanks are allowed. Bytes above 127 are not everywhere, but fixes for that went into older kernels too. */
function controlCharacter(text: string): number | undefined {
  const end = text.indexOf("\0");
  const found = [...(end === -1 ? text : text.slice(0, end))].findIndex((character) => {
    const code = character.charCodeAt(0);
    return (code < 32 && !/\s/.test(character)) || code === 127;
  });
  return found === -1 ? undefined : found;
}

function* checkCount(specifiers: readonly Specifier[], print: Print, { model }: RuleContext): Iterable<Report> {
  const { printer, call } = print;
  if (printer.values === undefined) return;
  const values = call.args.slice(printer.values);
  if (!values.every((value) => isOneValue(value, call, model))) return;
  const wanted = specifiers.filter(({ text }) => text !== "%%");
  const extra = wanted[values.length];
  if (extra !== undefined) {
    const range = rangeOf(extra.start, extra.end, print, model);
    yield { range, message: tooFew(wanted.length, values.length, print), ...severityOf(print) };
  } else if (values.length > wanted.length) {
    const first = values[wanted.length];
    if (first === undefined) return;
    yield {
      range: { start: first.range.start, end: values.at(-1)?.range.end ?? first.range.end },
      message: `the format has ${counted(wanted.length, "specifier")} for ${counted(values.length, "value")}`,
      severity: "info",
    };
  }
}

function tooFew(wanted: number, given: number, print: Print): string {
  const { printer, call } = print;
  const what = `the format asks for ${counted(wanted, "value")}, and there ${given === 1 ? "is" : "are"} ${given}`;
  if (printer.checked === "load") return `${what}: the kernel refuses the program`;
  const isPlain = call.name === "bpf_printk" ? given <= PLAIN : printer.fixed !== undefined;
  return isPlain && wanted <= PLAIN
    ? `${what}: it prints what a register happens to hold`
    : `${what}: nothing is printed`;
}

function counted(count: number, thing: string): string {
  return `${count === 0 ? "no" : count} ${thing}${count === 1 ? "" : "s"}`;
}

/** A macro may stand for several values. */
function isOneValue({ text }: Argument, call: Call, model: BpfModel): boolean {
  const names = [...text.matchAll(/(?<![\w.>])([A-Za-z_]\w*)(\s*\()?/g)];
  return names.every(([, name = "", open]) => {
    if (model.redefines(name) && !model.functions.some((fn) => fn.name === name))
      return model.valueOf(name) !== undefined;
    if (open === undefined) return !/^[A-Z][A-Z0-9_]*$/.test(name) || model.valueOf(name) !== undefined;
    return (
      /^(?:bpf_\w+|BPF_CORE_READ\w*|BPF_PROBE_READ\w*|PT_REGS_\w+|sizeof|__builtin_\w+|if|u?int\d*|long|void|char)$/.test(
        name,
      ) ||
      model.functions.some((fn) => fn.name === name) ||
      call.name === name
    );
  });
}

/** What the formatter of old did not know. The new one came together with bpf_snprintf(). */
function* checkTargets(specifiers: readonly Specifier[], print: Print, ctx: RuleContext): Iterable<Report> {
  const { call } = print;
  const values = call.args.length - 1;
  if (call.name !== "bpf_trace_printk" && !(call.name === "bpf_printk" && values <= PLAIN)) return;
  const fresh = specifiers.find(({ isNew }) => isNew);
  if (fresh === undefined || ctx.targets.length === 0) return;
  const missing = lackedBy(call, { kind: "helper", name: "bpf_snprintf" }, ctx);
  if (missing === undefined) return;
  const again = fresh.text === "%s" ? "a second %s" : fresh.text;
  yield {
    range: rangeOf(fresh.start, fresh.end, print, ctx.model),
    message: `${again} in bpf_trace_printk() is not on ${lackText(missing.lacks)}`,
    ...(missing.severity && { severity: missing.severity }),
  };
}

function rangeOf(from: number, to: number, { start, places, call, printer }: Print, model: BpfModel): Range {
  const place = call.args[printer.format]?.range ?? call.range;
  const [first, last] = [places[from], places[to - 1]];
  if (start === undefined || first === undefined || last === undefined) return place;
  return model.code.lines.rangeOf({ start: start + first.start, end: start + last.end });
}
