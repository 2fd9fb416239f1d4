// @ts-check
/** Compiles BPF C with clang and reads from the object which programs and maps there really are. */

import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { machine } from "node:os";
import { dirname, join } from "node:path";

/** @typedef {{ file: string, line: number } | undefined} Place */
/** @typedef {{ name: string, section: string, place: Place }} TrueProgram */
/**
 * @typedef {object} TrueMap Numbers as libbpf takes them from the definition; what is not said is 0.
 * @property {string} name
 * @property {Place} place
 * @property {number} type
 * @property {number} keySize
 * @property {number} valueSize
 * @property {number} maxEntries
 */
/** @typedef {{ programs: TrueProgram[], maps: TrueMap[] }} Truth */
/** @typedef {{ clang: string, includes: string[], flags: string[], folder: string }} Setup */

const ARCHITECTURES = { x64: "x86", arm64: "arm64", s390x: "s390", ppc64: "powerpc", riscv64: "riscv" };

/** Writes the running kernel's `vmlinux.h` into a folder, once. @param {string} folder */
export async function writeVmlinux(folder) {
  const path = join(folder, "vmlinux.h");
  await mkdir(folder, { recursive: true });
  const known = await readFile(path, "utf8").catch(() => undefined);
  if (known !== undefined) return known;
  const { code, stdout, stderr } = await run("bpftool", [
    "btf",
    "dump",
    "file",
    "/sys/kernel/btf/vmlinux",
    "format",
    "c",
  ]);
  if (code !== 0) throw new Error(`bpftool gave no vmlinux.h: ${stderr}`);
  await writeFile(path, stdout);
  return stdout;
}

/**
 * What clang makes of a file. Remembered by the file's content and the command line, not by what it includes.
 *
 * @param {Setup} setup @param {string} path @param {string} text
 * @returns {Promise<{ truth: Truth } | { failure: string }>}
 */
export async function truthOf(setup, path, text) {
  const args = ["-g", "-O2", ...frontEndFlags(setup, path)];
  const key = createHash("sha256")
    .update(JSON.stringify([setup.clang, args, path, text]))
    .digest("hex")
    .slice(0, 32);
  const answer = join(setup.folder, `${key}.json`);
  const known = await readFile(answer, "utf8").catch(() => undefined);
  if (known !== undefined) return JSON.parse(known);
  const object = join(setup.folder, `${key}.o`);
  const { code, stderr } = await run(setup.clang, [...args, "-c", path, "-o", object]);
  const result = code === 0 ? { truth: await readObject(object) } : { failure: firstError(stderr) };
  await writeFile(answer, JSON.stringify(result));
  return result;
}

/** The lines of a file, counted from 1, that the preprocessor leaves something of. @param {Setup} setup @param {string} path */
export async function compiledLines(setup, path) {
  const { stdout } = await run(setup.clang, [...frontEndFlags(setup, path), "-E", path]);
  /** @type {Set<number>} */
  const lines = new Set();
  let file = "";
  let line = 0;
  for (const text of stdout.split("\n")) {
    const marker = /^# (\d+) "(.*?)"/.exec(text);
    if (marker !== null) {
      line = Number(marker[1]);
      file = marker[2] ?? "";
    } else {
      if (file === path && text.trim() !== "") lines.add(line);
      line++;
    }
  }
  return lines;
}

/** @param {Setup} setup @param {string} path */
function frontEndFlags({ includes, flags, folder }, path) {
  const multiarch = `/usr/include/${machine()}-linux-gnu`;
  // The generated vmlinux.h comes last, so that a project's own wins.
  const folders = [dirname(path), ...includes, multiarch, folder].map((include) => `-I${include}`);
  const architecture = ARCHITECTURES[/** @type {keyof typeof ARCHITECTURES} */ (process.arch)] ?? process.arch;
  return ["-target", "bpf", `-D__TARGET_ARCH_${architecture}`, "-w", ...flags, ...folders];
}

/** @param {string} stderr */
function firstError(stderr) {
  return /^.*?(?:error|fatal error): .*$/m.exec(stderr)?.[0] ?? stderr.slice(0, 200);
}

/** @param {string} path @returns {Promise<Truth>} */
async function readObject(path) {
  const [elf, btf, places] = await Promise.all([readElf(path), readBtf(path), readPlaces(path)]);
  const programs = elf.symbols
    .filter(({ type, section }) => type === "Function" && section !== ".text" && section !== "Undefined")
    .map(({ name, section }) => ({ name, section, place: places.get(`subprogram ${name}`) }));
  const legacy = elf.symbols
    .filter(({ type, section }) => type === "Object" && /^maps(?:\/|$)/.test(section))
    .map((symbol) => legacyMap(elf.bytes, symbol));
  const maps = [...mapsOfBtf(btf), ...legacy].map((map) => ({ ...map, place: places.get(`variable ${map.name}`) }));
  return { programs, maps };
}

/** @typedef {{ name: string, type: string, section: string, offset: number, size: number }} ElfSymbol */

