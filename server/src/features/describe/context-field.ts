/** What the editor says about a context structure and its fields. */

import { kindText } from "../../analysis/knowledge/programs.ts";
import { allowancesFor } from "../../analysis/knowledge/supports.ts";
import type { ContextFact, ContextField, FieldAccess } from "../../analysis/knowledge/types.ts";
import { type Card, docsLink, sinceText, someOf, type View } from "../card.ts";

export function describeContext({ name, fields, programTypes, note, size }: ContextFact): Card {
  const { fields: _, ...rest } = note ?? { summary: "" };
  return {
    declaration: `struct ${name}`,
    what: [
      `context of ${programTypes.map((type) => `\`${type.replace("BPF_PROG_TYPE_", "")}\``).join(", ")}`,
      `${size} bytes`,
    ],
    note: note && rest,
    facts: [{ label: "Fields", text: fields.map((field) => `\`${field.name}\``).join(", ") }],
    links: [docsLink(`program-type/${programTypes[0]}`)],
  };
}

export function describeField(context: ContextFact, field: ContextField, { programs = [] }: View): Card {
  const { name, type, count, since, pointer, access, offset, size } = field;
  const summary = context.note?.fields?.[name];
  const here = programs.map((program) => {
    const parts = allowancesFor(access, program).filter(({ until }) => until === undefined);
    return {
      label: `Here (${kindText(program)})`,
      text: parts.length === 0 ? "**may not be touched**" : parts.map(accessText).join("; "),
    };
  });
  return {
    declaration: `${type}${type.endsWith("*") ? "" : " "}${name}${count === undefined ? "" : `[${count === 0 ? "" : count}]`};`,
    what: [
      `field of \`struct ${context.name}\``,
      since !== undefined && sinceText({ since }),
      pointer && `holds a ${pointer}`,
    ],
    note: summary === undefined ? undefined : { summary },
    here,
    facts: [
      { label: "Read", text: whoText(access, (part) => part.unreadable !== true) },
      { label: "Written", text: whoText(access, (part) => part.write === true) },
      { label: "Place", text: `byte ${offset}, ${size * (count || 1)} bytes` },
    ],
    links: [docsLink(`program-type/${context.programTypes[0]}`)],
  };
}

function accessText(part: FieldAccess): string {
  const what = part.unreadable
    ? "only written"
    : part.write
      ? part.first
        ? "read, its first element also written"
        : "read and written"
      : "only read";
  return `${what}, ${sinceText(part)}`;
}

function whoText(access: readonly FieldAccess[], can: (part: FieldAccess) => boolean): string {
  const labels = access.filter((part) => part.until === undefined && can(part)).flatMap((part) => part.in);
  return labels.length === 0 ? "by nobody" : someOf([...new Set(labels)].sort());
}
