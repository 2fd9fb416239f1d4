/** Lines in which a loader says that a program's log begins or ends, and whose it is: one form for each loader. */

export type LoadLine =
  | {
      readonly kind: "begin";
      readonly name: string | undefined;
      readonly section: string | undefined;
      readonly refused: boolean | undefined;
      /** Whether an end is said, too: what stands before it is of the log, whatever it looks like. */
      readonly marked: boolean;
      /** What of the log stands on the same line. */
      readonly rest: readonly string[];
    }
  | { readonly kind: "end"; readonly rest: string }
  | { readonly kind: "types-begin" | "types-end" }
  /** Older loaders say the name last. */
  | { readonly kind: "named"; readonly name: string }
  /** Refused, and no log follows. */
  | { readonly kind: "refused"; readonly name: string | undefined; readonly words: string };

const LIBBPF = /^(?:libbpf: )?(?:prog '([^']{1,255})': )?-- BEGIN (PROG LOAD|DUMP|BTF LOAD) LOG -/;
const LIBBPF_END = /-- END (PROG LOAD |BTF LOAD )?LOG -/;
const LIBBPF_NAMED = /^(?:libbpf: )?failed to load program '([^']{1,255})'/;
const VERISTAT = /^PROCESSING (?:.{0,4096}\/)?([^/,]{1,255}), DURATION US: \d+, VERDICT: (\w+), VERIFIER LOG:$/;
const TC = /^Prog section '([^']{1,255})' (rejected: |loaded)/;
const BCC = /^bpf: Failed to load program: /;
const AYA = /(?:\bthe BPF_PROG_LOAD syscall (?:failed|returned .{0,200}?)\. Verifier output: |\bverifier_log: )(.*)$/i;
const CILIUM =
  /^(?:.{0,2000}?\b)??(?:program ([\w.]{1,255}): )?load program: ([a-z][a-z' -]{2,60}(?: \([^()]{1,200}\))?):(?: (.*))?$/;
const CILIUM_ALONE =
  /^(?:.{0,2000}?\b)??(?:program ([\w.]{1,255}): )?(load program: [a-z][a-z' -]{2,60}(?: \([^()]{1,200}\))?)$/;
const OMITTED = / \(\d{1,9} line\(s\) omitted\)["'}\])]{0,8}$/;

export function loadLine(line: string): LoadLine | undefined {
  const begin = LIBBPF.exec(line);
  if (begin !== null) {
    if (begin[2] === "BTF LOAD") return { kind: "types-begin" };
    return { kind: "begin", name: begin[1], section: undefined, refused: undefined, marked: true, rest: [] };
  }
  const end = LIBBPF_END.exec(line);
  if (end !== null)
    return end[1] === "BTF LOAD "
      ? { kind: "types-end" }
      : { kind: "end", rest: line.slice(0, end.index).replace(/^libbpf: /, "") };
  const named = LIBBPF_NAMED.exec(line)?.[1];
  return named === undefined ? otherBegin(line) : { kind: "named", name: named };
}

function otherBegin(line: string): LoadLine | undefined {
  const open = { kind: "begin", name: undefined, section: undefined, refused: true, marked: false, rest: [] } as const;
  const veristat = VERISTAT.exec(line);
  if (veristat !== null) return { ...open, name: veristat[1], refused: veristat[2] !== "success" };
  const tc = TC.exec(line);
  if (tc !== null) return { ...open, section: tc[1], refused: tc[2] !== "loaded" };
  if (BCC.test(line)) return open;
  const aya = AYA.exec(line);
  if (aya !== null) return { ...open, rest: [aya[1] ?? ""] };
  if (!line.includes("load program: ")) return undefined;
  const alone = CILIUM_ALONE.exec(line);
  if (alone !== null) return { kind: "refused", name: alone[1], words: alone[2] ?? "" };
  const cilium = CILIUM.exec(line);
  return cilium === null ? undefined : { ...open, name: cilium[1], rest: joined(cilium[3] ?? "") };
}

/** cilium/ebpf puts the last line or two of a log on one: `8: (61) r2 = *(u32 *)(r1 +0): R1 invalid mem access 'scalar'`. */
function joined(text: string): readonly string[] {
  if (text === "") return [];
  const left = OMITTED.exec(text);
  const lines = split(left === null ? text : text.slice(0, left.index));
  return left === null ? lines : [left[0].trim(), ...lines];
}

function split(text: string): readonly string[] {
  const step = /^\d{1,9}: \([0-9a-f]{2}\) /.exec(text);
  const at =
    step === null
      ? Math.max(text.search(/: R\d{1,2} /), text.indexOf(": invalid bpf_context access"))
      : text.indexOf(": ", step[0].length);
  return at <= 0 ? [text] : [text.slice(0, at), text.slice(at + 2)];
}
