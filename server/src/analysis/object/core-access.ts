/** What a CO-RE relocation is about, in words: `0:12:3` of a structure becomes `task_struct.mm.exe_file`. */

import type { Btf } from "../btf/btf.ts";
import type { CoreKind, CoreRelocation } from "../btf/btf-ext.ts";

/** `byte offset of task_struct.mm` */
export function coreText(btf: Btf, relocation: CoreRelocation): string {
  const access = coreAccess(btf, relocation);
  return WORDS[relocation.kind].replace("…", () => (access.length > LONGEST ? `${access.slice(0, LONGEST)}…` : access));
}

const WORDS: Readonly<Record<CoreKind, string>> = {
  byte_off: "offset of …",
  byte_sz: "size of …",
  field_exists: "whether there is …",
  signed: "whether … is signed",
  lshift_u64: "left shift to read …",
  rshift_u64: "right shift to read …",
  local_type_id: "id of … in the object",
  target_type_id: "id of … in the kernel",
  type_exists: "whether there is …",
  type_size: "size of …",
  enumval_exists: "whether there is …",
  enumval_value: "value of …",
  type_matches: "whether … matches the kernel's",
  unknown: "something newer about …",
};

const ENUMERATORS: ReadonlySet<CoreKind> = new Set(["enumval_exists", "enumval_value"]);
const FIELDS: ReadonlySet<CoreKind> = new Set([
  "byte_off",
  "byte_sz",
  "field_exists",
  "signed",
  "lshift_u64",
  "rshift_u64",
]);
/** Nobody reaches through more members at once. */
const DEEPEST = 64;
const LONGEST = 500;

/** `task_struct.mm.exe_file`; what cannot be followed stays as it is written. */
export function coreAccess(btf: Btf, { type, access, kind }: CoreRelocation): string {
  const root = rootName(btf, type);
  const steps = access.split(":", DEEPEST).map(Number);
  if (ENUMERATORS.has(kind)) return `${root}::${enumerator(btf, type, steps[0] ?? -1) ?? access}`;
  if (!FIELDS.has(kind)) return root;
  const [first = 0, ...rest] = steps;
  return `${root}${first === 0 ? "" : `[${first}]`}${path(btf, type, rest) ?? ` at ${access}`}`;
}

function rootName(btf: Btf, id: number): string {
  const type = btf.typeAt(id);
  if ((type.kind === "const" || type.kind === "volatile") && type.type !== id)
    return rootName(btf, btf.resolve(id) ?? 0);
  const name = btf.nameOf(id);
  return name === "" ? `anonymous ${btf.kindOf(btf.resolve(id) ?? 0)}` : name;
}

function enumerator(btf: Btf, id: number, index: number): string | undefined {
  const type = btf.typeAt(btf.resolve(id) ?? 0);
  return type.kind === "enum" || type.kind === "enum64" ? type.values[index]?.name : undefined;
}

function path(btf: Btf, root: number, steps: readonly number[]): string | undefined {
  let text = "";
  let at = root;
  for (const step of steps) {
    const type = btf.typeAt(btf.resolve(at) ?? 0);
    if (type.kind === "array") {
      text += `[${step}]`;
      at = type.type;
      continue;
    }
    if (type.kind !== "struct" && type.kind !== "union") return undefined;
    const member = type.members[step];
    if (member === undefined) return undefined;
    // C does not write the name of a member that has none.
    if (member.name !== "") text += `.${member.name}`;
    at = member.type;
  }
  return text;
}
