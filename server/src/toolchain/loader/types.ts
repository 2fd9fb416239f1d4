/** The structures that BPF program and loader share: included where they stand in a header for both, else written again. */

import { dirname, posix, relative, sep } from "node:path";
import { fileURLToPath } from "node:url";
import type { RecordShape, Shape } from "../../analysis/syntax/shape.ts";
import type { Loader, LoaderModel, LoaderNames } from "./part.ts";

/** What only BPF programs can include. */
const FOR_BPF = /(?:^|\/)(?:vmlinux[^/]*\.h|bpf_(?:helpers|helper_defs|tracing|core_read)\.h|usdt\.bpf\.h)$/;

/** Names that the kernel has for numbers and user space has not. */
const SHORT_NAMES = /^[us](?:8|16|32|64)$/;

export interface SharedTypes {
  readonly includes: readonly string[];
  readonly definitions: readonly string[];
}

/** @param shapes of everything that the loader speaks of */
export function sharedTypes(shapes: readonly Shape[], { model, names }: Loader): SharedTypes {
  const includes = new Set<string>();
  const definitions = new Map<string, string>();
  const shortNames = new Set<string>();
  for (const record of recordsIn(shapes)) {
    const include = record.header === null ? undefined : includeOf(record.header, model, names);
    if (include === undefined) define(record, definitions);
    else {
      includes.add(include);
      for (const name of numbersIn(record)) if (SHORT_NAMES.test(name)) shortNames.add(name);
    }
  }
  for (const name of shapes.flatMap(directNumber)) if (SHORT_NAMES.test(name)) shortNames.add(name);
  const typedefs = [...shortNames].sort().map((name) => `typedef __${name} ${name};`);
  return { includes: [...includes], definitions: [...typedefs, ...definitions.values()] };
}

/** Whether a value of a shape can be named in C: an unnamed structure cannot. */
export function typeOf(shape: Shape): string | undefined {
  switch (shape.kind) {
    case "number":
      return `__${shape.signed ? "s" : "u"}${shape.size * 8}`;
    case "bool":
      return "bool";
    case "record":
      return shape.spelling === "" ? undefined : shape.spelling;
    default:
      return undefined;
  }
}

function recordsIn(shapes: readonly Shape[]): readonly RecordShape[] {
  return shapes.flatMap((shape): readonly RecordShape[] => {
    if (shape.kind === "array") return recordsIn([shape.of]);
    if (shape.kind !== "record") return [];
    // Those within come first, as C wants them.
    return [...recordsIn(shape.fields.map((field) => field.shape)), ...(shape.spelling === "" ? [] : [shape])];
  });
}

function numbersIn(shape: Shape): readonly string[] {
  if (shape.kind === "array") return numbersIn(shape.of);
  return shape.kind === "record" ? shape.fields.flatMap((field) => numbersIn(field.shape)) : directNumber(shape);
}

function directNumber(shape: Shape): readonly string[] {
  return shape.kind === "number" ? [shape.spelling] : [];
}

/** Undefined where user space cannot include the header. */
function includeOf(uri: string, model: LoaderModel, { folder }: LoaderNames): string | undefined {
  if (!isForBoth(uri, model, new Set())) return undefined;
  const system = model.includes.find(({ path, quoted }) => !quoted && uri.endsWith(`/${encodeURI(path)}`));
  if (system !== undefined) return `<${system.path}>`;
  return `"${relative(folder, fileURLToPath(uri)).split(sep).join(posix.sep)}"`;
}

function isForBoth(uri: string, model: LoaderModel, seen: Set<string>): boolean {
  if (seen.has(uri)) return true;
  seen.add(uri);
  const { headers, maps, programs } = model.outside;
  const header = headers.find((one) => one.uri === uri);
  if (header === undefined || header.functions.length > 0 || maps.some((map) => map.header === uri)) return false;
  if (programs.some((program) => program.header === uri)) return false;
  if (header.includes.some((path) => FOR_BPF.test(path))) return false;
  const folder = dirname(uri);
  return headers
    .filter((one) => header.includes.some((path) => one.uri === `${folder}/${encodeURI(path)}`))
    .every((one) => isForBoth(one.uri, model, seen));
}

function define(record: RecordShape, definitions: Map<string, string>): void {
  if (definitions.has(record.spelling)) return;
  const { tag, name, packed, spelling, size } = record;
  const end = packed ? "} __attribute__((packed))" : "}";
  const body = fieldsOf(record, 1).join("\n");
  const text = name === "" ? `typedef ${tag} {\n${body}\n${end} ${spelling};` : `${tag} ${name} {\n${body}\n${end};`;
  definitions.set(spelling, `${text}\n\n_Static_assert(sizeof(${spelling}) == ${size}, "as the BPF program has it");`);
}

function fieldsOf({ fields }: RecordShape, depth: number): readonly string[] {
  const tabs = "\t".repeat(depth);
  return fields.map(
    ({ name, shape, bits }) => `${tabs}${declared(name, shape, depth)}${bits === null ? "" : ` : ${bits}`};`,
  );
}

function declared(name: string, shape: Shape, depth: number): string {
  switch (shape.kind) {
    case "text":
      return `char ${name}[${shape.length}]`;
    case "array":
      return declared(`${name}[${shape.count}]`, shape.of, depth);
    case "pointer":
      // Of a value in another world: never to be followed here.
      return `__u64 ${name}`;
    case "record":
      if (shape.spelling !== "") return `${shape.spelling} ${name}`;
      return `${shape.tag} {\n${fieldsOf(shape, depth + 1).join("\n")}\n${"\t".repeat(depth)}}${shape.packed ? " __attribute__((packed))" : ""}${name === "" ? "" : ` ${name}`}`;
    default:
      return `${typeOf(shape) ?? "__u8"} ${name}`;
  }
}
