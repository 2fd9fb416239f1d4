// @ts-check
/** Where in a file somebody would hover and type. */

/** @typedef {{ readonly line: number, readonly character: number }} Position */

/**
 * Calls of helpers, spread over the file.
 * @param {string} text
 * @param {{ has(name: string): boolean }} helpers
 * @param {number} [most]
 * @returns {readonly { readonly name: string, readonly position: Position }[]}
 */
export function helperCalls(text, helpers, most = 10) {
  const calls = text
    .split("\n")
    .flatMap((source, line) =>
      /^\s*(?:#|\/?\*|\/\/)/.test(source)
        ? []
        : [...source.matchAll(/\bbpf_\w+(?=\()/g)]
            .filter(([name]) => helpers.has(name))
            .map((match) => ({ name: match[0], position: { line, character: match.index + 5 } })),
    );
  return spread(calls, most);
}

/** The end of a statement near the middle of the file, where another one may follow. @param {string} text @returns {Position} */
export function typingPlace(text) {
  const lines = text.split("\n");
  const places = lines.flatMap((source, line) =>
    /^\s+(?!__)(?:\w+ = )?[\w>.-]+\(.*\);$/.test(source) ? [{ line, character: source.length }] : [],
  );
  return places[places.length >> 1] ?? { line: lines.length - 1, character: lines.at(-1)?.length ?? 0 };
}

/** Ends of words in statements, where one more letter makes another word. @param {string} text @returns {readonly number[]} */
export function wordEnds(text, most = 20) {
  const words = [...text.matchAll(/^[ \t]+(?!__)[a-z]\w*(?=(?:->|\.| = |\().*;$)/gm)];
  const ends = words.map((match) => match.index + match[0].length);
  return ends.length === 0 ? [text.length] : spread(ends, most);
}

/** The last line that includes a header other than the kernel's types; -1 when there is none. @param {string} text */
export function includeLine(text) {
  return text.split("\n").findLastIndex((line) => /^\s*#\s*include\b(?!.*\bvmlinux\.h)/.test(line));
}

/** @template T @param {readonly T[]} all @param {number} most */
function spread(all, most) {
  const step = Math.max(1, all.length / most);
  return all.filter((_, i) => Math.floor(i / step) !== Math.floor((i - 1) / step));
}
