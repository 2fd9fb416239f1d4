// @ts-check
/** Macros: what libbpf's headers for programs define, and the release of libbpf that brought it. */

import { withoutComments } from "../c-enum.mjs";
import { mustRead } from "../upstream.mjs";

/** @typedef {import("../../../server/src/analysis/knowledge/types.ts").MacroFact} MacroFact */

const HEADERS = ["bpf_helpers.h", "bpf_tracing.h", "bpf_core_read.h", "bpf_endian.h", "usdt.bpf.h"];
/** Underscores begin what is libbpf's own business, except for the words that programs do write. */
const FOR_PROGRAMS =
  /^(?!_)|^__(?:uint|ulong|type|array|always_inline|noinline|weak|hidden|kconfig|ksym|kptr\w*|percpu_kptr|uptr|arg_\w+|bpf_fastcall)$/;

/**
 * @param {import("../upstream.mjs").Upstreams} upstreams
 * @returns {{ entries: MacroFact[], disagreements: string[] }}
 */
export function extract(upstreams) {
  const releases = firstReleases(upstreams);
  /** @type {Map<string, MacroFact>} */
  const facts = new Map();
  for (const header of HEADERS) {
    for (const [name, params] of macrosIn(mustRead(upstreams, "libbpf", `src/${header}`))) {
      if (facts.has(name)) continue;
      const release = releases.get(name);
      const source = [`libbpf:src/${header}`, ...(release ? [`libbpf:src/${release.header}@${release.tag}`] : [])];
      const libbpf = release && { libbpf: release.tag.replace(/^v/, "").replace(/\.0$/, "") };
      facts.set(name, { name, header, ...(params && { params }), ...libbpf, source });
    }
  }
  const entries = [...facts.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
  const gone = [...releases.keys()].filter((name) => !facts.has(name));
  return {
    entries,
    disagreements: [
      ...entries.filter(({ libbpf }) => libbpf === undefined).map(({ name }) => `${name}: in no release of libbpf yet`),
      ...gone.map((name) => `${name}: was in ${releases.get(name)?.tag}, is no more`),
    ],
  };
}

/** @param {import("../upstream.mjs").Upstreams} upstreams */
function firstReleases(upstreams) {
  /** @type {Map<string, { tag: string, header: string }>} */
  const first = new Map();
  for (const tag of upstreams.refs("libbpf")) {
    for (const header of HEADERS) {
      const text = upstreams.read("libbpf", `src/${header}`, tag);
      if (text === undefined) continue;
      for (const name of macrosIn(text).keys()) if (!first.has(name)) first.set(name, { tag, header });
    }
  }
  return first;
}

/** Names with their parameters, the first definition of several. @param {string} text @returns {Map<string, string[] | undefined>} */
export function macrosIn(text) {
  /** @type {Map<string, string[] | undefined>} */
  const macros = new Map();
  for (const [, name = "", params] of withoutComments(text).matchAll(/^#[ \t]*define[ \t]+(\w+)(?:\(([^)]*)\))?/gm)) {
    if (!FOR_PROGRAMS.test(name) || macros.has(name)) continue;
    macros.set(name, params === undefined ? undefined : params.split(",").map((param) => param.trim()));
  }
  return macros;
}
