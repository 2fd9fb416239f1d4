/** What a loader prints beside a verifier's log, line by line: of which program or map, and whether it says anything. */

export interface LoaderLine {
  /** Without who says it: `prog 'x': failed to load: -13`. */
  readonly text: string;
  /** Without the program or map as well. */
  readonly words: string;
  readonly about: { readonly kind: "program" | "map"; readonly name: string } | undefined;
  /** failure: something is wrong. restated: that it failed, which is known. chatter: what it does. */
  readonly weight: "failure" | "restated" | "chatter";
}

const WHO = /^(?:libbpf|bpftool|agent|Error|error|ERROR): */;
const PROGRAM = /^(?:prog(?:ram)? '([^']{1,255})'|program ([\w.]{1,255})): */;
const MAP = /^(?:map '([^']{1,255})'|map ([\w.]{1,255})): */;
const RESTATED: readonly RegExp[] = [
  /^BPF program load failed: /,
  /^failed to load(?:: -\w+)?$/,
  /^load program: [a-z][a-z' -]{2,60}(?: \([^()]{1,200}\))?$/,
  /^failed to load: -?\w+/,
  /^(?:libbpf: )?failed to load (?:object|program|BPF skeleton)\b/,
  /^load bpf program failed: /,
  /^failed to load object file/,
  /^failed to open object file/,
  /^failed to prepare load attributes: /,
];
/** Words of failures; without one of them a line of `bpftool -d` tells what libbpf does. */
const FAILURE =
  /\b(?:fail\w*|error|err|invalid|unsupported|unknown|unexpected|missing|can(?:'|no)t|cannot|unable|bad|conflict\w*|mismatch|denied|not (?:found|supported|permitted|allowed|specified|\w+ed)|no such|too (?:many|large|big|small|long)|isn't|doesn't|didn't|wasn't|couldn't|exceeds?|corrupted|incompatible|ambig\w+|incorrect\w*|malformed|unmatched|unrecognized (?:extern|arg)|implies|requires?|must|should|forgot|expected|empty name|already pinned|is not|do(?:es)? not|only single|call exists|no (?:BTF-based|such|matching|USDT))\b/i;
/** What libbpf warns of or tells when asked for all it does, and goes on. */
const HARMLESS: readonly RegExp[] = [
  /^relo #\d+: (?:no matching targets found|substituting insn #\d+ w\/ invalid insn)$/,
  /\(weak\): not resolved, defaulting to /,
  /; not re-pinning$/,
  /^skipping /,
  /Ignoring\.\.\.$/,
  /^elf: skipping /,
  /^Kernel (?:BTF|doesn't support) /,
  /^Warning: /,
  /^kernel doesn't support global data/,
  /^BTF loading error: /,
  /BTF is optional, ignoring\.?$/,
  // Tried again without; where that fails too, a line of its own says so.
  /\. Retrying without BTF\.$/,
  /, skipping all of \.BTF\.ext (?:func|line) info\.$/,
  /^permission error while running as root; try raising 'ulimit -l'/,
];

export function loaderLine(line: string): LoaderLine {
  const text = line.trim().replace(WHO, "");
  const program = PROGRAM.exec(text);
  const map = program === null ? MAP.exec(text) : null;
  const words = text.slice((program ?? map)?.[0].length ?? 0);
  const name = program?.[1] ?? program?.[2] ?? map?.[1] ?? map?.[2];
  const about = name === undefined ? undefined : ({ kind: program === null ? "map" : "program", name } as const);
  return { text, words, about, weight: weightOf(words) };
}

function weightOf(words: string): LoaderLine["weight"] {
  if (RESTATED.some((pattern) => pattern.test(words))) return "restated";
  if (words === "" || HARMLESS.some((pattern) => pattern.test(words))) return "chatter";
  return FAILURE.test(words) ? "failure" : "chatter";
}

/** A line in every way that the catalogue may have it. */
export function spellingsOf(line: string): readonly string[] {
  const { text, words } = loaderLine(line);
  return [...new Set([words, text, line.trim()])];
}

/** The kernel's words about types that it does not take, which are another matter. */
const TYPES_BEGIN = /-- BEGIN BTF LOAD LOG -+/;
const TYPES_END = /-- END BTF LOAD LOG -+/;

/** The lines of a loader's output that weigh so much. */
export function linesOfWeight(words: string, weight: LoaderLine["weight"]): readonly string[] {
  let inTypes = false;
  return words.split("\n").filter((line) => {
    if (TYPES_BEGIN.test(line)) inTypes = true;
    else if (TYPES_END.test(line)) inTypes = false;
    else return !inTypes && line.trim() !== "" && loaderLine(line).weight === weight;
    return false;
  });
}

/**
 * Whether a loader was told that it may not, and it was not root: root is refused for other reasons. Of other errors nobody
 * knows whether a log was printed that is not here.
 */
export function isNotPermitted(words: string): boolean {
  const denied = /: (?:Operation not permitted|operation not permitted|-1|-EPERM)$/m.test(words);
  return denied && !words.includes("permission error while running as root");
}
