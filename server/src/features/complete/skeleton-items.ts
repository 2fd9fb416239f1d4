/** Completion at the beginning of a line outside of functions: whole programs and maps. */

import type { CompletionItem } from "vscode-languageserver-types";
import { hasVmlinux } from "../../analysis/kernel-headers.ts";
import { type Asked, KIND, RANK, ranked, SNIPPET } from "./item.ts";
import { type KnownSection, readSection, sectionsOf, takesData } from "./loader-sections.ts";
import type { CodePlace } from "./place.ts";
import { type Skeleton, skeletons } from "./skeletons.ts";

export function skeletonItems(asked: Asked, place: CodePlace): CompletionItem[] {
  const sections = sectionsOf(asked.kb, asked.view.loader);
  return skeletons.map((skeleton, n) => {
    const includes = missingIncludes(asked, skeleton);
    const line = includeLine(asked);
    const edit = { range: { start: { line, character: 0 }, end: { line, character: 0 } }, newText: includes };
    // Edits must not touch each other: on the line of the cursor the includes are part of the snippet.
    const isApart = includes !== "" && line < asked.position.line;
    const lead = isApart || includes === "" ? "" : `${includes}\n`;
    const item: CompletionItem = {
      label: skeleton.title,
      kind: KIND.snippet,
      detail: skeleton.description,
      filterText: `${skeleton.prefix} ${skeleton.title} SEC`,
      insertText: `${lead}${missingTypes(asked, skeleton)}${skeleton.body}`,
      insertTextFormat: SNIPPET,
      sortText: String(n).padStart(2, "0"),
      ...(isApart && { additionalTextEdits: [edit] }),
    };
    return ranked(item, place.prefix === "" ? RANK.best : RANK.usual, refusedBy(asked, sections, skeleton));
  });
}

/** What the project's loader has no use for. */
function refusedBy({ view: { loader } }: Asked, sections: readonly KnownSection[], { body }: Skeleton) {
  const names = [...body.matchAll(/\bSEC\("([^"]*)"\)/g)].map(([, name = ""]) => withDefaults(name));
  // One that is named again, `SEC("$1")`, was looked at before.
  const refused = names.find(
    (name) => !name.includes("$") && !takesData(name, loader) && readSection(name, sections) === undefined,
  );
  return refused === undefined ? undefined : `${loader} knows no section ${refused}`;
}

/** `kprobe/${1:do_unlinkat}` as it is when nothing is filled in. */
function withDefaults(snippet: string): string {
  return snippet.replace(
    /\$\{\d+(?::([^}]*)|\|([^,|]*)[^}]*)\}/g,
    (_, value?: string, choice?: string) => value ?? choice ?? "",
  );
}

/** A header of the project may bring the kernel's types already, which go together with no other header of types. */
function missingIncludes({ file }: Asked, { includes = [] }: Skeleton): string {
  const { includes: own } = file.model;
  const takesTypes = hasVmlinux(file.model) || own.some(({ quoted }) => quoted);
  return ["linux/bpf.h", "bpf/bpf_helpers.h", ...includes]
    .filter((path) => !own.some((one) => one.path === path) && !(takesTypes && !path.startsWith("bpf/")))
    .map((path) => `#include <${path}>\n`)
    .join("");
}

/** Behind the includes there are, or at the beginning. */
function includeLine({ file: { model } }: Asked): number {
  const lines = model.includes.map(({ range }) => range.end.line + 1);
  return Math.max(0, ...lines);
}

function missingTypes({ file }: Asked, { types = [] }: Skeleton): string {
  if (hasVmlinux(file.model)) return "";
  const missing = types.filter(({ name }) => !new RegExp(`\\bstruct\\s+${name}\\s*[{;]`).test(file.text));
  return missing.length === 0 ? "" : `${missing.map(({ text }) => text).join("\n")}\n\n`;
}
