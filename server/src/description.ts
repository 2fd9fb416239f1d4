/** What a file means as plain data, read afresh and forgotten: for those who write programs around it. */

import { type Description, describe } from "./analysis/describe.ts";
import { buildModel } from "./analysis/model.ts";
import type { Core } from "./core.ts";
import type { HeaderFollower } from "./headers.ts";

export async function description(
  uri: string,
  text: string,
  { core, headers }: { readonly core: Core; readonly headers: HeaderFollower },
): Promise<Description> {
  // Its list of places that are no C is the tree's to tell.
  const [found, syntax] = await Promise.all([headers.follow(uri, text), core.syntax()]);
  const { model, tree } = buildModel(text, syntax, { headers: found });
  try {
    return describe(model, core.kb);
  } finally {
    tree.dispose();
  }
}
