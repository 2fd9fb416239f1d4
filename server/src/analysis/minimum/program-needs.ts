/** What the programs of a file need by being what they are: their types, how they are attached, and that they may sleep. */

import { flagOfSection, isAskedAtLoad, programFeatures } from "../for-rules/on-targets.ts";
import { knownPrograms } from "../for-rules/runs.ts";
import { classifySection } from "../knowledge/sections.ts";
import type { Asked, BtfNeed, Need } from "./need.ts";

export function programNeeds(asked: Asked): readonly Need[] {
  return knownPrograms(asked).flatMap(({ program, ...meaning }) => {
    const { kind, word } = meaning;
    const { types, attach } = programFeatures(meaning, asked);
    const flag = flagOfSection(program.section.name ?? "", asked);
    const [type, operations] = types;
    const need = (what: string, asks: Need["asks"] | undefined): readonly Need[] =>
      asks === undefined
        ? []
        : [{ what, asks, range: program.section.nameRange, programs: [program], isProgram: true }];
    return [
      ...need(`${kind.structOps === undefined ? word : "struct_ops"} programs`, type),
      ...need(`programs for struct ${kind.structOps}`, operations),
      ...need(isAskedAtLoad(kind) ? `${word} programs` : `attaching ${word} programs`, attach),
      ...need(`${word} programs that ${flag?.name === "BPF_F_SLEEPABLE" ? "sleep" : "take packets in pieces"}`, flag),
    ];
  });
}

/** Programs whose place is found in the kernel's description of its types. */
export function programBtfNeeds(asked: Asked): readonly BtfNeed[] {
  return knownPrograms(asked).flatMap(({ program, word }) => {
    const isFound = classifySection(program.section.name ?? "", asked.kb)?.fact.attachBtf === true;
    return isFound ? [{ what: `${word} programs`, range: program.section.nameRange, programs: [program] }] : [];
  });
}
