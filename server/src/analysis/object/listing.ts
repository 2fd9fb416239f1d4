/** The code of an object as text, function by function, with the source line before the instructions made of it. */

import type { ExtSection } from "../btf/btf-ext.ts";
import { declaration } from "./c-type.ts";
import { coreText } from "./core-access.ts";
import { NO_FACTS, type ObjectFacts } from "./facts.ts";
import type { CodeFunction } from "./functions.ts";
import { groupedBy } from "./grouped.ts";
import { instructionText } from "./instruction-text.ts";
import { CALL, type Instruction, SLOT } from "./instructions.ts";
import type { OpenObject } from "./open.ts";
import { placesIn } from "./places.ts";
import { type Target, type TargetOf, targetsOf } from "./targets.ts";

export interface ListedFunction {
  readonly name: string;
  readonly section: string;
  readonly isProgram: boolean;
  /** `int handle(struct pt_regs *ctx)`; absent without BTF. */
  readonly prototype?: string;
  /** Slots before it in its section; the numbers of its instructions begin at 0, as the verifier counts. */
  readonly start: number;
  readonly instructions: readonly ListedInstruction[];
}

export interface ListedInstruction {
  /** Within its function, counted in slots. */
  readonly index: number;
  readonly text: string;
  /** What CO-RE puts right there, which variable is meant. */
  readonly comment?: string;
  /** Where its source begins; absent where it is that of the one before. */
  readonly source?: SourceLine;
}

export interface SourceLine {
  readonly file: string;
  readonly line: number;
  readonly text: string;
}

export function listObject(object: OpenObject, facts: ObjectFacts = NO_FACTS): readonly ListedFunction[] {
  const { elf, btf } = object;
  const places = placesIn(elf, btf);
  const notes = notesOf(object);
  const targets = new Map<number, TargetOf>();
  return object.functions.map((one) => {
    const { section, name, isProgram, start } = one;
    const targetOf = targets.get(section.index) ?? targetsOf(object, section, places);
    targets.set(section.index, targetOf);
    const { lines, relocations, types } = notes.get(section.name) ?? NOTHING;
    const type = types.get(start * SLOT);
    const prototype = btf === undefined || type === undefined ? {} : { prototype: declaration(btf, type) };
    const instructions = one.instructions.map((instruction) => {
      const at = instruction.index * SLOT;
      const target = targetOf(instruction);
      const comments = [variableOf(target), relocations.get(at)].filter((text) => text !== undefined);
      const source = lines.get(at);
      return {
        index: instruction.index - start,
        text: instructionText(instruction, { helper: facts.helper, target: () => spelt(target, instruction, one) }),
        ...(comments.length === 0 ? {} : { comment: comments.join(", ") }),
        ...(source === undefined ? {} : { source }),
      };
    });
    return { name: name || section.name, section: section.name, isProgram, ...prototype, start, instructions };
  });
}

interface Notes {
  readonly lines: ReadonlyMap<number, SourceLine>;
  readonly relocations: ReadonlyMap<number, string>;
  /** Types of functions by where these begin. */
  readonly types: ReadonlyMap<number, number>;
}

const NOTHING: Notes = { lines: new Map(), relocations: new Map(), types: new Map() };

function notesOf({ btf, ext }: OpenObject): ReadonlyMap<string, Notes> {
  if (btf === undefined || ext === undefined) return new Map();
  const [lines, relocations, functions] = [byName(ext.lines), byName(ext.relocations), byName(ext.functions)];
  const names = [...lines.keys(), ...relocations.keys(), ...functions.keys()];
  return new Map(
    names.map((name) => {
      const notes: Notes = {
        lines: places(lines.get(name), ({ file, line, text }) => ({ file, line, text: text.trim() })),
        relocations: places(relocations.get(name), (one) => `CO-RE: ${coreText(btf, one)}`),
        types: places(functions.get(name), ({ type }) => type),
      };
      return [name, notes];
    }),
  );
}

type Records<T> = readonly ExtSection<T>[];

function byName<T>(sections: Records<T>): ReadonlyMap<string, Records<T>> {
  return groupedBy(sections, ({ name }) => name);
}

function places<T extends { readonly offset: number }, U>(
  sections: Records<T> = [],
  note: (one: T) => U,
): ReadonlyMap<number, U> {
  return new Map(sections.flatMap(({ records }) => records.map((one): [number, U] => [one.offset, note(one)])));
}

function variableOf(target: Target | undefined): string | undefined {
  return target?.kind === "variable" && target.name !== "" ? target.name : undefined;
}

function spelt(target: Target | undefined, { code, imm }: Instruction, from: CodeFunction): string | undefined {
  if (target === undefined) return undefined;
  const { kind, name, section, offset, callee } = target;
  if (kind === "map") return `map[${name}]`;
  if (kind === "variable") return `map[${section}][0]+${offset}`;
  if (kind === "extern") return code === CALL ? `${name}#kfunc` : `extern[${name}]`;
  if (code !== CALL) return `subprog[${name}]`;
  const near = callee?.section === from.section;
  return near ? `pc${imm < 0 ? "" : "+"}${imm}#${name}` : name;
}
