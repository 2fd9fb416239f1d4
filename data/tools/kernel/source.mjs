// @ts-check
/** One kernel tree, as far as BPF is concerned: its functions, structures and initialised tables, by name. */

import { createHash } from "node:crypto";

/** @typedef {import("../upstream.mjs").Upstreams} Upstreams */
/** @typedef {import("../upstream.mjs").SourceFile} SourceFile */
/** @typedef {{ name: string, file: string, fields: Readonly<Record<string, string>> }} Table `struct x name = { .field = … };` */
/** @typedef {{ text: string, file: string, weak: boolean, type: string, params: string }} FunctionText */

/**
 * @typedef {object} KernelSource
 * @property {string} tag
 * @property {string} release `6.1`
 * @property {boolean} late whether the tree is of a point release that has gathered backports
 * @property {ReadonlyMap<string, string>} files path to text, without comments, `#if` decided
 * @property {ReadonlyMap<string, string>} raw the same with every `#if`
 * @property {ReadonlyMap<string, FunctionText>} functions
 * @property {(type: string) => readonly Table[]} tables every initialised structure of a type
 */

/** Where the kernel keeps BPF. */
export const FOLDERS = [
  "block",
  "crypto",
  "drivers/dma-buf",
  "drivers/hid",
  "drivers/media/rc",
  "fs",
  "include/linux",
  "include/uapi/linux",
  "kernel",
  "lib",
  "mm",
  "net",
  "security",
];

