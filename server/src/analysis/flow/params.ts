/** What is written of the parameters of a function beyond their types and names: marks like `__arg_ctx` among it. */

import type { Routine } from "./routine.ts";

/** What stands between the parentheses of a function, parameter by parameter. `text` is that of its file. */
export function writtenParams({ head, body, name }: Routine, text: string): readonly string[] {
  const from = text.lastIndexOf(name, body.start);
  const start = text.indexOf("(", from < 0 ? body.start - head.length : from);
  return start < 0 || start > body.start ? [] : partsOf(text.slice(start + 1, body.start));
}

/** The same of a function that may stand in another file. */
export function writtenIn({ text, head, name }: Routine): readonly string[] {
  const end = text.indexOf("{");
  const start = text.indexOf("(", text.indexOf(name, head.length));
  return start < 0 || start > end ? [] : partsOf(text.slice(start + 1, end));
}

function partsOf(text: string): readonly string[] {
  const parts = [""];
  let depth = 0;
  for (const char of text) {
    if (char === "(") depth++;
    else if (char === ")") depth--;
    if (char === "," && depth === 0) parts.push("");
    else parts[parts.length - 1] += char;
  }
  return parts;
}
