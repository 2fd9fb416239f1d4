/** For rules: which structure of operations a program is for, and as which of its members. */

import type { BpfModel, Global, Program } from "../model.ts";

/** A program's place: a member of a structure that a variable of the file holds. */
export interface OperationPlace {
  /** `tcp_congestion_ops`; undefined where the variable's type does not tell. */
  readonly structure: string | undefined;
  /** Those that are set to the program; none where it is set in a way that nobody understands. */
  readonly members: readonly string[];
}

/** Undefined where no variable of the file names the program. */
export function operationPlace({ name }: Program, { globals, code }: BpfModel): OperationPlace | undefined {
  const word = new RegExp(`\\b${name}\\b`);
  const variable = globals.find((global) => isOperations(global) && word.test(code.textOf(global.range)));
  if (variable === undefined) return undefined;
  const member = new RegExp(`\\.\\s*(\\w+)\\s*=\\s*(?:\\([^()]*\\)\\s*)?&?\\s*${name}\\b`, "g");
  return {
    structure: /\bstruct\s+(\w+)/.exec(variable.type)?.[1],
    members: [...code.textOf(variable.range).matchAll(member)].map(([, one = ""]) => one),
  };
}

function isOperations({ section }: Global): boolean {
  return /^\??\.struct_ops(?:\.link)?$/.test(section?.name ?? "");
}