/** @param {string} path */
async function readElf(path) {
  const { stdout } = await run("llvm-readelf-19", ["--symbols", "--sections", "--elf-output-style=JSON", path]);
  const [file] = JSON.parse(stdout);
  const starts = new Map(
    file.Sections.map((/** @type {any} */ { Section: section }) => [section.Index, section.Offset]),
  );
  /** @type {ElfSymbol[]} */
  const symbols = file.Symbols.map((/** @type {any} */ { Symbol: symbol }) => ({
    name: symbol.Name.Name,
    type: symbol.Type.Name,
    section: symbol.Section.Name,
    offset: starts.get(symbol.Section.Value) + symbol.Value,
    size: symbol.Size,
  }));
  return { symbols, bytes: await readFile(path) };
}

/** `struct bpf_map_def`: the object holds its numbers. @param {Buffer} bytes @param {ElfSymbol} symbol */
function legacyMap(bytes, { name, offset, size }) {
  const field = (/** @type {number} */ n) => (4 * n + 4 <= size ? bytes.readUInt32LE(offset + 4 * n) : 0);
  return { name, type: field(0), keySize: field(1), valueSize: field(2), maxEntries: field(3) };
}

/** @param {string} path @returns {Promise<Map<number, any>>} the types by id */
async function readBtf(path) {
  const { code, stdout } = await run("bpftool", ["btf", "dump", "file", path, "-j"]);
  return new Map(code === 0 ? JSON.parse(stdout).types.map((/** @type {any} */ type) => [type.id, type]) : []);
}

/** @param {Map<number, any>} types */
function mapsOfBtf(types) {
  const section = [...types.values()].find(({ kind, name }) => kind === "DATASEC" && name === ".maps");
  return (section?.vars ?? []).map((/** @type {any} */ { type_id }) => {
    const { name, type_id: type } = types.get(type_id);
    return { name, ...definitionOf(types, type) };
  });
}

/** What libbpf's `parse_btf_map_def` reads. @param {Map<number, any>} types @param {number} id */
function definitionOf(types, id) {
  const definition = { type: 0, keySize: 0, valueSize: 0, maxEntries: 0 };
  for (const { name, type_id } of bare(types, id).members ?? []) {
    if (name === "type") definition.type = numberOf(types, type_id);
    else if (name === "max_entries") definition.maxEntries = numberOf(types, type_id);
    else if (name === "key_size") definition.keySize = numberOf(types, type_id);
    else if (name === "value_size") definition.valueSize = numberOf(types, type_id);
    else if (name === "key") definition.keySize = sizeOf(types, bare(types, type_id).type_id);
    else if (name === "value") definition.valueSize = sizeOf(types, bare(types, type_id).type_id);
    // Inner maps and programs stand in their map as file descriptors.
    else if (name === "values") definition.valueSize = 4;
  }
  return definition;
}

const WRAPPERS = new Set(["TYPEDEF", "CONST", "VOLATILE", "RESTRICT", "TYPE_TAG"]);

/** A type without typedefs and qualifiers. @param {Map<number, any>} types @param {number} id */
function bare(types, id) {
  let type = types.get(id);
  while (type !== undefined && WRAPPERS.has(type.kind)) type = types.get(type.type_id);
  return type ?? { kind: "VOID" };
}

/** `int (*max_entries)[64]`, or an enumerator for numbers of 64 bits. @param {Map<number, any>} types @param {number} id */
function numberOf(types, id) {
  const type = bare(types, id);
  return type.kind === "PTR" ? bare(types, type.type_id).nr_elems : type.values?.[0]?.val;
}

/** @param {Map<number, any>} types @param {number} id @returns {number} */
function sizeOf(types, id) {
  const type = bare(types, id);
  if (type.kind === "PTR") return 8;
  return type.kind === "ARRAY" ? type.nr_elems * sizeOf(types, type.type_id) : (type.size ?? 0);
}

/** Where debug information says that functions and variables stand, by `kind name`. @param {string} path */
async function readPlaces(path) {
  const { stdout } = await run("llvm-dwarfdump-19", ["--debug-info", path]);
  /** @type {Map<string, Place>} */
  const places = new Map();
  for (const entry of stdout.split(/\n(?=0x[0-9a-f]+: )/)) {
    const kind = /DW_TAG_(subprogram|variable)/.exec(entry)?.[1];
    const name = /DW_AT_name\t\("(.*)"\)/.exec(entry)?.[1];
    const file = /DW_AT_decl_file\t\("(.*)"\)/.exec(entry)?.[1];
    const line = /DW_AT_decl_line\t\((\d+)\)/.exec(entry)?.[1];
    if (kind === undefined || name === undefined || file === undefined) continue;
    // A local variable may have the name of a map; maps stand at the top.
    if (kind === "variable" && !/^0x[0-9a-f]+: {3}DW_TAG/.test(entry)) continue;
    places.set(`${kind} ${name}`, { file, line: Number(line) });
  }
  return places;
}

/** @param {string} command @param {string[]} args @returns {Promise<{ code: number, stdout: string, stderr: string }>} */
function run(command, args) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { stdio: ["ignore", "pipe", "pipe"] });
    let stdout = "";
    let stderr = "";
    child.stdout.setEncoding("utf8").on("data", (data) => (stdout += data));
    child.stderr.setEncoding("utf8").on("data", (data) => (stderr += data));
    child.on("error", reject);
    child.on("close", (code) => resolve({ code: code ?? 1, stdout, stderr }));
  });
}
