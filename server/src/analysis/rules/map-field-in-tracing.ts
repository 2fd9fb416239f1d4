/** Rule: a program that interrupts others uses a map, or variables, with a lock, a timer or a list in it. */

import { knownPrograms, mayBeLeftOut, programsRunning, runsOf } from "../for-rules/runs.ts";
import { verdictSince } from "../knowledge/supports.ts";
import { targetText } from "../knowledge/target.ts";
import type { BpfFunction, BpfModel, Program } from "../model.ts";
import { rememberedOf } from "../remember.ts";
import type { Report, Rule, RuleContext, Severity } from "../rule.ts";
import type { Range } from "../text.ts";

export const mapFieldInTracing: Rule = {
  meta: {
    id: "map-field-in-tracing",
    group: "maps",
    summary: "A map with a lock, timer or list in it, used by a program that may interrupt its holder",
    rationale: `A kprobe, a tracepoint or a perf event may interrupt the very code that holds a lock, and would then wait for
itself. So the verifier lets no program of these types use a map whose values have a \`bpf_spin_lock\`, a \`bpf_list_head\` or a
\`bpf_rb_root\`, even if it touches nothing but the other fields; nor the variables that share a section with one. Timers and
work queues are refused there until 7.0, locks in socket filters always. Keep what these programs count in a map of its own,
or add with \`__sync_fetch_and_add()\`. \`fentry\` and \`tp_btf\` programs are of another type, for which this does not hold.`,
    severity: "error",
    fix: "none",
    examples: [
      {
        bad: `struct account {
	struct bpf_spin_lock lock;
	__u64 sum;
};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct account);
} accounts SEC(".maps");

SEC("kprobe/do_nanosleep")
int on_sleep(struct pt_regs *ctx)
{
	__u32 key = 0;
	struct account *account = bpf_map_lookup_elem(&accounts, &key);

	if (account)
		__sync_fetch_and_add(&account->sum, 1);
	return 0;
}`,
        good: `struct account {
	__u64 sum;
};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct account);
} accounts SEC(".maps");

SEC("kprobe/do_nanosleep")
int on_sleep(struct pt_regs *ctx)
{
	__u32 key = 0;
	struct account *account = bpf_map_lookup_elem(&accounts, &key);

	if (account)
		__sync_fetch_and_add(&account->sum, 1);
	return 0;
}`,
        refused: { by: "kernel", says: "tracing progs cannot use bpf_spin_lock yet" },
      },
    ],
  },

  *check(ctx: RuleContext): Iterable<Report> {
    const { model } = ctx;
    if (
      ![...REFUSED.keys()].some((name) => model.code.mentions(name)) &&
      !model.headers.some((header) => readHeader(header).hasAny)
    )
      return;
    const told = new Set<Program>();
    for (const { program, holder, at, fields } of usesOf(ctx)) {
      if (told.has(program)) continue;
      const type = typeOf(program, ctx);
      const field = type === undefined ? undefined : fields.find((one) => REFUSED.get(one)?.types.has(type));
      const severity = field === undefined ? undefined : severityOf(field, ctx);
      if (field === undefined || severity === undefined) continue;
      told.add(program);
      yield {
        range: program.nameRange,
        message: `${program.name}() uses ${holder}, ${holder.startsWith("map ") ? "with a" : "a"} ${field}: the verifier refuses that in ${WORDS.get(type ?? "")}${oldTargets(field, ctx)}`,
        severity,
        related: [{ range: at, message: "it is used here" }],
      };
    }
  },
};

type Header = BpfModel["headers"][number];

/** Headers stay while the file changes. */
const readHeader = rememberedOf(({ lowered }: Header) => ({ hasAny: ANY.test(lowered.source) }));
const ANY = /\bbpf_(?:spin_lock|timer|wq|list_head|rb_root)\b/;

/** is_tracing_prog_type() of linux:kernel/bpf/verifier.c */
const TRACING: readonly string[] = [
  "BPF_PROG_TYPE_KPROBE",
  "BPF_PROG_TYPE_TRACEPOINT",
  "BPF_PROG_TYPE_PERF_EVENT",
  "BPF_PROG_TYPE_RAW_TRACEPOINT",
  "BPF_PROG_TYPE_RAW_TRACEPOINT_WRITABLE",
];

const WORDS: ReadonlyMap<string, string> = new Map([
  ["BPF_PROG_TYPE_KPROBE", "kprobes"],
  ["BPF_PROG_TYPE_TRACEPOINT", "tracepoints"],
  ["BPF_PROG_TYPE_PERF_EVENT", "perf event programs"],
  ["BPF_PROG_TYPE_RAW_TRACEPOINT", "raw tracepoints"],
  ["BPF_PROG_TYPE_RAW_TRACEPOINT_WRITABLE", "raw tracepoints"],
  ["BPF_PROG_TYPE_SOCKET_FILTER", "socket filters"],
]);

