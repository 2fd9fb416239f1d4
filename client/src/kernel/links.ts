/** Links from pages to the lines that they speak of. */

import type * as vscode from "vscode";
import type { LinkTo, Place } from "../../../server/src/toolchain/verifier-view.ts";
import type { Located } from "./problems.ts";

export function linksOf(located: readonly Located[]): LinkTo {
  const known = new Map<Place, { readonly uri: vscode.Uri; readonly range: vscode.Range }>();
  for (const one of located) {
    if (one.answer.place !== undefined) known.set(one.answer.place, one);
    for (const chapter of one.story) known.set(chapter.place, chapter);
  }
  return (place) => {
    const at = known.get(place);
    if (at === undefined) return `\`${place.file ?? "line"}:${place.line}\``;
    return lineLink(at.uri, at.range);
  };
}

export function lineLink(uri: vscode.Uri, range: vscode.Range): string {
  const line = range.start.line + 1;
  // A link may not have brackets of its own.
  const address = uri
    .with({ fragment: `L${line}` })
    .toString()
    .replaceAll("(", "%28")
    .replaceAll(")", "%29");
  return `[${uri.path.split("/").at(-1)}:${line}](${address})`;
}
