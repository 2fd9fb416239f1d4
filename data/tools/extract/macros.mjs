// @ts-check
/**
 * Macros and functions: what libbpf's headers for programs define, the release of libbpf that brought it, what becomes of it
 * and what it needs of the kernel.
 */

import { readFileSync } from "node:fs";
import { withoutComments } from "../c-enum.mjs";
import { mustRead } from "../upstream.mjs";

/** @typedef {import("../../../server/src/analysis/knowledge/types.ts").MacroFact} MacroFact */
/** @typedef {import("../../../server/src/analysis/knowledge/types.ts").MacroNeed} MacroNeed */
/** @typedef {{ params: string[] | undefined, bodies: string[] }} Macro `bodies`: one for each definition, on one line */
/** @typedef {{ returns: string, params: string[], body: string }} InlineFunction */
/** @typedef {{ macros: Map<string, Macro>, functions: Map<string, InlineFunction> }} Header */
/** @typedef {{ name: string, expands?: string, needs?: MacroNeed[], when?: Record<string, string> }} Curated */

const HEADERS = ["bpf_helpers.h", "bpf_tracing.h", "bpf_core_read.h", "bpf_endian.h", "usdt.bpf.h"];
const SIGNATURES = "src/bpf_helper_defs.h";
/** Underscores begin what is libbpf's own business, except for the words that programs do write. */
const FOR_PROGRAMS =
  /^(?!_)|^__(?:uint|ulong|type|array|always_inline|noinline|weak|hidden|kconfig|ksym|kptr\w*|percpu_kptr|uptr|arg_\w+|bpf_fastcall)$/;
/** A body is worth showing while it fits a line and is made of what its reader knows. */
const LONGEST = 100;
const OWN_BUSINESS = /\b_{2,3}(?!attribute|builtin_|typeof)\w+|##|\b_Pragma\b/;

/**
 * @param {import("../upstream.mjs").Upstreams} upstreams
 * @param {readonly Curated[]} [curated]
 * @returns {{ entries: MacroFact[], disagreements: string[] }}
 */
