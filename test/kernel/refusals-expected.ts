/** What a broken program says of itself: the comment at its head, and marks in its lines. */

export interface Expected {
  readonly file: string;
  readonly family: string;
  readonly class: string;
  /** Undefined where there is but one. */
  readonly program: string | undefined;
  /** From 1: the one with the mark "refused". What is said of a whole program stands where that begins. */
  readonly line: number;
  /** The ones with the mark "story". */
  readonly storyLines: readonly number[];
  /** What the chapters of the story must contain. */
  readonly story: readonly string[];
  readonly flags: readonly string[];
  /** Whether what it replaces a function of is in the same object. */
  readonly replacesItsOwn: boolean;
  readonly runsOn: (kernel: string) => boolean;
}

const KEYS = ["expect", "class", "program", "story", "on", "hazard", "flags", "target"];

export function expectationsOf(file: string, text: string): Expected {
  const head = /^\/\*([\s\S]*?)\*\//.exec(text)?.[1] ?? "";
  const pairs = [...head.matchAll(/^[\s*]*(\w+): (.*?)\s*$/gm)].map(
    ([, key = "", value = ""]) => [key, value] as const,
  );
  const strange = pairs.find(([key]) => !KEYS.includes(key));
  if (strange !== undefined) throw new Error(`${file}: "${strange[0]}:" means nothing here`);
  const all = (key: string): readonly string[] => pairs.filter(([name]) => name === key).map(([, value]) => value);
  const one = (key: string): string => {
    const [value] = all(key);
    if (value === undefined) throw new Error(`${file}: no "${key}:" at its head`);
    return value;
  };
  const on = (all("on")[0] ?? "host").split(/,\s*/);
  if (all("hazard").length > 0 && on.includes("host")) throw new Error(`${file}: a hazard, and on the host`);
  const [line, ...more] = marked(text, "refused");
  if (line === undefined || more.length > 0) throw new Error(`${file}: one line must have the mark "refused"`);
  return {
    file,
    family: one("expect"),
    class: one("class"),
    program: all("program")[0],
    line,
    storyLines: marked(text, "story"),
    story: all("story"),
    flags: all("flags").flatMap((flags) => flags.split(" ")),
    replacesItsOwn: all("target")[0] === "itself",
    // "guest" means every guest, "guest 6.1" that one alone
    runsOn: (kernel) => on.some((name) => kernel === name || kernel.startsWith(`${name} `)),
  };
}

/** Lines from 1. */
function marked(text: string, mark: string): readonly number[] {
  return text.split("\n").flatMap((line, i) => (line.includes(`/* ${mark} */`) ? [i + 1] : []));
}
