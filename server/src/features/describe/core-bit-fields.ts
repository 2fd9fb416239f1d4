/** What `BPF_CORE_READ_BITFIELD` and its kin become: a load of the bytes around the field, and two shifts. */

import type { MacroUse } from "./macro-use.ts";
import { type Expansion, freshName, operand } from "./sketch.ts";

export function bitFieldAccess({ name, args }: MacroUse): Expansion | undefined {
  const [structure, field, value] = args;
  const isWrite = name.includes("WRITE");
  if (structure === undefined || field === undefined || args.length !== (isWrite ? 3 : 2)) return undefined;
  const parts = {
    label: "Put in at load",
    text: `\`offset\`, \`size\`, \`lshift\` and \`rshift\`, as \`${operand(structure)}->${field}\` has them in the running kernel`,
  };
  if (name.endsWith("_PROBED"))
    return {
      code: probed(structure, args),
      facts: [parts],
      calls: [{ kind: "helper", name: "bpf_probe_read_kernel" }],
    };
  return { code: isWrite ? written(structure, value ?? "", args) : loaded(structure, args), facts: [parts] };
}

const SHIFTS = "<< lshift >> rshift; // with its sign where the field has one";

function probed(structure: string, args: readonly string[]): readonly string[] {
  const value = freshName(["val", "v"], args);
  return [
    `unsigned long long ${value} = 0;`,
    `bpf_probe_read_kernel(&${value}, size, (const void *)${operand(structure)} + offset);`,
    `${value} = ${value} ${SHIFTS}`,
  ];
}

function loaded(structure: string, args: readonly string[]): readonly string[] {
  const [place, value] = [freshName(["p", "place"], args), freshName(["val", "v"], args)];
  return [
    `const void *${place} = (const void *)${operand(structure)} + offset;`,
    `unsigned long long ${value} = *${place}; // 1, 2, 4 or 8 bytes, by size`,
    `${value} = ${value} ${SHIFTS}`,
  ];
}

function written(structure: string, wanted: string, args: readonly string[]): readonly string[] {
  const [place, value] = [freshName(["p", "place"], args), freshName(["val", "v"], args)];
  return [
    `void *${place} = (void *)${operand(structure)} + offset;`,
    `unsigned long long ${value} = *${place}; // 1, 2, 4 or 8 bytes, by size`,
    `mask = ~0ULL << rshift >> lshift;`,
    `*${place} = (${value} & ~mask) | (${operand(wanted)} << (rshift - lshift) & mask);`,
  ];
}