/** check_map_prog_compatibility() of linux:kernel/bpf/verifier.c. `until`: the first release that takes it. */
const REFUSED: ReadonlyMap<string, { readonly types: ReadonlySet<string>; readonly until?: string }> = new Map([
  ["bpf_spin_lock", { types: new Set([...TRACING, "BPF_PROG_TYPE_SOCKET_FILTER"]) }],
  ["bpf_list_head", { types: new Set(TRACING) }],
  ["bpf_rb_root", { types: new Set(TRACING) }],
  ["bpf_timer", { types: new Set(TRACING), until: "7.0" }],
  ["bpf_wq", { types: new Set(TRACING), until: "7.0" }],
]);

interface Usage {
  readonly program: Program;
  /** `map accounts`, `the variables of .data.A`. */
  readonly holder: string;
  readonly at: Range;
  readonly fields: readonly string[];
}

function* usesOf(ctx: RuleContext): Iterable<Usage> {
  yield* ofMaps(ctx);
  yield* ofVariables(ctx);
}

function* ofMaps(ctx: RuleContext): Iterable<Usage> {
  const { model } = ctx;
  const known = new Map<string, readonly string[]>();
  for (const call of model.calls) {
    const { map, range } = call.args.find((arg) => arg.map !== undefined) ?? {};
    if (map?.valueType === undefined || range === undefined) continue;
    let fields = known.get(map.name);
    if (fields === undefined) {
      fields = fieldsIn(map.valueType, model);
      known.set(map.name, fields);
    }
    if (fields.length === 0 || mayBeLeftOut(call, model)) continue;
    for (const { program, asks } of runsOf(call, ctx))
      if (asks !== "flag") yield { program, holder: `map ${map.name}`, at: range, fields };
  }
}

/** To the kernel a section with variables is a map like any other, with one value. */
function* ofVariables({ model }: RuleContext): Iterable<Usage> {
  const variables = [...model.globals, ...model.headers.flatMap(({ outline }) => outline.variables)];
  const special = variables.filter(({ type }) => specialIn(type) !== undefined);
  if (special.length === 0) return;
  for (const { name, type, section } of variables) {
    // Which others stand beside one is sure where the file says it; it always stands beside itself.
    const own = specialIn(type);
    const inSection = special.filter((one) => section?.name !== undefined && one.section?.name === section.name);
    const fields = own === undefined ? inSection.flatMap((one) => specialIn(one.type) ?? []) : [own];
    if (fields.length === 0) continue;
    const holder = own === undefined ? `what stands in ${section?.name} with ${inSection[0]?.name}` : name;
    for (const { range, in: fn } of model.code.uses(name)) {
      if (fn === undefined || !isVariable(name, range, fn, model)) continue;
      for (const program of programsRunning(fn, model)) yield { program, holder, at: range, fields };
    }
  }
}

/** Not a field, nor a variable of the function's own, of the same name. */
function isVariable(name: string, { start }: Range, fn: BpfFunction, { code }: BpfModel): boolean {
  const before = code.lines.textOf(start.line).slice(0, start.character);
  if (/(?:\.|->)\s*$/.test(before) || fn.params.some((param) => param.name === name)) return false;
  return code.locals(fn).every(({ text }) => text !== name);
}

function fieldsIn(type: string, model: BpfModel): readonly string[] {
  return (model.recordOf(type)?.fields ?? []).flatMap((field) => specialIn(field.type ?? "") ?? []);
}

function specialIn(type: string): string | undefined {
  const name = /^(?:static |volatile )*struct (\w+)$/.exec(type.trim())?.[1] ?? "";
  return REFUSED.has(name) ? name : undefined;
}

function typeOf(program: Program, ctx: RuleContext): string | undefined {
  return knownPrograms(ctx).find((one) => one.program === program)?.kind.progType;
}

/** Undefined where every target takes it. */
function severityOf(field: string, { targets }: RuleContext): Severity | undefined {
  const until = REFUSED.get(field)?.until;
  if (until === undefined) return "error";
  if (targets.length === 0) return "warning";
  return targets.some((target) => verdictSince(target, until).answer === "no") ? "error" : undefined;
}

function oldTargets(field: string, { targets }: RuleContext): string {
  const until = REFUSED.get(field)?.until;
  if (until === undefined) return "";
  const old = targets.filter((target) => verdictSince(target, until).answer === "no");
  return old.length === 0 ? ` before ${until}` : ` of ${old.map(targetText).join(", ")}`;
}
