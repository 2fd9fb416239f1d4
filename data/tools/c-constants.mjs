// @ts-check
/** Reads the constants of a C header, `#define`s and enumerators, and works out their values as a 64-bit compiler does. */

/**
 * @typedef {object} Definition
 * @property {string} body what stands for the name
 * @property {readonly string[]} [params] of a macro that takes some
 * @property {"define" | "enum"} kind
 * @property {string} [enum] the enum's name
 */

/** @typedef {Map<string, Definition>} Definitions */
/** @typedef {(name: string) => Definition | undefined} Lookup */
/** @typedef {{ value: bigint, bits: 32 | 64, signed: boolean, hex: boolean }} Value `hex`: not written as a plain decimal */

/** What the kernel's helpers for literals do; the headers that define them differ for C and the assembler. */
const HELPERS = /** @type {const} */ ({
  _AC: ["a", "b", "a"],
  _UL: ["a", "(a * 1UL)"],
  _ULL: ["a", "(a * 1ULL)"],
  UL: ["a", "(a * 1UL)"],
  ULL: ["a", "(a * 1ULL)"],
  BIT: ["a", "(1UL << a)"],
  _BITUL: ["a", "(1UL << a)"],
  _BITULL: ["a", "(1ULL << a)"],
  BIT_ULL: ["a", "(1ULL << a)"],
});

/** Names that no header we read defines, and what they are for a program on a 64-bit machine. */
const TARGET = new Map([
  ["__BITS_PER_LONG", "64"],
  ["BITS_PER_LONG", "64"],
  ["__LITTLE_ENDIAN", "1234"],
  ["__KERNEL_INT_MAX", "2147483647"],
  ["__KERNEL_INT_MIN", "(-2147483647 - 1)"],
]);

/**
 * @param {string} text
 * @param {{ kernel?: boolean }} [how] `kernel`: a header of the kernel's own, where `__KERNEL__` is set
 * @returns {Definitions} the last definition of a name, but an enumerator rather than a define of the same name
 */
export function definitionsIn(text, { kernel = false } = {}) {
  /** @type {Definitions} */
  const found = new Map();
  const code = chosen(withoutComments(text).replace(/\\\n/g, " "), found, kernel);
  for (const [, name, body = ""] of code.matchAll(/\benum\b\s*(\w*)\s*(?:__\w+\s*)?\{([^}]*)\}/g)) {
    for (const [enumerator, definition] of enumerators(name ?? "", body)) found.set(enumerator, definition);
  }
  return found;
}

/** Comments become a space; their line ends stay. @param {string} text */
function withoutComments(text) {
  return text.replace(/\/\*[\s\S]*?\*\/|\/\/[^\n]*/g, (comment) => ` ${comment.replace(/[^\n]/g, "")}`);
}

/**
 * Follows the `#if`s, collects the defines on the way and returns what else there is.
 *
 * @param {string} code
 * @param {Definitions} found
 * @param {boolean} kernel
 */
function chosen(code, found, kernel) {
  /** @type {{ taken: boolean, done: boolean }[]} */
  const branches = [];
  const lookup = (/** @type {string} */ name) => found.get(name) ?? targetName(name, kernel);
  return code
    .split("\n")
    .filter((line) => {
      const [, directive, rest = ""] = /^\s*#\s*(\w+)\b(.*)/.exec(line) ?? [];
      if (directive === undefined) return branches.every(({ taken }) => taken);
      if (directive === "endif") branches.pop();
      else if (/^if/.test(directive)) branches.push(branch(holds(directive, rest.trim(), lookup)));
      else if (/^el/.test(directive)) turn(branches.at(-1), directive === "else" || holds("if", rest.trim(), lookup));
      else if (branches.every(({ taken }) => taken)) define(directive, rest, found);
      return false;
    })
    .join("\n");
}

/** @param {boolean} taken */
function branch(taken) {
  return { taken, done: taken };
}

/** @param {{ taken: boolean, done: boolean } | undefined} current @param {boolean} condition */
function turn(current, condition) {
  if (!current) return;
  current.taken = condition && !current.done;
  current.done ||= current.taken;
}

/** @param {string} directive @param {string} rest @param {Definitions} found */
function define(directive, rest, found) {
  const [, name = "", list, body = ""] = /^\s+(\w+)(?:\(([^)]*)\))?(.*)/.exec(rest) ?? [];
  if (directive === "undef") found.delete(name);
  // `#define X X` behind an enumerator only lets `#ifdef X` see that there is one.
  if (directive !== "define" || body.trim() === name) return;
  const params = list?.split(",").map((param) => param.trim());
  found.set(name, { body: body.trim(), ...(params && { params }), kind: "define" });
}

