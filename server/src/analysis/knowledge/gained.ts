/** What a release of Linux brought to BPF. */

import type { FeatureKind } from "./supports.ts";
import type { KnowledgeJson } from "./types.ts";

/** The kinds a kernel has or has not, in the order people ask for them: the word for several, where they stand, what a target is asked. */
export const KERNEL_KINDS = {
  "program-types": { key: "programTypes", feature: "program-type" },
  "map-types": { key: "mapTypes", feature: "map-type" },
  helpers: { key: "helpers", feature: "helper" },
  kfuncs: { key: "kfuncs", feature: "kfunc" },
  "attach-types": { key: "attachTypes", feature: "attach-type" },
  "link-types": { key: "linkTypes", feature: "link-type" },
  commands: { key: "commands", feature: "command" },
  flags: { key: "flags", feature: "flag" },
  abilities: { key: "abilities", feature: "ability" },
} as const satisfies Readonly<Record<string, { readonly key: keyof KnowledgeJson; readonly feature: FeatureKind }>>;

export type KernelKind = keyof typeof KERNEL_KINDS;

interface Gained {
  readonly name: string;
  readonly since?: string;
  readonly note?: { readonly summary: string };
}

/** By kind; a kind of which nothing came is left out. */
export function gainedIn(release: string, json: KnowledgeJson): ReadonlyMap<KernelKind, readonly Gained[]> {
  const gained = new Map<KernelKind, readonly Gained[]>();
  for (const [kind, { key }] of Object.entries(KERNEL_KINDS) as [KernelKind, { key: keyof KnowledgeJson }][]) {
    const facts = json[key] as readonly Gained[];
    const those = facts.filter(({ since }) => since === release);
    if (those.length > 0) gained.set(kind, those);
  }
  return gained;
}
