/** What `BPF_CORE_READ` and its kin become: one read for each field named, the last of them into the result. */

import type { Feature } from "../../analysis/knowledge/supports.ts";
import type { MacroUse } from "./macro-use.ts";
import { type Expansion, freshName, operand, tooMany } from "./sketch.ts";

/** What the macro's name says: `BPF_CORE_READ_USER_STR_INTO`. */
interface Reader {
  /** Offsets are relocated. */
  readonly core: boolean;
  readonly user: boolean;
  /** The last read is that of a string. */
  readonly string: boolean;
  /** Into memory of the caller's. */
  readonly into: boolean;
}

function readerOf(name: string): Reader {
  const words = name.split("_");
  return {
    core: words.includes("CORE"),
    user: words.includes("USER"),
    string: words.includes("STR"),
    into: words.includes("INTO"),
  };
}

/** As far as libbpf's counting macros go. */
const MOST_FIELDS = { value: 9, into: 10 } as const;

export function coreRead({ name, args }: MacroUse): Expansion | undefined {
  const reader = readerOf(name);
  const [source, ...fields] = reader.into ? args.slice(1) : args;
  if (source === undefined || fields.length === 0) return undefined;
  const most = reader.into ? MOST_FIELDS.into : MOST_FIELDS.value;
  if (fields.length > most) return tooMany("fields", most, fields.length);
  return {
    code: chain(reader, reader.into ? args[0] : undefined, source, fields, args),
    facts: [
      { label: "Reads", text: readsText(reader, fields.length) },
      reader.core && { label: `\`${callOf(reader, false)}\``, text: wrapperText(reader) },
      reader.into && { label: "Value", text: valueText(reader) },
    ],
    calls: helpersOf(reader, fields.length).map(
      (helper): Pick<Feature, "kind" | "name"> => ({
        kind: "helper",
        name: helper,
      }),
    ),
  };
}

function chain(
  reader: Reader,
  destination: string | undefined,
  source: string,
  fields: readonly string[],
  args: readonly string[],
): readonly string[] {
  const step = freshName(["t", "p", "step"], args);
  const result = freshName(["v", "value", "result"], args);
  return fields.map((field, i) => {
    const from = `&${i === 0 ? operand(source) : `${step}${i}`}->${field}`;
    if (i < fields.length - 1) return `${callOf(reader, false)}(&${step}${i + 1}, sizeof(${step}${i + 1}), ${from});`;
    const into = destination ?? `&${result}`;
    return `${callOf(reader, true)}(${into}, sizeof(${pointedAt(into)}), ${from});`;
  });
}

/** `name` of `&name`. */
function pointedAt(pointer: string): string {
  const whole = /^&\s*([A-Za-z_]\w*)$/.exec(pointer)?.[1];
  return whole ?? `*${operand(pointer)}`;
}

function callOf({ core, user, string }: Reader, isLast: boolean): string {
  const suffix = string && isLast ? "_str" : "";
  return core ? `bpf_core_read${user ? "_user" : ""}${suffix}` : `${helperOf(user, suffix)}`;
}

function helperOf(user: boolean, suffix: string): string {
  return `bpf_probe_read_${user ? "user" : "kernel"}${suffix}`;
}

function helpersOf({ user, string }: Reader, reads: number): readonly string[] {
  const last = helperOf(user, string ? "_str" : "");
  return string && reads > 1 ? [helperOf(user, ""), last] : [last];
}

function readsText(reader: Reader, reads: number): string {
  const [first = "", last] = helpersOf(reader, reads);
  const who = last === undefined ? `by \`${first}\`` : `by \`${first}\`, the last by \`${last}\``;
  const offsets = reader.core
    ? "the running kernel's offsets are put in at load"
    : "with the offsets of the types as compiled";
  return `${reads}, ${who}; ${offsets}`;
}

function wrapperText({ user }: Reader): string {
  return `\`${helperOf(user, "")}\` with the address in \`__builtin_preserve_access_index(…)\``;
}

function valueText({ string }: Reader): string {
  return `that of the last read: ${string ? "the length with its zero" : "0"}, or a negative error`;
}
