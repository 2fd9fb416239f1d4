// @ts-check
/** Sections: libbpf's table of the strings in `SEC()` that make a program. */

import { enumOf, evaluate, withoutComments } from "../c-enum.mjs";
import { mustRead } from "../upstream.mjs";

/** @typedef {import("../../../server/src/analysis/knowledge/types.ts").SectionFact} SectionFact */
/** @typedef {import("../../../server/src/analysis/knowledge/types.ts").SectionFlags} SectionFlags */

const TABLE = "src/libbpf.c";

/** Our names for libbpf's flags. @type {Record<keyof SectionFlags, string>} */
const FLAGS = {
  attachable: "SEC_ATTACHABLE",
  attachOptional: "SEC_EXP_ATTACH_OPT",
  attachBtf: "SEC_ATTACH_BTF",
  sleepable: "SEC_SLEEPABLE",
  frags: "SEC_XDP_FRAGS",
  usdt: "SEC_USDT",
};

/**
 * @param {import("../upstream.mjs").Upstreams} upstreams
 * @returns {{ entries: SectionFact[], disagreements: string[] }}
 */
export function extract(upstreams) {
  const releases = releasesOf(upstreams);
  const entries = parseSections(mustRead(upstreams, "libbpf", TABLE)).map(({ source, ...fact }) => {
    const first = releases.get(bare(fact.name))?.first;
    const libbpf = first && { libbpf: first.replace(/^v/, "").replace(/\.0$/, "") };
    return { ...fact, ...libbpf, source: [...source, ...(first ? [`libbpf:${TABLE}@${first}`] : [])] };
  });
  entries.sort((a, b) => (a.name < b.name ? -1 : 1));
  const known = new Set(entries.map(({ name }) => bare(name)));
  const gone = [...releases].filter(([name]) => !known.has(name));
  return {
    entries,
    disagreements: [
      ...entries.filter(({ libbpf }) => libbpf === undefined).map(({ name }) => `${name}: in no release of libbpf yet`),
      ...gone.map(([name, { last }]) => `${name}: was still in ${last}, is no more`),
    ],
  };
}

/** The first and the last release with a pattern. @param {import("../upstream.mjs").Upstreams} upstreams */
function releasesOf(upstreams) {
  /** @type {Map<string, { first: string, last: string }>} */
  const releases = new Map();
  for (const tag of upstreams.refs("libbpf")) {
    const names = patternsIn(upstreams.read("libbpf", TABLE, tag) ?? "");
    if (names.length === 0) throw new Error(`libbpf: ${TABLE} has no entries in section_defs[] at ${tag}`);
    for (const name of names) releases.set(bare(name), { first: releases.get(bare(name))?.first ?? tag, last: tag });
  }
  return releases;
}

/** The names alone, which can be told in every release, whatever macros the entries are made with. @param {string} source */
export function patternsIn(source) {
  const table = /\bsection_defs\[\] = \{(.*?)\n\};/s.exec(withoutComments(source))?.[1] ?? "";
  return [...table.matchAll(/\b(?:SEC_DEF|BPF_\w+)\(\s*"([^"]+)"/g)].map(([, name = ""]) => name);
}

/** `kprobe/` and `struct_ops` of old are the `kprobe+` and `struct_ops+` of now. @param {string} pattern */
function bare(pattern) {
  return pattern.replace(/[+/]$/, "");
}

/** @param {string} source @returns {SectionFact[]} in the order in which libbpf tries them */
export function parseSections(source) {
  const flags = readFlags(source);
  const table = /\bsection_defs\[\] = \{(.*?)\n\};/s.exec(withoutComments(source))?.[1] ?? "";
  const entries = table.split("SEC_DEF(").slice(1);
  if (entries.length === 0) throw new Error(`libbpf: ${TABLE} has no entries in section_defs[]`);
  return entries.map((entry, order) => {
    const [, name, type, attach, cookie, handler] =
      /^"([^"]+)",\s*(\w+),\s*(\w+),\s*([\w\s|]+?)(?:,\s*(\w+))?\),?\s*$/.exec(entry) ?? [];
    if (!name || !type || !attach || !cookie) throw new Error(`libbpf: cannot read SEC_DEF(${entry.trim()}`);
    return {
      name,
      order,
      progType: `BPF_PROG_TYPE_${type}`,
      ...(attach !== "0" && { attachType: attach }),
      ...flagsOf(evaluate(cookie, flags), flags),
      autoAttach: handler !== undefined,
      source: [`libbpf:${TABLE}`],
    };
  });
}

/** @param {string} source @returns {Map<string, number>} the flags and their combinations */
function readFlags(source) {
  const flags = new Map(enumOf(source, "sec_def_flags").map(({ name, number }) => [name, number]));
  const ours = Object.values(FLAGS).reduce((bits, flag) => bits | evaluate(flag, flags), 0);
  const unread = [...flags].find(([, bits]) => (bits & ~ours) !== 0);
  if (unread) throw new Error(`libbpf: ${TABLE} has a flag we do not read, ${unread[0]}; give it a name in FLAGS`);
  return flags;
}

/** @param {number} bits @param {Map<string, number>} flags @returns {SectionFlags} */
function flagsOf(bits, flags) {
  const has = (/** @type {keyof SectionFlags} */ flag) => (bits & evaluate(FLAGS[flag], flags)) !== 0;
  return {
    attachable: has("attachable"),
    attachOptional: has("attachOptional"),
    attachBtf: has("attachBtf"),
    sleepable: has("sleepable"),
    frags: has("frags"),
    usdt: has("usdt"),
  };
}
