// @ts-check
/** Reads an `enum` of a C source as names and numbers. */

/** @typedef {{ name: string, number: number }} Enumerator */

/**
 * @param {string} text
 * @param {string} name
 * @returns {Enumerator[]} in the order of the source; empty where there is no such enum
 */
export function enumOf(text, name) {
  const body = new RegExp(`\\benum ${name}\\s*\\{([^}]*)\\}`).exec(withoutComments(text))?.[1] ?? "";
  /** @type {Map<string, number>} */
  const known = new Map();
  let next = 0;
  for (const item of body.split(",")) {
    const [, enumerator, value] = /^(\w+)\s*(?:=\s*(.*))?$/s.exec(item.trim()) ?? [];
    if (enumerator === undefined) {
      if (item.trim() === "") continue;
      throw new Error(`enum ${name}: cannot read "${item.trim()}"`);
    }
    const number = value === undefined ? next : evaluate(value, known);
    known.set(enumerator, number);
    next = number + 1;
  }
  return [...known].map(([enumerator, number]) => ({ name: enumerator, number }));
}

/** The value of `0`, `NAME`, `1 << 16` or several of them joined by `|`. @param {string} expression @param {Map<string, number>} known */
export function evaluate(expression, known) {
  return expression.split("|").reduce((value, part) => {
    const [left = 0, shift = 0] = part.split("<<").map((term) => {
      const number = known.get(term.trim()) ?? (/^\d+$/.test(term.trim()) ? Number(term) : undefined);
      if (number === undefined) throw new Error(`cannot tell the value of "${term.trim()}" in "${expression.trim()}"`);
      return number;
    });
    return value | (left << shift);
  }, 0);
}

/** @param {string} text */
export function withoutComments(text) {
  return text.replace(/\/\*.*?\*\//gs, "");
}
