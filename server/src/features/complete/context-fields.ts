/** Completion of a context's fields: those that this program may touch first. */

import type { CompletionItem } from "vscode-languageserver-types";
import { allowancesFor, type ProgramKind, verdictSince } from "../../analysis/knowledge/supports.ts";
import type { ContextField, FieldAccess } from "../../analysis/knowledge/types.ts";
import { contextBefore } from "../context-at.ts";
import { type Asked, dataOf, KIND, RANK, ranked } from "./item.ts";
import type { MemberPlace } from "./place.ts";
import { whoText } from "./standing.ts";

export function fieldItems(asked: Asked, { word }: MemberPlace): CompletionItem[] {
  const context = contextBefore(asked.file, asked.kb, asked.file.lines.positionAt(word.start));
  return (context?.fields ?? []).map((field, n) => {
    const item: CompletionItem = {
      label: field.name,
      kind: KIND.field,
      detail: [typeText(field), accessText(field, asked.programs)].filter(Boolean).join(" · "),
      data: dataOf(field.name, asked, context?.name),
      // As the header has them.
      sortText: String(n).padStart(3, "0"),
    };
    return ranked(item, RANK.best, barTo(field, asked));
  });
}

function typeText({ type, count, pointer }: ContextField): string {
  const array = count === undefined ? "" : `[${count === 0 ? "" : count}]`;
  return `${type}${array}${pointer === undefined ? "" : ` (${pointer})`}`;
}

/** Only what holds for every program that runs the code. */
function accessText({ access }: ContextField, programs: readonly ProgramKind[]): string | undefined {
  const kinds = programs.map((program) => accessOf(current(access, program)));
  return kinds.every((kind) => kind === kinds[0]) ? kinds[0] : undefined;
}

function accessOf(parts: readonly FieldAccess[]): string | undefined {
  if (parts.length === 0) return undefined;
  if (parts.every(({ unreadable }) => unreadable)) return "only written";
  return parts.some(({ write }) => write) ? "read and written" : "only read";
}

function current(access: readonly FieldAccess[], program: ProgramKind): readonly FieldAccess[] {
  return allowancesFor(access, program).filter(({ until }) => until === undefined);
}

function barTo({ access }: ContextField, { programs, view }: Asked): string | undefined {
  for (const program of programs) {
    const parts = current(access, program);
    if (parts.length === 0) return `not for ${whoText(access, program)} programs`;
    const lacking = view.targets.find((target) =>
      parts.every(({ since, maybe }) => verdictSince(target, maybe ?? since).answer === "no"),
    );
    if (lacking !== undefined) return `not on ${lacking.label}: first in ${parts.map(({ since }) => since).join(", ")}`;
  }
  return undefined;
}
