/** What an object wants from elsewhere: functions and variables of the kernel, its configuration. */

import type { Btf } from "../btf/btf.ts";
import { declaration } from "./c-type.ts";
import type { OpenObject } from "./open.ts";

export interface Extern {
  readonly name: string;
  /** `unknown` without BTF, which alone says it. */
  readonly kind: "kfunc" | "ksym" | "kconfig" | "unknown";
  /** Without it the program loads all the same. */
  readonly isWeak: boolean;
  /** Its declaration. */
  readonly type?: string;
}

export function externsOf({ elf, btf }: Pick<OpenObject, "elf" | "btf">): readonly Extern[] {
  const known = btf === undefined ? new Map<string, Pick<Extern, "kind" | "type">>() : declared(btf);
  const undefinedOnes = elf.symbols.filter(
    (one) => one.section === undefined && one.name !== "" && one.binding !== "local",
  );
  return undefinedOnes.map(({ name, binding }) => ({
    name,
    ...(known.get(name) ?? { kind: "unknown" }),
    isWeak: binding === "weak",
  }));
}

function declared(btf: Btf): ReadonlyMap<string, Pick<Extern, "kind" | "type">> {
  const found = new Map<string, Pick<Extern, "kind" | "type">>();
  for (const section of [".ksyms", ".kconfig"]) {
    for (const id of btf.findAll(section, ["datasec"])) {
      const type = btf.typeAt(id);
      if (type.kind !== "datasec") continue;
      for (const { type: member } of type.vars) {
        const one = btf.typeAt(member);
        if (one.kind !== "var" && one.kind !== "func") continue;
        const kind = section === ".kconfig" ? "kconfig" : one.kind === "func" ? "kfunc" : "ksym";
        found.set(one.name, { kind, type: declaration(btf, one.type, one.name) });
      }
    }
  }
  return found;
}
