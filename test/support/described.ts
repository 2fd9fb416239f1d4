/** What is known of a file on disk, its headers followed: the description that loaders are written from. */

import { readFile } from "node:fs/promises";
import { fileURLToPath, pathToFileURL } from "node:url";
import { type Description, describe } from "../../server/src/analysis/describe.ts";
import { buildModel } from "../../server/src/analysis/model.ts";
import { headerFollower } from "../../server/src/headers.ts";
import { kb, syntax } from "./check.ts";

const headers = headerFollower({
  readText: (uri) => readFile(fileURLToPath(uri), "utf8").catch(() => undefined),
});

export async function describedFile(path: string): Promise<Description> {
  const text = await readFile(path, "utf8");
  const uri = pathToFileURL(path).href;
  const found = await headers.follow(uri, text);
  headers.leave(uri);
  headers.forget();
  const { model, tree } = buildModel(text, syntax, { headers: found });
  const description = describe(model, kb);
  tree.dispose();
  return description;
}
