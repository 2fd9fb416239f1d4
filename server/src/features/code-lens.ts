/** Feature: code lens. Above each program what it is, what it uses, and what it takes of the stack. */

import type { CodeLens, Command } from "vscode-languageserver-types";
import type { KnowledgeBase } from "../analysis/knowledge/knowledge-base.ts";
import { programMeaning, shortType } from "../analysis/knowledge/loaders.ts";
import { minimumOf, releasesOf } from "../analysis/minimum/minimum.ts";
import { minimumText, releaseText } from "../analysis/minimum/words.ts";
import type { BpfModel, Call, Program } from "../analysis/model.ts";
import type { Snapshot } from "../analysis/snapshot.ts";
import type { Position, Range } from "../analysis/text.ts";
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

/** By what a lens is known again that tells the minimum: it is worked out when the editor shows the line. */
interface LensData {
  readonly uri: string;
  readonly program: string;
}

/** All of them but what the minimum is: to work that out takes longer than the rest, and editors ask for lenses after each key. */
export function codeLenses(file: Snapshot, kb: KnowledgeBase, options: LensOptions): CodeLens[] {
  const { model, uri } = file;
  const { loader, placesCommand } = options;
  const allCalls = callsIn(model, kb);
  return model.programs.flatMap((program) => {
    const { start } = program.range;
    const range = { start, end: start };
    const lens = (title: string, places: readonly Range[]): CodeLens => {
      const shown: PlacesShown = { uri, position: start, places };
      const isLink = placesCommand !== undefined && places.length > 0;
      return { range, command: isLink ? { title, command: placesCommand, arguments: [shown] } : said(title) };
    };
    const type = typeOf(program, kb, loader);
    const calls = callsOf(program, model, allCalls);
    const helpers = calls.filter(({ isKernels }) => isKernels).map(({ call }) => call);
    const mapUses = calls.flatMap(({ mapArgs }) => mapArgs);
    const maps = new Set(mapUses.map(({ map }) => map?.name));
    const stack = stackOf(program, model);
    const data: LensData = { uri, program: program.name };
    return [
      ...(type === undefined ? [] : [lens(type, [])]),
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
      // The last, so that nothing moves when it comes.
      ...(type === undefined ? [] : [{ range, data }]),
    ];
  });
}

/** The file that a lens was made for; empty for one that says all. */
export function originOfLens({ data }: CodeLens): string {
  return (data as LensData | undefined)?.uri ?? "";
}

/** The lowest kernel that the program is loaded on. */
export function resolveCodeLens(
  { model }: Snapshot,
  kb: KnowledgeBase,
  lens: CodeLens,
  { loader, minimumCommand }: Pick<LensOptions, "loader" | "minimumCommand">,
): CodeLens {
  const { uri, program: name } = lens.data as LensData;
  const program = model.programs.find((one) => one.name === name);
  const found = program && releasesOf({ model, kb, loader }).get(program);
  if (found === undefined) return silent(lens);
  const { release, ...rest } = found;
  // Whether no kernel has it all or nothing is known takes the reasons.
  const whole = (): string =>
    minimumOf(model, kb, loader)
      .programs.filter((one) => one.name === name)
      .map(minimumText)
      .join();
  const title = release === undefined ? whole() : `from ${releaseText({ ...rest, release })}`;
  return { ...lens, command: { title, command: minimumCommand ?? "", arguments: [uri] } };
}

/** Of what the file has no more: the editor has asked anew by then. Without a command it would tell the person that one is missing. */
export function silent(lens: CodeLens): CodeLens {
  return { ...lens, command: said("") };
}

/** A lens that nothing comes of when it is clicked. */
function said(title: string): Command {
  return { title, command: "" };
}

function typeOf({ section }: Program, kb: KnowledgeBase, loader: string): string | undefined {
  const kind = section.name === undefined ? undefined : programMeaning(section.name, kb, loader)?.kind;
  return kind && shortType(kind.progType);
}

/** The calls that run with it, in the functions of this file. */
function callsOf({ name }: Program, { reaches }: BpfModel, calls: readonly LensCall[]): readonly LensCall[] {
  const reached = reaches(name);
  return calls.filter(({ inside }) => reached.has(inside));
}

interface LensCall {
  readonly call: Call;
  /** The function that it stands in. */
  readonly inside: string;
  readonly isKernels: boolean;
  readonly mapArgs: Call["args"];
}

/** Read once for all programs: a function is reached by many. */
function callsIn(model: BpfModel, kb: KnowledgeBase): readonly LensCall[] {
  const kfuncs = new Set(model.kfuncs.map(({ name }) => name));
  return model.calls.flatMap((call) => {
    if (call.in === undefined) return [];
    const isHelper = kb.helper(call.name) !== undefined && !model.redefines(call.name);
    const mapArgs = call.args.filter(({ map }) => map !== undefined);
    return [{ call, inside: call.in.name, isKernels: isHelper || kfuncs.has(call.name), mapArgs }];
  });
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
