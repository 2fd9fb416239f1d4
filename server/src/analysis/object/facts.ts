/** What the knowledge base adds to an object: names of numbers, meanings of sections. An object can be read without. */

import type { KnowledgeBase } from "../knowledge/knowledge-base.ts";
import { classifySection } from "../knowledge/sections.ts";
import { once } from "../remember.ts";

export interface ObjectFacts {
  /** A helper's name by its number. */
  readonly helper: (id: number) => string | undefined;
  /** `HASH` for 1. */
  readonly mapType: (value: number) => string | undefined;
  readonly section: (name: string) => SectionMeaning | undefined;
}

export interface SectionMeaning {
  /** `TRACEPOINT` */
  readonly type: string;
  readonly attachType: string | undefined;
  readonly target: string | undefined;
  readonly sleepable: boolean;
  /** False behind a leading `?`. */
  readonly autoload: boolean;
}

export const NO_FACTS: ObjectFacts = { helper: () => undefined, mapType: () => undefined, section: () => undefined };

export function objectFacts(kb: KnowledgeBase): ObjectFacts {
  const helpers = once(() => new Map(kb.facts.helpers.map(({ id, name }) => [id, name])));
  const mapTypes = once(
    () => new Map(kb.facts.mapTypes.flatMap((one) => (one.aliasOf === undefined ? [[one.number, one.name]] : []))),
  );
  return {
    helper: (id) => helpers().get(id),
    mapType: (value) =>
      mapTypes()
        .get(value)
        ?.replace(/^BPF_MAP_TYPE_/, ""),
    section: (name) => {
      const found = classifySection(name, kb);
      if (found === undefined) return undefined;
      const { progType, attachType, target, sleepable, autoload } = found;
      const type = progType.replace(/^BPF_PROG_TYPE_/, "");
      return { type, attachType, target, sleepable, autoload };
    },
  };
}
