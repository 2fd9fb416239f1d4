// @ts-check
/** Where the members of a uapi structure lie. 64-bit machines: the kernel checks programs with these offsets. */

/** @typedef {{ name: string, type: string, from: number, size: number, count?: number }} Member `size` is of one element */
/** @typedef {{ members: readonly Member[], size: number, align: number }} Layout */

/** @type {Readonly<Record<string, number>>} */
const SIZES = {
  __u8: 1,
  __s8: 1,
  char: 1,
  __u16: 2,
  __be16: 2,
  __s16: 2,
  __u32: 4,
  __s32: 4,
  __be32: 4,
  int: 4,
  __u64: 8,
  __s64: 8,
};

/** What no uapi header spells out: the registers of x86-64. */
const REGISTERS = { size: 168, align: 8 };

/** @param {string} header without comments @param {string} name @returns {Layout | undefined} */
export function layoutOf(header, name) {
  const head = new RegExp(`\\bstruct\\s+${name}\\s*\\{`).exec(header);
  if (head === null) return undefined;
  return membersIn(bodyAt(header, head.index + head[0].length), false);
}

/** @param {Layout} layout @param {string} member `cb[4]` @returns {{ from: number, to: number } | undefined} */
export function placeIn({ members }, member) {
  const [, name, index] = /^(\w+)(?:\[(\d+)\])?$/.exec(member.trim()) ?? [];
  const found = members.find((one) => one.name === name);
  if (found === undefined) return undefined;
  const from = found.from + (index === undefined ? 0 : Number(index) * found.size);
  const count = index === undefined ? (found.count ?? 1) : 1;
  return { from, to: from + found.size * count - 1 };
}

/** @param {string} body @param {boolean} union @returns {Layout} */
function membersIn(body, union) {
  /** @type {Member[]} */
  const members = [];
  let size = 0;
  let align = 1;
  /** @param {number} bytes @param {number} alignment */
  const put = (bytes, alignment) => {
    const from = union ? 0 : Math.ceil(size / alignment) * alignment;
    size = union ? Math.max(size, bytes) : from + bytes;
    align = Math.max(align, alignment);
    return from;
  };
  for (const declaration of declarations(body)) {
    const group = /^(struct|union)\s*\{/.exec(declaration);
    if (group) {
      const inner = membersIn(bodyAt(declaration, group[0].length), group[1] === "union");
      const from = put(inner.size, inner.align);
      members.push(...inner.members.map((member) => ({ ...member, from: from + member.from })));
      continue;
    }
    const padding = /^\w+\s*:\s*(\d+)$/.exec(declaration);
    if (padding) {
      put(Number(padding[1]) / 8, 1);
      continue;
    }
    const pointer = /^__bpf_md_ptr\((.*?)\s*,\s*(\w+)\)$/.exec(declaration);
    if (pointer) {
      members.push({ name: pointer[2] ?? "", type: pointer[1] ?? "", from: put(8, 8), size: 8 });
      continue;
    }
    const [, type = "", name = "", count] = /^(.*?[\s*])(\w+)(?:\[(\d+)\])?$/.exec(declaration) ?? [];
    const plain = type.trim().replace(/^const /, "");
    const bytes = plain.endsWith("*") ? 8 : (SIZES[plain] ?? (/pt_regs/.test(plain) ? REGISTERS.size : undefined));
    if (bytes === undefined) throw new Error(`cannot tell the size of "${declaration}"`);
    const from = put(bytes * Number(count ?? 1), Math.min(bytes, 8));
    members.push({ name, type: plain, from, size: bytes, ...(count !== undefined && { count: Number(count) }) });
  }
  return { members, size: Math.ceil(size / align) * align, align };
}

/** @param {string} body @returns {string[]} */
function declarations(body) {
  /** @type {string[]} */
  const parts = [];
  let depth = 0;
  let start = 0;
  for (let at = 0; at < body.length; at++) {
    const letter = body[at];
    if (letter === "{") depth++;
    if (letter === "}") depth--;
    if (letter !== ";" || depth > 0) continue;
    parts.push(body.slice(start, at).replace(/\s+/g, " ").trim());
    start = at + 1;
  }
  return parts.filter((part) => part !== "");
}

/** What stands between a brace before `start` and its partner. @param {string} text @param {number} start */
function bodyAt(text, start) {
  let depth = 1;
  for (let at = start; at < text.length; at++) {
    if (text[at] === "{") depth++;
    if (text[at] === "}" && --depth === 0) return text.slice(start, at);
  }
  return text.slice(start);
}
