/** Feature: code lens. Above each program what it is, what it uses, and what it takes of the stack. */

import type { CodeLens } from "vscode-languageserver-types";
import type { KnowledgeBase } from "../analysis/knowledge/knowledge-base.ts";
import { programMeaning } from "../analysis/knowledge/loaders.ts";
import { minimumOf } from "../analysis/minimum/minimum.ts";
import { minimumText } from "../analysis/minimum/words.ts";
import type { BpfModel, Call, Program } from "../analysis/model.ts";
import type { Snapshot } from "../analysis/snapshot.ts";
import { comparePositions, type Position, type Range } from "../analysis/text.ts";
import { type StackEstimate, stackOf } from "./stack-estimate.ts";

/** Places of a file that belong to something in it: what a program calls. The client's command is given this. */
export interface PlacesShown {
  readonly uri: string;
  /** Where they are shown. */
  readonly position: Position;
  readonly places: readonly Range[];
}

export interface LensOptions {
  readonly loader: string;
  /** The client's command that lists places; without it a lens only says something. */
  readonly placesCommand: string | undefined;
  /** The client's command that tells why a file needs the kernel that it needs. */
  readonly minimumCommand: string | undefined;
}

/** In a file with more programs the minimum is told when somebody asks: to reckon it takes longer than typing may wait. */
const MANY = 40;

export function codeLenses(file: Snapshot, kb: KnowledgeBase, options: LensOptions): CodeLens[] {
  const { model, uri } = file;
  const { loader, placesCommand, minimumCommand } = options;
  const minima = model.programs.length > MANY ? [] : minimumOf(model, kb, loader).programs;
  return model.programs.flatMap((program) => {
    const { start } = program.range;
    const lens = (title: string, places: readonly Range[]): CodeLens => {
      const shown: PlacesShown = { uri, position: start, places };
      const isLink = placesCommand !== undefined && places.length > 0;
      const command = isLink ? { title, command: placesCommand, arguments: [shown] } : { title, command: "" };
      return { range: { start, end: start }, command };
    };
    const minimum = minima.find(({ range }) => comparePositions(range.start, program.nameRange.start) === 0);
    const since = minimum?.release === undefined ? undefined : `from ${minimumText(minimum)}`;
    const why = { title: since ?? "", command: minimumCommand ?? "", arguments: [uri] };
    const type = typeOf(program, kb, loader);
    const calls = callsOf(program, model);
    const helpers = calls.filter(({ name }) => isKernels(name, model, kb));
    const mapUses = calls.flatMap(({ args }) => args.filter(({ map }) => map !== undefined));
    const maps = new Set(mapUses.map(({ map }) => map?.name));
    const stack = stackOf(program, model);
    return [
      ...(type === undefined ? [] : [lens(type, [])]),
      ...(since === undefined ? [] : [{ range: { start, end: start }, command: why }]),
      ...(maps.size === 0 ? [] : [lens(counted(maps.size, "map"), rangesOf(mapUses))]),
      ...(helpers.length === 0
        ? []
        : [
            lens(
              counted(new Set(helpers.map(({ name }) => name)).size, "helper"),
              helpers.map((one) => one.nameRange),
            ),
          ]),
      ...(stack === undefined || stack.bytes === 0 ? [] : [lens(stackTitle(stack), rangesOf(stack.variables))]),
    ];
  });
}

function typeOf({ section }: Program, kb: KnowledgeBase, loader: string): string | undefined {
  const kind = section.name === undefined ? undefined : programMeaning(section.name, kb, loader)?.kind;
  return kind?.progType.replace("BPF_PROG_TYPE_", "").toLowerCase();
}

/** The calls that run with it, in the functions of this file. */
function callsOf({ name }: Program, { calls, reaches }: BpfModel): readonly Call[] {
  const reached = reaches(name);
  return calls.filter((call) => call.in !== undefined && reached.has(call.in.name));
}

function isKernels(name: string, { redefines, kfuncs }: BpfModel, kb: KnowledgeBase): boolean {
  return (kb.helper(name) !== undefined && !redefines(name)) || kfuncs.some((one) => one.name === name);
}

function rangesOf(places: readonly { readonly range: Range }[]): readonly Range[] {
  return places.map(({ range }) => range);
}

function counted(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? "" : "s"}`;
}

/** Only about: clang knows what it keeps where, and the lens of the verifier says it once it was asked. */
function stackTitle({ bytes }: StackEstimate): string {
  return `≈ ${bytes} of 512 bytes of stack`;
}
