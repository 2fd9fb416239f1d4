/** What the formatter behind bpf_printk() and its kin takes, which is a part of what the kernel's own takes. */

export interface Specifier {
  readonly start: number;
  readonly end: number;
  readonly text: string;
  /** What the kernel does not know, as the subject of a sentence; undefined where it takes it. */
  readonly unknown: string | undefined;
  /** What means the same and is taken. */
  readonly instead: string | undefined;
  /** Only newer formatters take it in bpf_trace_printk(). */
  readonly isNew: boolean;
}

/**
 * The specifiers of a format, as `bpf_bprintf_prepare()` of Linux 7.1 reads it; those of 5.13 to 7.0 differ in `%c` alone,
 * which came with 5.15. What stood in `bpf_trace_printk()` before took neither flags and widths, nor `%%`, `%X`, `%c`,
 * `%px` and its kin, nor addresses, nor a second `%s`.
 */
export function specifiersOf(format: string): readonly Specifier[] {
  const found: Specifier[] = [];
  let strings = 0;
  for (let at = format.indexOf("%"); at !== -1; at = format.indexOf("%", found.at(-1)?.end ?? at + 1)) {
    const [text = "%"] = SPECIFIER.exec(format.slice(at)) ?? [];
    const behind = format.charAt(at + text.length);
    const isString = /s$/.test(text) && !/p[sS]$/.test(text);
    if (isString) strings++;
    found.push({
      start: at,
      end: at + text.length,
      text,
      unknown: unknownIn(text, behind),
      instead: insteadOf(text),
      isNew: !OLD.test(text) || (isString && strings > 1),
    });
  }
  return found;
}

/** As C knows them, and the kernel's pointers: what somebody may have meant. */
const SPECIFIER =
  /^%(?:%|[-+ #0']*(?:\d+\$)?(?:\*|\d+)?(?:\.(?:\*|-?\d+)?)?(?:p(?:[ku]s|[iI][46]|[KxsSBRrhMmbUVEtndgGOfCea])?|(?:hh|h|ll|l|L|q|j|z|Z|t)?[a-zA-Z])?)/;

const TAKEN = /^%(?:%|[-+ 0]*(?:[1-9]\d*)?(?:p(?:[ku]s|[KxsSB]|[iI][46])?|s|c|l{0,2}[diuxX]))$/;
/** Before 5.13, in bpf_trace_printk(). */
const OLD = /^%(?:p(?:[ku]s|B)?|s|l{0,2}[diux])$/;

function unknownIn(text: string, behind: string): string | undefined {
  if (/^%[-+ #0']*$/.test(text)) return "a % that stands alone (%% prints one)";
  if (!TAKEN.test(text)) return withReason(text);
  // A letter directly behind it would be a part of the specifier.
  const isOpen = /p$|p[ku]s$|(?<!p)s$/.test(text);
  return isOpen && /[A-Za-z0-9]/.test(behind) ? `${text} with a letter behind it` : undefined;
}

function withReason(text: string): string {
  if (text.includes("*")) return `${text} with a width from an argument`;
  if (text.includes("$")) return `${text} out of order`;
  if (/[eEfFgGaA]$/.test(text) && !text.includes("p")) return `${text}, a floating-point number,`;
  if (text.includes(".")) return `${text} with a precision`;
  return text.includes("#") ? `${text} with the flag #` : text;
}

function insteadOf(text: string): string | undefined {
  if (TAKEN.test(text)) return undefined;
  const [, flags = "", hash = "", width = "", length = "", letter = ""] =
    /^%([-+ 0]*)(#?)([1-9]\d*)?(hh|h|ll|l|L|q|j|z|Z|t)?([diuxX])$/.exec(text) ?? [];
  if (letter === "") return undefined;
  if (hash !== "" && (width !== "" || flags !== "" || !/[xX]/.test(letter))) return undefined;
  return `${hash === "" ? "" : `0${letter}`}%${flags}${width}${LENGTHS[length] ?? length}${letter}`;
}

/** Shorter integers arrive as `int` anyway. */
const LENGTHS: Readonly<Record<string, string>> = { hh: "", h: "", L: "ll", q: "ll", j: "ll", z: "l", Z: "l", t: "l" };
