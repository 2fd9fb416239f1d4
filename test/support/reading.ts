import type { Reading } from "../../server/src/analysis/syntax/around.ts";

/** All there is to see of a reading, each token with its bracket among it. */
export function shown({ lowered, outline }: Reading) {
  const { text, source, tokens, cursor, dropped, defines, islands } = lowered;
  const { count, kinds, starts, ends, directives, comments } = tokens;
  const brackets = Array.from({ length: cursor.count }, (_, i) => [
    cursor.closing(i),
    cursor.isClosed(i),
    cursor.text(i),
  ]);
  const read = { count, kinds: [...kinds], starts: [...starts], ends: [...ends], directives, comments };
  return { text, source, read, brackets, dropped, defines, islands, outline, isWhole: cursor.isWhole };
}

export function edited(text: string, at: number, removed: number, added: string): string {
  return text.slice(0, at) + added + text.slice(at + removed);
}