/** A file that says none of this holds no fact we look for. */
const TELLING =
  /bpf_func_proto|bpf_verifier_ops|struct bpf_struct_ops|BTF_(?:KFUNCS|SET8?)_START|register_btf_kfunc|__bpf_kfunc|_is_valid_access|bpf_iter_reg|BPF_PROG_TYPE\(|check_map_func_compatibility/;
const HEADERS = /^include\/uapi\/linux\/bpf(?:_perf_event|_common)?\.h$/;

/**
 * Reads a pinned tree. A tree may come from any mirror: what counts is that the files we read are those we pinned.
 *
 * @param {Upstreams} upstreams
 * @param {string} tag
 * @returns {KernelSource}
 */
export function readKernel(upstreams, tag) {
  const told = [...upstreams.readAll("linux", FOLDERS, tag)].filter(tellsUs);
  const found = digestOf(told);
  const pinned = upstreams.digest("linux", tag);
  if (found !== pinned) {
    throw new Error(
      `linux ${tag}: what was read has the digest ${found}, data/upstream.json says ${pinned}.` +
        " Is the mirror's tree really that release, unchanged?",
    );
  }
  return kernelSource(tag, told);
}

/** @param {SourceFile} file */
function tellsUs({ path, text }) {
  return HEADERS.test(path) || TELLING.test(text);
}

/** @param {readonly SourceFile[]} files */
export function digestOf(files) {
  const digest = createHash("sha256");
  for (const { path, text } of files) digest.update(`${path}\0${text}\0`);
  return digest.digest("hex").slice(0, 16);
}

/** @param {string} tag @param {readonly SourceFile[]} sources @returns {KernelSource} */
export function kernelSource(tag, sources) {
  const raw = new Map(sources.map(({ path, text }) => [path, withoutComments(text)]));
  const files = new Map([...raw].map(([path, code]) => [path, preprocessed(code)]));
  /** @type {Map<string, FunctionText>} */
  const functions = new Map();
  for (const [file, text] of files) {
    for (const found of functionsIn(text, file)) {
      const before = functions.get(found.name);
      // The linker takes the strong one; a header's static inline stub is for a kernel without the feature.
      if (before && (found.weak || (!before.weak && file.endsWith(".h")))) continue;
      functions.set(found.name, found);
    }
  }
  /** @type {Map<string, readonly Table[]>} */
  const tables = new Map();
  return {
    tag,
    release: releaseOf(tag),
    late: Number(/^v\d+\.\d+\.(\d+)/.exec(tag)?.[1] ?? 0) > 10,
    files,
    raw,
    functions,
    tables: (type) => {
      const known = tables.get(type) ?? [...files].flatMap(([file, text]) => tablesIn(text, file, type));
      tables.set(type, known);
      return known;
    },
  };
}

/** `v5.17-rc5` has what 5.17 has: new features come with the first candidate. @param {string} tag */
export function releaseOf(tag) {
  const release = /^v(\d+\.\d+)/.exec(tag)?.[1];
  if (release === undefined) throw new Error(`${tag} is no kernel release`);
  return release;
}

/** Line numbers stay. @param {string} text */
export function withoutComments(text) {
  return text.replace(/\/\*[\s\S]*?\*\/|\/\/[^\n]*/g, (comment) => ` ${"\n".repeat(comment.split("\n").length - 1)}`);
}

/**
 * Every CONFIG option is on: a fact is what a kernel can have. What a configuration takes away is the target's affair.
 *
 * @param {string} text
 */
export function preprocessed(text) {
  /** @type {boolean[]} whether the branch we are in is taken */
  const branches = [];
  /** @type {boolean[]} whether one of the branches was */
  const decided = [];
  const lines = text.split("\n").map((line) => {
    const [, directive, rest = ""] = /^\s*#\s*(ifdef|ifndef|if|elif|else|endif)\b(.*)/.exec(line) ?? [];
    if (directive === undefined) return branches.every(Boolean) ? line : "";
    if (directive === "endif") {
      branches.pop();
      decided.pop();
    } else if (directive === "else" || directive === "elif") {
      const taken = !decided.at(-1);
      branches[branches.length - 1] = taken;
      decided[decided.length - 1] = true;
    } else {
      const taken = holds(directive, rest.trim());
      branches.push(taken);
      decided.push(taken);
    }
    return "";
  });
  return lines.join("\n");
}

/** @param {string} directive @param {string} condition */
function holds(directive, condition) {
  if (directive === "ifdef") return !/BITS_PER_LONG|MODULE$/.test(condition) || condition.startsWith("CONFIG_");
  // A header's own guard starts with an underscore.
  if (directive === "ifndef") return condition.startsWith("_");
  return condition !== "0" && !condition.startsWith("!") && !/BITS_PER_LONG\s*==\s*32/.test(condition);
}

/** @param {string} text @param {string} file @returns {(FunctionText & { name: string })[]} */
function functionsIn(text, file) {
  const heads = text.matchAll(
    /^(?!\s|#|typedef\b|struct \w+ \{)([\w*\s]+?[\s*])(\w+)\(((?:[^{};()]|\([^()]*\))*)\)\s*\{/gm,
  );
  return [...heads].flatMap((head) => {
    const [whole, type = "", name = "", params = ""] = head;
    if (/\b(?:DEFINE|SYSCALL|BPF_CALL_\d|EXPORT|else|return)\b/.test(`${type}${name}`)) return [];
    const end = closing(text, head.index + whole.length - 1);
    const body = text.slice(head.index + whole.length - 1, end + 1);
    // Attributes and storage classes are not the interpreter's affair.
    const signature = `${/\*/.test(type) ? "void *" : "int "}${name}(${params})`;
    return [{ name, file, text: `${signature}\n${body}`, weak: /__weak/.test(type), type: type.trim(), params }];
  });
}

/** @param {string} text @param {string} file @param {string} type @returns {Table[]} */
function tablesIn(text, file, type) {
  if (!text.includes(type)) return [];
  const heads = text.matchAll(
    new RegExp(`\\bstruct\\s+${type}\\s+(?:__\\w+\\s+)?(\\w+)\\s*(?:__\\w+\\s*)*=\\s*\\{`, "g"),
  );
  return [...heads].map((head) => {
    const open = head.index + head[0].length - 1;
    return { name: head[1] ?? "", file, fields: fieldsOf(text.slice(open + 1, closing(text, open))) };
  });
}

/** @param {string} body @returns {Record<string, string>} */
export function fieldsOf(body) {
  /** @type {Record<string, string>} */
  const fields = {};
  let depth = 0;
  let start = 0;
  for (let at = 0; at <= body.length; at++) {
    const letter = body[at];
    if (letter === "{" || letter === "(") depth++;
    if (letter === "}" || letter === ")") depth--;
    if (at < body.length && !(letter === "," && depth === 0)) continue;
    const [, name, value] = /^\s*\.([\w.[\]]+)\s*=\s*([\s\S]*?)\s*$/.exec(body.slice(start, at)) ?? [];
    if (name !== undefined && value !== undefined) fields[name] = value.replace(/\s+/g, " ");
    start = at + 1;
  }
  return fields;
}

/** The brace that closes the one at `open`. @param {string} text @param {number} open */
export function closing(text, open) {
  let depth = 0;
  for (let at = open; at < text.length; at++) {
    const letter = text[at];
    if (letter === "{") depth++;
    else if (letter === "}" && --depth === 0) return at;
  }
  return text.length - 1;
}
