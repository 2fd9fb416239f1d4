/** Positions, ranges and edits in a text: the same shape as LSP, so no conversion is ever needed. */

export interface Position {
  readonly line: number;
  /** UTF-16 units, as LSP's default and as JavaScript strings count. */
  readonly character: number;
}

export interface Range {
  readonly start: Position;
  readonly end: Position;
}

export interface TextEdit {
  readonly range: Range;
  readonly newText: string;
}

/** A half-open stretch of text by offsets. Syntax records use these; `Lines` turns them into ranges. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

/** Turns offsets into positions and back for one text. */
export interface Lines {
  readonly count: number;
  positionAt(offset: number): Position;
  offsetAt(position: Position): number;
  rangeOf(span: Span): Range;
  /** The text of one line without its line end; empty when there is no such line. */
  textOf(line: number): string;
}

export function linesOf(text: string): Lines {
  const starts = lineStarts(text);

  const positionAt = (offset: number): Position => {
    const wanted = Math.max(0, Math.min(offset, text.length));
    let low = 0;
    let high = starts.length;
    while (low + 1 < high) {
      const middle = (low + high) >> 1;
      if ((starts[middle] ?? 0) <= wanted) low = middle;
      else high = middle;
    }
    return { line: low, character: wanted - (starts[low] ?? 0) };
  };

  const lineEnd = (line: number): number => {
    const next = starts[line + 1];
    if (next === undefined) return text.length;
    let end = next;
    while (end > (starts[line] ?? 0) && isLineBreak(text.charCodeAt(end - 1))) end--;
    return end;
  };

  return {
    count: starts.length,
    positionAt,
    offsetAt: ({ line, character }) => {
      const start = starts[line];
      if (start === undefined) return line < 0 ? 0 : text.length;
      return Math.min(start + Math.max(0, character), lineEnd(line));
    },
    rangeOf: ({ start, end }) => {
      const first = positionAt(start);
      // Most are on one line.
      const isOne = 0 <= start && start <= end && end < (starts[first.line + 1] ?? text.length);
      const last = isOne ? { line: first.line, character: first.character + end - start } : positionAt(end);
      return { start: first, end: last };
    },
    textOf: (line) => (starts[line] === undefined ? "" : text.slice(starts[line], lineEnd(line))),
  };
}

/** Applies edits that do not overlap, in any order. */
export function applyEdits(text: string, edits: readonly TextEdit[]): string {
  const lines = linesOf(text);
  const byStart = edits
    .map(({ range, newText }) => ({ start: lines.offsetAt(range.start), end: lines.offsetAt(range.end), newText }))
    .sort((a, b) => a.start - b.start || a.end - b.end);
  let result = "";
  let done = 0;
  for (const { start, end, newText } of byStart) {
    result += text.slice(done, start) + newText;
    done = end;
  }
  return result + text.slice(done);
}

export function containsPosition(range: Range, position: Position): boolean {
  return comparePositions(range.start, position) <= 0 && comparePositions(position, range.end) <= 0;
}

export function rangesTouch(a: Range, b: Range): boolean {
  return comparePositions(a.start, b.end) <= 0 && comparePositions(b.start, a.end) <= 0;
}

export function comparePositions(a: Position, b: Position): number {
  return a.line - b.line || a.character - b.character;
}

/** Of a list in the order of the text, the spans that lie between two offsets. */
export function spansWithin<T extends Span>(list: readonly T[], start: number, end: number): readonly T[] {
  let low = 0;
  let high = list.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((list[middle]?.start ?? 0) < start) low = middle + 1;
    else high = middle;
  }
  let last = low;
  while (last < list.length && (list[last]?.end ?? end + 1) <= end) last++;
  return list.slice(low, last);
}

/** How far two texts are the same. */
export function sameFrom(a: string, b: string): number {
  const most = Math.min(a.length, b.length);
  let i = 0;
  // Pieces are compared far more quickly than characters.
  while (i + PIECE <= most && a.slice(i, i + PIECE) === b.slice(i, i + PIECE)) i += PIECE;
  while (i < most && a.charCodeAt(i) === b.charCodeAt(i)) i++;
  return i;
}

/** How many characters at their ends are the same, of those behind `from`. */
export function sameTo(a: string, b: string, from: number): number {
  const most = Math.min(a.length, b.length) - from;
  const { length: atA } = a;
  const { length: atB } = b;
  let n = 0;
  while (n + PIECE <= most && a.slice(atA - n - PIECE, atA - n) === b.slice(atB - n - PIECE, atB - n)) n += PIECE;
  while (n < most && a.charCodeAt(atA - n - 1) === b.charCodeAt(atB - n - 1)) n++;
  return n;
}

const PIECE = 256;

function lineStarts(text: string): readonly number[] {
  const starts = [0];
  if (text.includes("\r")) {
    for (let i = 0; i < text.length; i++) {
      const code = text.charCodeAt(i);
      if (!isLineBreak(code)) continue;
      if (code === 13 && text.charCodeAt(i + 1) === 10) i++;
      starts.push(i + 1);
    }
  } else {
    for (let at = text.indexOf("\n"); at !== -1; at = text.indexOf("\n", at + 1)) starts.push(at + 1);
  }
  return starts;
}

function isLineBreak(code: number): boolean {
  return code === 10 || code === 13;
}

export function hasWord(text: string, word: string): boolean {
  return text.includes(word) && new RegExp(`(?<!\\w)${word}(?!\\w)`).test(text);
}

/** Good enough for text without strings. */
export function withoutComments(text: string): string {
  return text.replace(/\/\*[\s\S]*?\*\/|\/\/.*/g, " ");
}
