// @ts-check
/** Reads just enough of BTF, as the kernel's own file has it: types by name, and the members of structures. */

/** @typedef {{ id: number, kind: number, name: string, members: readonly string[] }} BtfType */

export const KIND = /** @type {const} */ ({ STRUCT: 4, FUNC: 12, TYPEDEF: 8 });

/** What follows the twelve bytes of a type: so much, and so much for each of its parts. @type {Readonly<Record<number, readonly [number, number]>>} */
const EXTRA = {
  1: [4, 0],
  3: [12, 0],
  4: [0, 12],
  5: [0, 12],
  6: [0, 8],
  13: [0, 8],
  14: [4, 0],
  15: [0, 12],
  17: [4, 0],
  19: [0, 12],
};

/** @param {Buffer} data @returns {(name: string, kind: number) => BtfType | undefined} */
export function readBtf(data) {
  const header = data.readUInt32LE(4);
  const [typeOff, typeLen, stringOff] = [data.readUInt32LE(8), data.readUInt32LE(12), data.readUInt32LE(16)];
  const text = (/** @type {number} */ offset) => {
    const start = header + stringOff + offset;
    return data.toString("latin1", start, data.indexOf(0, start));
  };
  /** @type {Map<string, BtfType>} */
  const types = new Map();
  let at = header + typeOff;
  for (let id = 1; at < header + typeOff + typeLen; id++) {
    const info = data.readUInt32LE(at + 4);
    const [kind, count] = [(info >>> 24) & 0x1f, info & 0xffff];
    const [fixed, each] = EXTRA[kind] ?? [0, 0];
    const name = text(data.readUInt32LE(at));
    const members =
      kind === KIND.STRUCT
        ? Array.from({ length: count }, (_, index) => text(data.readUInt32LE(at + 12 + index * each)))
        : [];
    if (name !== "" && !types.has(`${kind} ${name}`)) types.set(`${kind} ${name}`, { id, kind, name, members });
    at += 12 + fixed + each * count;
  }
  return (name, kind) => types.get(`${kind} ${name}`);
}