/** @param {string} name @param {boolean} kernel @returns {Definition | undefined} */
function targetName(name, kernel) {
  if (name === "__KERNEL__") return kernel ? { body: "1", kind: "define" } : undefined;
  // A C library can switch these off where its own headers say the same.
  if (/^(?:__UAPI_DEF_|CONFIG_)/.test(name)) return { body: "1", kind: "define" };
  const value = TARGET.get(name);
  return value === undefined ? undefined : { body: value, kind: "define" };
}

/** @param {string} directive @param {string} condition @param {Lookup} lookup */
function holds(directive, condition, lookup) {
  if (directive === "ifdef") return lookup(condition) !== undefined;
  if (directive === "ifndef") return lookup(condition) === undefined;
  const text = condition.replace(/\bdefined\s*(?:\(\s*(\w+)\s*\)|(\w+))/g, (_, a, b) => (lookup(a ?? b) ? "1" : "0"));
  // The preprocessor takes an unknown name for 0.
  const known = text.replace(/\b[A-Za-z_]\w*\b(?!\s*\()/g, (name) => (lookup(name) ? name : "0"));
  return Boolean(evaluate(known, lookup)?.value);
}

/** @param {string} name @param {string} body @returns {[string, Definition][]} */
function enumerators(name, body) {
  let before = "";
  return body.split(",").flatMap((item) => {
    const [, enumerator, written] = /^(\w+)\s*(?:=\s*([\s\S]*))?$/.exec(item.trim()) ?? [];
    if (enumerator === undefined) return [];
    const value = written ?? (before ? `${before} + 1` : "0");
    before = enumerator;
    return [[enumerator, { body: value, kind: /** @type {const} */ ("enum"), ...(name && { enum: name }) }]];
  });
}

/**
 * The value of a constant expression; `undefined` where it is none that can be told from the text.
 *
 * @param {string} expression
 * @param {Lookup} lookup
 * @param {readonly string[]} [inside] names whose bodies we are in
 * @returns {Value | undefined}
 */
export function evaluate(expression, lookup, inside = []) {
  // Annotations for the kernel's checker, and casts to types that keep every value we read.
  const plain = expression.replace(
    /\(\s*(?:__force\s+)?(?:__u32|__u64|unsigned (?:long )?int|int|\w+_t|__force \w+)\s*\)/g,
    " ",
  );
  const tokens = plain.match(/0x[\da-f]+[ul]*|\d+[ul]*|'.'|\w+|<<|>>|&&|\|\||[=!<>]=|\S/gi) ?? [];
  const reader = new Reader(tokens, lookup, inside);
  const value = reader.expression(0);
  return reader.done ? value : undefined;
}

/** How strongly an operator binds. */
const BINDS = new Map(
  [
    ["||"],
    ["&&"],
    ["|"],
    ["^"],
    ["&"],
    ["==", "!="],
    ["<", ">", "<=", ">="],
    ["<<", ">>"],
    ["+", "-"],
    ["*", "/", "%"],
  ].flatMap((operators, index) => operators.map((operator) => /** @type {const} */ ([operator, index + 1]))),
);

class Reader {
  /** @param {readonly string[]} tokens @param {Lookup} lookup @param {readonly string[]} inside */
  constructor(tokens, lookup, inside) {
    this.tokens = tokens;
    this.lookup = lookup;
    this.inside = inside;
    this.at = 0;
  }

  get done() {
    return this.at === this.tokens.length && this.at > 0;
  }

  /** @param {number} least @returns {Value | undefined} */
  expression(least) {
    let left = this.operand();
    for (;;) {
      const operator = this.tokens[this.at] ?? "";
      const binds = BINDS.get(operator);
      if (left === undefined || binds === undefined || binds <= least) return left;
      this.at++;
      const right = this.expression(binds);
      left = right && combined(operator, left, right);
    }
  }

  /** @returns {Value | undefined} */
  operand() {
    const token = this.tokens[this.at++] ?? "";
    if (token === "(") {
      const value = this.expression(0);
      return this.tokens[this.at++] === ")" ? value : undefined;
    }
    if (/^[-+~!]$/.test(token)) {
      const value = this.operand();
      return value && unary(token, value);
    }
    if (/^\d/.test(token)) return literal(token);
    if (/^'.'$/.test(token)) return { value: BigInt(token.charCodeAt(1)), bits: 32, signed: true, hex: true };
    return this.name(token);
  }

  /** @param {string} name @returns {Value | undefined} */
  name(name) {
    const known = this.lookup(name) ?? helper(name) ?? targetName(name, false);
    if (known === undefined || this.inside.includes(name)) return undefined;
    let { body } = known;
    if (known.params) {
      const args = this.args();
      if (args === undefined) return undefined;
      for (const [index, param] of known.params.entries()) {
        body = body.replace(new RegExp(`\\b${param}\\b`, "g"), `(${args[index] ?? "?"})`);
      }
    }
    return evaluate(body, this.lookup, [...this.inside, name]);
  }

  /** @returns {string[] | undefined} */
  args() {
    if (this.tokens[this.at++] !== "(") return undefined;
    const args = [""];
    let depth = 1;
    while (this.at < this.tokens.length) {
      const token = this.tokens[this.at++] ?? "";
      if (token === "(") depth++;
      if (token === ")") depth--;
      if (depth === 0) return args;
      if (token === "," && depth === 1) args.push("");
      else args.push(`${args.pop()}${token} `);
    }
    return undefined;
  }
}

/** @param {string} name @returns {Definition | undefined} */
function helper(name) {
  if (!Object.hasOwn(HELPERS, name)) return undefined;
  const parts = HELPERS[/** @type {keyof typeof HELPERS} */ (name)];
  return { params: parts.slice(0, -1), body: parts.at(-1) ?? "", kind: "define" };
}

/** @param {string} token @returns {Value} */
function literal(token) {
  const digits = token.replace(/[ul]+$/i, "");
  const octal = /^0\d/.test(digits);
  const value = BigInt(octal ? `0o${digits.slice(1)}` : digits);
  const decimal = /^\d+$/.test(digits) && !octal;
  const unsigned = /u/i.test(token.slice(digits.length));
  const bits =
    /l/i.test(token.slice(digits.length)) || value > (unsigned || !decimal ? 0xffffffffn : 0x7fffffffn) ? 64 : 32;
  return { value, bits, signed: !unsigned && (decimal || value < 1n << BigInt(bits - 1)), hex: !decimal };
}

/** @param {string} operator @param {Value} operand @returns {Value} */
function unary(operator, operand) {
  const { value } = operand;
  if (operator === "!") return cut({ value: BigInt(!value), bits: 32, signed: true, hex: false });
  const result = operator === "-" ? -value : operator === "~" ? ~value : value;
  return cut({ ...operand, value: result, hex: operand.hex || operator === "~" });
}

/** @param {string} operator @param {Value} left @param {Value} right @returns {Value | undefined} */
function combined(operator, left, right) {
  const shift = operator === "<<" || operator === ">>";
  const bits = shift ? left.bits : /** @type {32 | 64} */ (Math.max(left.bits, right.bits));
  const signed = shift ? left.signed : [left, right].every((side) => side.signed || side.bits < bits);
  const [a, b] = [left, right].map(({ value }) => (signed ? value : BigInt.asUintN(bits, value)));
  if (a === undefined || b === undefined || (/[/%]/.test(operator) && b === 0n)) return undefined;
  const value = result(operator, a, b);
  const hex = left.hex || right.hex || /^(?:<<|\||&)$/.test(operator);
  if (typeof value === "boolean") return { value: BigInt(value), bits: 32, signed: true, hex: false };
  return cut({ value, bits, signed, hex });
}

/** @param {string} operator @param {bigint} a @param {bigint} b @returns {bigint | boolean} */
function result(operator, a, b) {
  switch (operator) {
    case "||":
      return Boolean(a) || Boolean(b);
    case "&&":
      return Boolean(a) && Boolean(b);
    case "|":
      return a | b;
    case "^":
      return a ^ b;
    case "&":
      return a & b;
    case "==":
      return a === b;
    case "!=":
      return a !== b;
    case "<":
      return a < b;
    case ">":
      return a > b;
    case "<=":
      return a <= b;
    case ">=":
      return a >= b;
    case "<<":
      return a << b;
    case ">>":
      return a >> b;
    case "+":
      return a + b;
    case "-":
      return a - b;
    case "*":
      return a * b;
    case "/":
      return a / b;
    default:
      return a % b;
  }
}

/** Cuts a value to its type. @param {Value} value @returns {Value} */
function cut(value) {
  const wrap = value.signed ? BigInt.asIntN : BigInt.asUintN;
  return { ...value, value: wrap(value.bits, value.value) };
}

/** In decimal, or in hexadecimal where the header does not write it in decimal. @param {Value} value */
export function written({ value, bits, hex }) {
  return hex ? `0x${BigInt.asUintN(bits, value).toString(16)}` : value.toString();
}
