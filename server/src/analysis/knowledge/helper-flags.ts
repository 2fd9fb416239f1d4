/** What a helper takes for its argument `flags`, in the programs that call it. */

import { rememberedOf } from "../remember.ts";
import type { KnowledgeBase } from "./knowledge-base.ts";
import type { ProgramKind } from "./supports.ts";
import type { Helper, HelperFlags } from "./types.ts";

export type FlagSet = Omit<HelperFlags, "instead" | "source" | "otherwise"> & {
  /** What becomes of a call with anything else; undefined where the helper does not look. */
  readonly otherwise?: string | undefined;
};

/**
 * One for each way in which the programs differ; without programs every way there is. Empty where nothing is known.
 *
 * @param programs those that make the call
 */
export function flagSets({ flags }: Pick<Helper, "flags">, programs: readonly ProgramKind[]): readonly FlagSet[] {
  if (flags === undefined) return [];
  const { instead = [] } = flags;
  if (programs.length === 0) return [flags, ...instead];
  const found = programs.map(
    ({ progType }) => instead.find((one) => one.in.includes(progType.replace("BPF_PROG_TYPE_", ""))) ?? flags,
  );
  return [...new Set<FlagSet>(found)];
}

/** The bits that some call may have; undefined where the value of a name is not known. */
export function maskOf(set: FlagSet, kb: KnowledgeBase): bigint | undefined {
  return masksIn(kb)(set).mask;
}

const masksIn = rememberedOf((kb: KnowledgeBase) =>
  rememberedOf(({ takes, numbers = [] }: FlagSet) => {
    const names = [...takes, ...numbers.map(({ mask }) => mask)];
    const values = names.map((name) => flagValue(name, kb));
    return {
      mask: values.reduce((mask, value) => (mask === undefined || value === undefined ? undefined : mask | value), 0n),
    };
  }),
);

/** Of a flag, a constant or a number. */
export function flagValue(name: string, kb: KnowledgeBase): bigint | undefined {
  const flag = kb.enumerator("flag", name);
  const text = flag !== undefined && "value" in flag ? flag.value : (kb.constant(name)?.value ?? name);
  return /^-?(?:0x[\da-f]+|\d+)$/i.test(text) ? BigInt(text) : undefined;
}
