/** What an object holds, to be read: Markdown that is legible as plain text too. */

import { printable } from "../printable.ts";
import type { BpfObject, ObjectFunction } from "./describe.ts";
import type { ObjectFacts } from "./facts.ts";
import type { ObjectMap } from "./maps.ts";
import { code, table } from "./table.ts";

/** @param name of the file */
export function objectReport(name: string, object: BpfObject, facts: ObjectFacts): string {
  const { programs, subprograms, maps, variables, externs, coreRelocations, types, sections } = object;
  const parts = [
    `# ${name}`,
    list([...summary(object), ...object.problems]),
    part("Programs", table(PROGRAM, programs.map(programRow))),
    part("Subprograms", table(SUBPROGRAM, subprograms.map(subprogramRow))),
    part(
      "Maps",
      table(
        MAP,
        maps.map((map) => mapRow(map, facts)),
      ),
    ),
    part(
      "Global data",
      table(
        VARIABLE,
        variables.map((one) => [
          code(one.name),
          code(one.section),
          `${one.offset}`,
          `${one.size}`,
          code(one.type ?? ""),
          one.section.startsWith(".bss") ? "" : code(one.value),
        ]),
      ),
    ),
    part(
      "From the kernel",
      table(
        EXTERN,
        externs.map((one) => [code(one.name), one.kind, one.isWeak ? "optional" : "required", code(one.type ?? "")]),
      ),
    ),
    part(
      "CO-RE",
      table(
        CORE,
        counted(coreRelocations.map(({ access }) => access)).map(([access, times]) => [code(access), `${times}`]),
      ),
    ),
    part("Types", types === undefined ? "" : kinds(types.kinds)),
    part(
      "Sections",
      table(
        SECTION,
        sections.map((one) => [code(one.name), one.kind, `${one.size}`]),
      ),
    ),
  ];
  return printable(`${parts.filter((text) => text !== "").join("\n\n")}\n`);
}

const PROGRAM = ["Program", "Section", "Type", ">Instructions", ">With all it calls", "Uses"];
const SUBPROGRAM = ["Function", "Seen as", ">Instructions", "Calls"];
const MAP = ["Map", "Type", "Key", "Value", ">Entries", "More"];
const VARIABLE = ["Variable", "Section", ">Offset", ">Size", "Type", "Begins as"];
const EXTERN = ["Name", "Kind", "Needed", "Declaration"];
const CORE = ["Asks for", ">Times"];
const SECTION = ["Section", "Kind", ">Size"];

function summary(object: BpfObject): readonly string[] {
  const { licence, version, byteOrder, instructionSet, types, lines, debugBytes, programs, externs } = object;
  const said = [
    licence === undefined
      ? "Licence: none, so the kernel refuses what is for GPL programs only."
      : `Licence: ${code(licence)}`,
    `Instructions: ${byteOrder}-endian, as \`-mcpu=${instructionSet}\` of clang makes them`,
    types === undefined
      ? "Types: none (no BTF). Build with `-g`, with GCC `-gbtf`: maps in `.maps`, CO-RE and skeletons need them."
      : `Types: ${types.count} in ${size(types.bytes)} of BTF`,
    lines === 0
      ? "Source lines: none, so the verifier's log cannot show them."
      : `Source lines: ${lines} places in the code`,
  ];
  if (version !== undefined && version !== 0)
    said.push(`Kernel version: ${version >>> 16}.${(version >>> 8) & 255}.${version & 255}`);
  if (debugBytes > 0)
    said.push(
      `Debug information: ${size(debugBytes)} of DWARF, which no loader reads; \`llvm-strip -g\` takes it out and leaves BTF.`,
    );
  if (programs.length === 0) said.push("There is no program in it.");
  if (externs.some(({ kind }) => kind === "unknown"))
    said.push("Some names are defined nowhere, and the object does not say what they are.");
  return said;
}

function programRow(one: ObjectFunction): readonly string[] {
  const { name, section, meaning, instructions, allInstructions } = one;
  const words = meaning === undefined ? ["unknown"] : [meaning.type, meaning.attachType ?? ""];
  if (meaning?.sleepable === true) words.push("sleepable");
  if (meaning?.autoload === false) words.push("loaded on demand");
  const type = words.filter((word) => word !== "").join(", ");
  return [code(name), code(section), type, `${instructions}`, `${allInstructions}`, used(one)];
}

function used({ maps, helpers, kfuncs, subprograms }: ObjectFunction): string {
  return [
    ...maps.map((name) => `map ${name}`),
    ...helpers,
    ...kfuncs.map((name) => `kfunc ${name}`),
    ...subprograms.map((name) => `${name}()`),
  ]
    .map(code)
    .join(" ");
}

function subprogramRow(one: ObjectFunction): readonly string[] {
  return [
    code(one.name),
    one.isGlobal ? "global" : "static",
    `${one.instructions}`,
    one.subprograms.map(code).join(" "),
  ];
}

function mapRow(map: ObjectMap, facts: ObjectFacts): readonly string[] {
  const { name, type, key, keySize, value, valueSize, maxEntries, flags, pinning, more } = map;
  const what =
    type === undefined ? (map.section.includes("struct_ops") ? "STRUCT_OPS" : "") : (facts.mapType(type) ?? `${type}`);
  const others = [
    ...(flags === undefined || flags === 0 ? [] : [`flags 0x${flags.toString(16)}`]),
    ...(pinning === undefined || pinning === 0 ? [] : ["pinned by its name"]),
    ...(map.holds ?? []),
    ...Object.entries(more).map(([member, says]) => `${member} ${says}`),
  ];
  const entries = maxEntries === undefined ? "" : `${maxEntries}`;
  return [code(name), what, typed(key, keySize), typed(value, valueSize), entries, others.map(code).join(" ")];
}

function typed(type: string | undefined, bytes: number | undefined): string {
  if (bytes === undefined || (type === undefined && bytes === 0)) return "";
  return type === undefined ? `${bytes} bytes` : `${code(type)} (${bytes})`;
}

/** Each once, the most frequent first. */
function counted(texts: readonly string[]): readonly (readonly [text: string, times: number])[] {
  const times = new Map<string, number>();
  for (const text of texts) times.set(text, (times.get(text) ?? 0) + 1);
  return [...times].sort((a, b) => b[1] - a[1]);
}

function kinds(of: Readonly<Record<string, number>>): string {
  return Object.entries(of)
    .sort(([, a], [, b]) => b - a)
    .map(([kind, count]) => `${count} ${kind}`)
    .join(", ");
}

function part(title: string, content: string): string {
  return content === "" ? "" : `## ${title}\n\n${content}`;
}

function list(lines: readonly string[]): string {
  return lines.map((line) => `- ${line}`).join("\n");
}

function size(bytes: number): string {
  return bytes < 10 * 1024 ? `${bytes} bytes` : `${Math.round(bytes / 1024)} KiB`;
}
