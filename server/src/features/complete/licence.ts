/** Completion of the licence string. */

import type { CompletionItem } from "vscode-languageserver-types";
import { COMPATIBLE_LICENCES } from "../../analysis/licences.ts";
import { type Asked, KIND, plain, RANK, ranked, replacing, SNIPPET } from "./item.ts";
import type { StringPlace } from "./place.ts";

export { isGplCompatible } from "../../analysis/licences.ts";

const OTHERS = ["Proprietary", "BSD", "MIT", "Apache-2.0"] as const;

export function licenceItems({ file }: Asked, { content, closed }: StringPlace): CompletionItem[] {
  const rest = file.text.slice(content.end, content.end + 80);
  const closing = closed ? "" : /^[ \t]*;/.test(rest) ? '"' : '";';
  const item = (label: string): CompletionItem => ({
    label,
    kind: KIND.value,
    textEdit: replacing(file, content, `${plain(label)}${closing}`),
    insertTextFormat: SNIPPET,
  });
  return [
    ...COMPATIBLE_LICENCES.map((name, n) =>
      ranked({ ...item(name), detail: "GPL-compatible", sortText: `${n}` }, RANK.best),
    ),
    ...OTHERS.map((name) => ranked(item(name), RANK.rare, "the kernel refuses GPL-only helpers")),
  ];
}
