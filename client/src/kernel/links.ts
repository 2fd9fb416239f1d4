/** Links from pages to the lines that they speak of. */

import type * as vscode from "vscode";
import type { LinkTo, Place } from "../../../server/src/toolchain/verifier-view.ts";
import { lineLink } from "./page.ts";
import type { Located } from "./problems.ts";

export function linksOf(located: readonly Located[]): LinkTo {
  const known = new Map<Place, { readonly uri: vscode.Uri; readonly range: vscode.Range }>();
  for (const one of located) {
    if (one.answer.place !== undefined) known.set(one.answer.place, one);
    for (const chapter of one.story) known.set(chapter.place, chapter);
  }
  return (place) => {
    const at = known.get(place);
    return at === undefined ? `\`${place.file ?? "line"}:${place.line}\`` : lineLink(at.uri, at.range.start.line);
  };
}
