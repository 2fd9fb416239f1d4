/** What a verifier's log shows of registers and stack slots: `R1_w=inv(id=0) fp-8=mmmm????`, in all its spellings. */

export interface LoggedState {
  /** Undefined where it does not say, which is so of the program's own frame. */
  readonly frame: number | undefined;
  readonly values: ReadonlyMap<string, string>;
}

export const NO_STATE: ReadonlyMap<string, string> = new Map();

const FRAME = /^frame(\d{1,9}): ?/;
const VALUE = /(R\d{1,2}|fp-?\d{1,5}|refs)(?:_[rwD]{1,4})?=/y;
/** Said of callbacks. */
const ALONE = /(?:async_)?cb(?=\s|$)/y;

/** Undefined where the text is something else. */
export function stateOf(text: string): LoggedState | undefined {
  const frame = FRAME.exec(text);
  const values = new Map<string, string>();
  let at = frame?.[0].length ?? 0;
  while (at < text.length) {
    if (isSpace(text, at)) {
      at++;
      continue;
    }
    ALONE.lastIndex = at;
    if (ALONE.test(text)) {
      at = ALONE.lastIndex;
      continue;
    }
    VALUE.lastIndex = at;
    const name = VALUE.exec(text)?.[1];
    // What was cut in the middle of a line: what came so far is kept.
    if (name === undefined) return values.size > 0 ? result(frame, values) : undefined;
    const end = endOfValue(text, VALUE.lastIndex);
    values.set(name, text.slice(VALUE.lastIndex, end));
    at = end;
  }
  return values.size > 0 || frame !== null ? result(frame, values) : undefined;
}

function result(frame: RegExpExecArray | null, values: ReadonlyMap<string, string>): LoggedState {
  return { frame: frame === null ? undefined : Number(frame[1]), values };
}

/** `scalar(umax=255,var_off=(0x0; 0xff))` has a space in it. */
function endOfValue(text: string, from: number): number {
  let depth = 0;
  for (let at = from; at < text.length; at++) {
    const char = text.charCodeAt(at);
    if (char === OPEN) depth++;
    else if (char === CLOSE && depth > 0) depth--;
    else if (depth === 0 && isSpace(text, at)) return at;
  }
  return text.length;
}

const OPEN = 0x28;
const CLOSE = 0x29;

function isSpace(text: string, at: number): boolean {
  const char = text.charCodeAt(at);
  return char === 0x20 || char === 0x09;
}
