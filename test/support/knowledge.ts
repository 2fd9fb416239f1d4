/** A knowledge base that knows nothing but what a test tells it. */

import { KINDS } from "../../data/tools/build.mjs";
import type { KnowledgeJson } from "../../server/src/analysis/knowledge/types.ts";

export function knowledgeOf(facts: Partial<KnowledgeJson>): KnowledgeJson {
  const empty: unknown = Object.fromEntries(Object.keys(KINDS).map((kind) => [kind, []]));
  return { format: 1, upstream: {}, ...(empty as Omit<KnowledgeJson, "format" | "upstream">), ...facts };
}