export function extract(upstreams, curated = readCurated()) {
  const releases = firstReleases(upstreams);
  const texts = HEADERS.map((header) => headerOf(mustRead(upstreams, "libbpf", `src/${header}`)));
  const helpers = new Set(mustRead(upstreams, "libbpf", SIGNATURES).match(/\bbpf_\w+(?=\)\()/g));
  const needsOf = needsIn(texts, helpers);
  const byHand = new Map(curated.map((entry) => [entry.name, entry]));
  /** @type {Map<string, MacroFact>} */
  const facts = new Map();
  for (const [index, header] of HEADERS.entries()) {
    const { macros, functions } = texts[index] ?? headerOf("");
    const ours = [...macros].filter(([name]) => FOR_PROGRAMS.test(name));
    for (const [name, { params, bodies }] of ours) add(name, header, { ...(params && { params }) }, expansion(bodies));
    for (const [name, { returns, params }] of functions) add(name, header, { function: true, returns, params });
  }
  const entries = [...facts.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
  const gone = [...releases.keys()].filter((name) => !facts.has(name));
  const unknown = curated.filter(({ name }) => !facts.has(name));
  if (unknown.length > 0) throw new Error(`data/curated/macros.json: libbpf has no ${unknown.map(({ name }) => name)}`);
  return {
    entries,
    disagreements: [
      ...entries.filter(({ libbpf }) => libbpf === undefined).map(({ name }) => `${name}: in no release of libbpf yet`),
      ...gone.map((name) => `${name}: was in ${releases.get(name)?.tag}, is no more`),
      ...entries
        .filter((fact) => !fact.function && !fact.expands)
        .map(({ name }) => `${name}: nothing says what it expands to`),
    ],
  };

  /** @param {string} name @param {string} header @param {Partial<MacroFact>} shape @param {string} [derived] */
  function add(name, header, shape, derived) {
    if (facts.has(name)) return;
    const release = releases.get(name);
    const own = byHand.get(name);
    if (own?.expands !== undefined && own.expands === derived) {
      throw new Error(`data/curated/macros.json: ${name} expands to that in libbpf's own words; remove it`);
    }
    const expands = own?.expands ?? derived;
    const needs = joined(name, needsOf(name), own);
    facts.set(name, {
      name,
      header,
      ...shape,
      ...(expands !== undefined && { expands }),
      ...(needs.length > 0 && { needs }),
      ...(release && { libbpf: release.tag.replace(/^v/, "").replace(/\.0$/, "") }),
      source: [`libbpf:src/${header}`, ...(release ? [`libbpf:src/${release.header}@${release.tag}`] : [])],
    });
  }
}

/** @returns {Curated[]} */
function readCurated() {
  return JSON.parse(readFileSync(new URL("../../curated/macros.json", import.meta.url), "utf8")).entries;
}

/** What the headers say a macro needs, and what we say. @param {string} name @param {MacroNeed[]} found @param {Curated | undefined} own */
function joined(name, found, own) {
  const when = new Map(Object.entries(own?.when ?? {}));
  const stale = [...when.keys()].filter((need) => !found.some((one) => one.name === need));
  if (stale.length > 0) throw new Error(`data/curated/macros.json: ${name} does not use ${stale}`);
  const conditional = found.map((need) => {
    const condition = when.get(need.name);
    return condition === undefined ? need : { ...need, when: condition };
  });
  return [...conditional, ...(own?.needs ?? [])];
}

/** @param {import("../upstream.mjs").Upstreams} upstreams */
function firstReleases(upstreams) {
  /** @type {Map<string, { tag: string, header: string }>} */
  const first = new Map();
  for (const tag of upstreams.refs("libbpf")) {
    for (const header of HEADERS) {
      const text = upstreams.read("libbpf", `src/${header}`, tag);
      if (text === undefined) continue;
      for (const name of [...macrosIn(text).keys(), ...functionsIn(text).keys()])
        if (!first.has(name)) first.set(name, { tag, header });
    }
  }
  return first;
}

/** @param {string} text @returns {Header} */
function headerOf(text) {
  return { macros: definitionsIn(text), functions: functionsIn(text) };
}

/** Names with their parameters, the first definition of several. @param {string} text @returns {Map<string, string[] | undefined>} */
export function macrosIn(text) {
  const all = [...definitionsIn(text)].filter(([name]) => FOR_PROGRAMS.test(name));
  return new Map(all.map(([name, { params }]) => [name, params]));
}

/** @param {string} text @returns {Map<string, Macro>} */
function definitionsIn(text) {
  /** @type {Map<string, Macro>} */
  const macros = new Map();
  const joinedLines = withoutComments(text).replace(/\\\n/g, " ");
  for (const [, name = "", list, body = ""] of joinedLines.matchAll(
    /^#[ \t]*define[ \t]+(\w+)(?:\(([^)]*)\))?(.*)$/gm,
  )) {
    const macro = macros.get(name) ?? { params: list?.split(",").map((param) => param.trim()), bodies: [] };
    macro.bodies.push(body.replace(/\s+/g, " ").trim());
    macros.set(name, macro);
  }
  return macros;
}

/**
 * Functions whose body is in the header.
 *
 * @param {string} text
 * @returns {Map<string, InlineFunction>}
 */
export function functionsIn(text) {
  // In a macro, a function is what becomes of the macro.
  const code = withoutComments(text)
    .replace(/\\\n/g, " ")
    .replace(/^[ \t]*#.*$/gm, "");
  const found = code.matchAll(
    /^(?:static __always_inline|__weak __hidden|static inline)\s+([\w *]+?[\s*])(\w+)\(([^()]*)\)\s*\{(.*?)^\}/gms,
  );
  return new Map(
    [...found].map(([, returns = "", name = "", params = "", body = ""]) => {
      const list = params.split(",").map((param) => param.replace(/\s+/g, " ").trim());
      return [name, { returns: returns.trim(), params: list, body }];
    }),
  );
}

/** What to show of a macro's definitions; nothing where these differ or are long. @param {readonly string[]} bodies */
export function expansion(bodies) {
  const shown = withoutBrackets(bodies[0] ?? "");
  if (shown === "" || new Set(bodies).size > 1 || shown.length > LONGEST || OWN_BUSINESS.test(shown)) return undefined;
  return shown;
}

/** Brackets around all of it only guard it against its surroundings. @param {string} body */
function withoutBrackets(body) {
  if (!body.startsWith("(")) return body;
  let depth = 0;
  const end = [...body].findIndex((letter) => {
    if (letter === "(") depth++;
    if (letter === ")") depth--;
    return depth === 0;
  });
  return end === body.length - 1 ? body.slice(1, -1).trim() : body;
}

/**
 * Follows what a name stands for to the helpers and kfuncs it calls.
 *
 * @param {readonly Header[]} headers
 * @param {ReadonlySet<string>} helpers
 * @returns {(name: string) => MacroNeed[]}
 */
function needsIn(headers, helpers) {
  /** @type {Map<string, string>} */
  const bodies = new Map();
  for (const { macros, functions } of headers) {
    for (const [name, macro] of macros) bodies.set(name, [bodies.get(name) ?? "", ...macro.bodies].join(" "));
    for (const [name, { body }] of functions) bodies.set(name, body);
  }
  return (name) => {
    const words = reachable(name, bodies);
    const calls = [...words].filter((word) => helpers.has(word) && word !== name && !bodies.has(word)).sort();
    return [
      ...calls.map((helper) => ({ kind: /** @type {const} */ ("helper"), name: helper })),
      ...[...words]
        .filter((word) => KFUNCS.test(word))
        .sort()
        .map((kfunc) => ({ kind: /** @type {const} */ ("kfunc"), name: kfunc })),
      ...btfNeed(words),
    ];
  };
}

/** The kfuncs that libbpf's headers declare or call. */
const KFUNCS = /^(?:bpf_iter_num_(?:new|next|destroy)|bpf_rdonly_cast|bpf_stream_vprintk)$/;

/** @param {ReadonlySet<string>} words @returns {MacroNeed[]} */
function btfNeed(words) {
  const builtins = [...words].filter((word) => /^__builtin_(?:preserve_\w+|btf_type_id)$/.test(word));
  if (builtins.length === 0) return [];
  // The id of a type in the program's own BTF is known without the kernel's.
  const local = builtins.every((word) => word === "__builtin_btf_type_id") && words.has("BPF_TYPE_ID_LOCAL");
  return [{ kind: "btf", name: local ? "program" : "kernel" }];
}

/** @param {string} name @param {ReadonlyMap<string, string>} bodies @returns {Set<string>} every word on the way */
function reachable(name, bodies) {
  /** @type {Set<string>} */
  const words = new Set();
  const waiting = [name];
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    for (const word of (bodies.get(next) ?? "").match(/\b\w+\b/g) ?? []) {
      if (words.has(word)) continue;
      words.add(word);
      // ___bpf_apply(___bpf_args, n) calls ___bpf_args3 and the like.
      const numbered = [...bodies.keys()].filter(
        (key) => key.startsWith(word) && /^(?:\d+|N)$/.test(key.slice(word.length)),
      );
      waiting.push(word, ...numbered.filter((key) => key !== name));
    }
  }
  return words;
}
