/** Splits a command into words as a shell would, without one: nothing is expanded and nothing run. */

const BLANK = /[ \t\r\n]/;
/** What a backslash takes its meaning from between double quotes. */
const QUOTABLE = new Set(['"', "\\", "$", "`"]);

export function splitWords(text: string): readonly string[] {
  const words: string[] = [];
  let word: string | undefined;
  let quote = "";
  for (let i = 0; i < text.length; i++) {
    const char = text[i] ?? "";
    const next = text[i + 1];
    if (quote !== "") {
      if (char === quote) quote = "";
      else if (char === "\\" && quote === '"' && next !== undefined && QUOTABLE.has(next)) word += text[++i] ?? "";
      else word += char;
    } else if (BLANK.test(char)) {
      if (word !== undefined) words.push(word);
      word = undefined;
    } else if (char === '"' || char === "'") {
      quote = char;
      word ??= "";
    } else if (char === "\\" && next !== undefined) {
      i++;
      // A line that goes on.
      if (next !== "\n") word = (word ?? "") + next;
    } else word = (word ?? "") + char;
  }
  return word === undefined ? words : [...words, word];
}
