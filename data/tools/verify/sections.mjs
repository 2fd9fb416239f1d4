// @ts-check
/** What the installed libbpf makes of hundreds of strings in `SEC()`, right ones and wrong ones. */

import { spawnSync } from "node:child_process";
import { load } from "../../../server/tools/load.mjs";
import { compareVersions } from "../versions.mjs";
import { withProgram } from "./support/kernel.mjs";

/** @typedef {import("./support/base.mjs").Outcome} Outcome */
/** @typedef {{ name: string, libbpf?: string, progType: string, attachType?: string, targetRules?: object }} Section */
/** @typedef {{ fact: Section, progType: string, attachType: string | undefined }} Meaning */
/** @typedef {{ progType: number, attachType: number } | undefined} Theirs */

/** What is put behind a pattern, and before it. */
const TAILS = ["", "/", "/x", "/x/y", ".s", "+", " "];
/** Names that look right and are not, or were right once. */
const OTHERS = [
  "",
  "foo",
  "kprobe.s/x",
  "xdp/foo",
  "xdp_foo",
  "tracepoint:a:b",
  "classifier/x",
  "maps",
  ".maps",
  "license",
  "kprobe.multi.s/x",
  "socket1",
  "SEC",
];

/** @param {readonly Section[]} sections @param {readonly { name: string }[]} removed @returns {string[]} */
export function stringsFor(sections, removed) {
  const patterns = sections.map(({ name }) => name.replace(/\+$/, ""));
  const gone = removed.filter(({ name }) => !name.includes(" ")).map(({ name }) => name.replace("*", "x"));
  return [
    ...new Set([...patterns.flatMap((pattern) => TAILS.map((tail) => pattern + tail)), ...gone, ...OTHERS]),
  ].filter((name) => name !== "");
}

/**
 * @param {ReadonlyMap<string, Theirs>} theirs
 * @param {(name: string) => Meaning | undefined} classify
 * @param {(name: string | undefined) => number} numberOf
 * @param {string} version of the libbpf that was asked
 * @returns {Outcome}
 */
export function compare(theirs, classify, numberOf, version) {
  /** @type {string[]} */
  const disagreements = [];
  let newer = 0;
  for (const [name, answer] of theirs) {
    const meaning = classify(name);
    // What came with a later libbpf this one cannot know.
    const later = meaning && compareVersions(meaning.fact.libbpf ?? "99.0", version) > 0;
    if (later) newer++;
    const mine = meaning && !later ? `${numberOf(meaning.progType)} ${numberOf(meaning.attachType)}` : "none";
    const his = answer ? `${answer.progType} ${answer.attachType}` : "none";
    if (mine !== his && !(later && his !== "none"))
      disagreements.push(`"${name}": we say ${mine}, libbpf ${version} says ${his}`);
  }
  return {
    compared: theirs.size,
    disagreements,
    leftOut: newer > 0 ? [`${newer} strings that need a newer libbpf than ${version}`] : [],
  };
}

/** @param {import("./support/base.mjs").Base} base @returns {Promise<Outcome>} */
export async function run(base) {
  const { classifySection } = await load("server/src/analysis/knowledge/sections.ts");
  const sections = [...base("sections")].sort((a, b) => a.order - b.order);
  const numbers = new Map(
    [...base("program-types"), ...base("attach-types")].map(({ name, number }) => [name, number]),
  );
  const strings = stringsFor(sections, base("removed-sections"));
  const prefix = process.env["HOOKPOINT_LIBBPF"];
  const where = prefix === undefined ? [] : [`-I${prefix}/include`, `-L${prefix}/lib`, `-Wl,-rpath,${prefix}/lib`];
  try {
    return withProgram("sections", [...where, "-lbpf"], (binary) => {
      const { stdout } = spawnSync(binary, { input: `${strings.join("\n")}\n`, encoding: "utf8" });
      const [version = "", ...lines] = stdout.trimEnd().split("\n");
      const theirs = new Map(lines.map((line) => answerIn(line)));
      return compare(
        theirs,
        (name) => classifySection(name, { sections }),
        (name) => (name === undefined ? 0 : (numbers.get(name) ?? -1)),
        version.replace(/^v/, ""),
      );
    });
  } catch (error) {
    return {
      compared: 0,
      disagreements: [],
      cannot: [`needs gcc and libbpf-dev: ${error instanceof Error ? error.message : error}`],
    };
  }
}

/** @param {string} line @returns {[string, Theirs]} */
function answerIn(line) {
  const [name = "", progType, attachType] = line.split("\t");
  return [name, progType === "-" ? undefined : { progType: Number(progType), attachType: Number(attachType) }];
}
