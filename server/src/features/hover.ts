/** Feature: hover. What the word under the cursor is. */

import type { Hover } from "vscode-languageserver-types";
import type { KnowledgeBase } from "../analysis/knowledge/knowledge-base.ts";
import type { Target } from "../analysis/knowledge/target.ts";
import type { Snapshot } from "../analysis/snapshot.ts";
import type { Position } from "../analysis/text.ts";
import { renderHelper } from "./render.ts";

export function hover(
  { model }: Snapshot,
  kb: KnowledgeBase,
  position: Position,
  targets: readonly Target[],
): Hover | null {
  const word = model.wordAt(position);
  if (word === undefined) return null;
  const helper = kb.helper(word.text);
  // A file may have a function or a macro of its own by that name.
  if (helper === undefined || model.redefines(word.text)) return null;
  return { contents: { kind: "markdown", value: renderHelper(helper, targets) }, range: word.range };
}
