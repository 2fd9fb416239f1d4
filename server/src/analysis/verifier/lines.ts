/** A text that comes in pieces, line by line; and of a long list the last entries. */

export interface LineFeed {
  push(text: string): void;
  end(): void;
}

/** No line of any kernel or loader comes near; what has none at all must not fill the memory. */
const LONGEST_LINE = 64 * 1024;

/** @param take gets each line without its break; of a very long one the beginning */
export function linesOf(take: (line: string) => void): LineFeed {
  let open: string[] = [];
  let length = 0;
  const keep = (text: string): void => {
    if (length >= LONGEST_LINE || text === "") return;
    const part = text.length > LONGEST_LINE - length ? text.slice(0, LONGEST_LINE - length) : text;
    open.push(part);
    length += part.length;
  };
  const flush = (): void => {
    const line = open.length === 1 ? (open[0] ?? "") : open.join("");
    open = [];
    length = 0;
    take(line.endsWith("\r") ? line.slice(0, -1) : line);
  };
  return {
    push: (text) => {
      let start = 0;
      for (let at = text.indexOf("\n"); at >= 0; at = text.indexOf("\n", start)) {
        keep(text.slice(start, at));
        flush();
        start = at + 1;
      }
      keep(text.slice(start));
    },
    end: () => {
      if (length > 0) flush();
    },
  };
}

export interface LastOf<T> {
  add(one: T): void;
  last(): T | undefined;
  /** How many were added. */
  count(): number;
  /** How many of them are no longer there. */
  dropped(): number;
  all(): T[];
}

export function lastOf<T>(most: number): LastOf<T> {
  let kept: T[] = [];
  let dropped = 0;
  return {
    add: (one) => {
      kept.push(one);
      // Half of them at once, so that it is seldom.
      if (kept.length < 2 * most) return;
      dropped += kept.length - most;
      kept = kept.slice(-most);
    },
    last: () => kept.at(-1),
    count: () => dropped + kept.length,
    dropped: () => dropped + Math.max(0, kept.length - most),
    all: () => kept.slice(-most),
  };
}
