/** A line of output as people paste or keep it, without what terminals, journals, containers and forums put around it. */

/** What follows the escape character. */
const ESCAPE = /^(?:\[[0-9;?]{0,40}[A-Za-z]|[()][A-Z0-9])/;
const INVISIBLE = /[\u200b\u2060\ufeff]/g;
const NO_BREAK_SPACE = /\u00a0/g;
/** Each may stand before the next: a quoted line of a container's output with its time. */
const PREFIXES: readonly RegExp[] = [
  // Quoted in an e-mail or an issue; `>>> 12 | x` is the kernel's own.
  /^>(?!>) ?/,
  /^\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:[.,]\d{1,9})?(?:Z|[+-]\d\d:?\d\d)? ?/,
  /^\d{4}\/\d\d\/\d\d \d\d:\d\d:\d\d(?:\.\d{1,9})? /,
  // syslog, and journalctl with any of its times
  /^(?:[A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d(?:\.\d{1,9})? )?[\w.-]{1,64} [\w./@-]{1,64}\[\d{1,9}\]: /,
  /^\[ {0,9}\d{1,9}\.\d{1,9}\](?:\[ {0,5}[TC]?\d{1,9}\])? /,
  // kubectl logs --prefix, docker compose
  /^\[pod\/[\w./-]{1,200}\] /,
  /^[A-Za-z][\w.-]{0,100} {1,40}\| /,
  /^std(?:err|out) [FP] /,
  /^(?:\[)?(?:TRACE|DEBUG|INFO|WARN|WARNING|ERROR)(?:\])? (?=\d{1,9}: \(|; |libbpf|processed )/,
];
const MOST_PREFIXES = 4;
const FENCE = /^(?:```|~~~)\w{0,20}$/;
/** Docker's json-file. */
const IN_JSON = /^\{"log":"((?:[^"\\]|\\.)*)"/;
/** A whole log in one string; what a program prints has line breaks in it, too, but no log behind them. */
const ESCAPED_BREAK = /\\n(?:\\t| )*(?:; |\d{1,9}: [(R]|from \d|R\d|processed \d|libbpf: |func#\d|$)/g;
const LEAST_ESCAPED = 2;

/** Most lines are as they were printed, and long logs have millions. */
const PLAIN = /^(?:\d{1,9}: [(<RF]|; |mark_precise: |from \d)[ -~]*$/;

/** @returns the line as it was printed, or the lines, where several were written as one */
export function unpasted(line: string): readonly string[] {
  if (PLAIN.test(line)) return [line];
  const [before = "", ...escaped] = line.split("\u001b");
  const plain = escaped.length === 0 ? line : before + escaped.map((part) => part.replace(ESCAPE, "")).join("");
  const text = withoutPrefixes(plain.replace(INVISIBLE, "").replaceAll("\0", "").replace(NO_BREAK_SPACE, " "));
  if (FENCE.test(text)) return [];
  const inJson = text.startsWith('{"log":"') ? IN_JSON.exec(text)?.[1] : undefined;
  if (inJson !== undefined) return unescaped(inJson.endsWith("\\n") ? inJson.slice(0, -2) : inJson);
  if (text.includes("\\n") && countOf(text, ESCAPED_BREAK) >= LEAST_ESCAPED) return unescaped(text);
  return [text];
}

function withoutPrefixes(line: string): string {
  let text = line;
  for (let round = 0; round < MOST_PREFIXES; round++) {
    const prefix = PREFIXES.find((pattern) => pattern.test(text));
    if (prefix === undefined) break;
    text = text.replace(prefix, "");
  }
  return text;
}

function countOf(text: string, pattern: RegExp): number {
  let count = 0;
  for (const _ of text.matchAll(pattern)) if (++count >= LEAST_ESCAPED) break;
  return count;
}

const MEANINGS: Readonly<Record<string, string>> = { n: "\n", t: "\t", r: "" };

function unescaped(text: string): readonly string[] {
  const plain = text.replace(/\\(?:u([0-9a-fA-F]{4})|(.))/g, (_, code: string | undefined, char: string | undefined) =>
    code === undefined ? (MEANINGS[char ?? ""] ?? char ?? "") : String.fromCharCode(Number.parseInt(code, 16)),
  );
  return plain.split("\n");
}
