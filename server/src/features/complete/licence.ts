/** Completion of the licence string, and which licences the kernel takes for compatible with the GPL. */

import type { CompletionItem } from "vscode-languageserver-types";
import { type Asked, KIND, plain, RANK, ranked, replacing, SNIPPET } from "./item.ts";
import type { StringPlace } from "./place.ts";

/** license_is_gpl_compatible() of linux:include/linux/license.h compares with these, letter by letter. */
const COMPATIBLE = [
  "GPL",
  "GPL v2",
  "GPL and additional rights",
  "Dual BSD/GPL",
  "Dual MIT/GPL",
  "Dual MPL/GPL",
] as const;

const OTHERS = ["Proprietary", "BSD", "MIT", "Apache-2.0"] as const;

export function isGplCompatible(licence: string): boolean {
  return COMPATIBLE.some((one) => one === licence);
}

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
    ...COMPATIBLE.map((name, n) => ranked({ ...item(name), detail: "GPL-compatible", sortText: `${n}` }, RANK.best)),
    ...OTHERS.map((name) => ranked(item(name), RANK.rare, "the kernel refuses GPL-only helpers")),
  ];
}
