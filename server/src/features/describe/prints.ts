/** What `bpf_printk` and its kin become: a format in read-only memory, and values one by one or in an array. */

import type { KnowledgeBase } from "../../analysis/knowledge/knowledge-base.ts";
import type { Feature } from "../../analysis/knowledge/supports.ts";
import { type CardFact, sinceText } from "../card.ts";
import type { MacroUse } from "./macro-use.ts";
import { type Expansion, freshName, tooMany } from "./sketch.ts";

/** How many values libbpf's counting macros can take. */
const MOST_VALUES = 12;
/** The most values that bpf_trace_printk() takes; more go another way. */
const FEW_VALUES = 3;

/** What stands in a call before and behind the format and its size. */
interface Printer {
  readonly helper: string;
  readonly kind: Feature["kind"] & ("helper" | "kfunc");
  /** How many arguments come before the format. */
  readonly before: number;
  /** The size of the format is passed as well. */
  readonly sized: boolean;
}

const PRINTERS: Readonly<Record<string, Printer>> = {
  BPF_SEQ_PRINTF: { helper: "bpf_seq_printf", kind: "helper", before: 1, sized: true },
  BPF_SNPRINTF: { helper: "bpf_snprintf", kind: "helper", before: 2, sized: false },
  bpf_stream_printk: { helper: "bpf_stream_vprintk", kind: "kfunc", before: 1, sized: false },
};

export function formattedPrint({ name, args }: MacroUse, kb: KnowledgeBase): Expansion | undefined {
  const values = args.slice((PRINTERS[name]?.before ?? 0) + 1);
  const printer = PRINTERS[name] ?? tracePrinter(values.length);
  const format = args[printer.before];
  if (format === undefined) return undefined;
  if (values.length > MOST_VALUES) return tooMany("values", MOST_VALUES, values.length);
  const isPlain = printer.helper === "bpf_trace_printk";
  return {
    code: (isPlain ? plainCall : arrayCall)(printer, args, values),
    facts: [formatFact(format, values.length), name === "bpf_printk" && helperFact(printer.helper, isPlain, kb)],
    calls: [{ kind: printer.kind, name: printer.helper }],
  };
}

function tracePrinter(values: number): Printer {
  const helper = values > FEW_VALUES ? "bpf_trace_vprintk" : "bpf_trace_printk";
  return { helper, kind: "helper", before: 0, sized: true };
}

function plainCall({ helper }: Printer, [format = ""]: readonly string[], values: readonly string[]) {
  const name = freshName(["fmt", "format"], values);
  return [`static const char ${name}[] = ${format};`, `${helper}(${[name, `sizeof(${name})`, ...values].join(", ")});`];
}

function arrayCall({ helper, before, sized }: Printer, args: readonly string[], values: readonly string[]) {
  const [name, array] = [freshName(["fmt", "format"], args), freshName(["param", "values"], args)];
  const passed = [...args.slice(0, before), name, ...(sized ? [`sizeof(${name})`] : []), array, `sizeof(${array})`];
  return [
    `static const char ${name}[] = ${args[before]};`,
    `unsigned long long ${array}[] = { ${values.join(", ")} };`,
    `${helper}(${passed.join(", ")});`,
  ];
}

function helperFact(name: string, isPlain: boolean, kb: KnowledgeBase): CardFact {
  const helper = kb.helper(name);
  const since = helper === undefined ? "" : `, ${sinceText(helper)}`;
  const why = isPlain ? "for up to three values" : "for more than three values, as libbpf does since 0.6";
  return { label: "Helper", text: `\`${name}\`${since}: ${why}` };
}

const LITERAL = /^(?:"(?:[^"\\]|\\.)*"\s*)+$/;
/** One value as bpf_bprintf_prepare() of linux:kernel/bpf/helpers.c reads it, or a percent sign. */
const CONVERSION = /%(?:%|[0+\- ]*(?:[1-9]\d*)?(?:p(?:ks|us|[KxsSB]|[iI][46])?|s|c|l{0,2}[idxXu]))/g;

/** Nothing about a format that is put together elsewhere, or that other kernels may read in another way. */
function formatFact(format: string, given: number): CardFact | false {
  if (!LITERAL.test(format) || format.replace(CONVERSION, "").includes("%")) return false;
  const asked = (format.match(CONVERSION) ?? []).filter((one) => one !== "%%");
  const list = asked.map((one) => `\`${one}\``).join(", ");
  if (asked.length !== given)
    return {
      label: "Format",
      text: `**asks for ${counted(asked.length)}**${list && ` (${list})`}, the call has ${given}`,
    };
  return asked.length > 0 && { label: "Format", text: `${counted(given)}: ${list}` };
}

function counted(values: number): string {
  return values === 1 ? "1 value" : `${values} values`;
}
