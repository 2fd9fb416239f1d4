/** Family: an object without types. */

import type { Family } from "../family.ts";

export const objectTypesMissing: Family = {
  id: "object-types-missing",
  title: "Object has no types (BTF)",
  class: "source",
  by: "libbpf",
  said: [
    /^(?:libbpf: )?BTF is required, but is missing or corrupted/,
    /^(?:libbpf: )?DATASEC '([^']+)' not found/,
    /^(?:libbpf: )?(?:failed to get (?:\S+ )?map definitions for|elf: failed to get \S+ map definitions for) (\S+)/,
    /^no BTF parsed for object/,
    /^(?:libbpf: )?subskeletons require BTF at runtime/,
  ],
  meaning:
    "Maps, CO-RE and much else need the types that clang writes into the object with -g, and there are none, or they do not fit the rest: built without -g, stripped wholly, or by a compiler too old for them (clang before 10, gcc before 12).",
  advice:
    "Build with clang -g -O2 -target bpf; to make the object small strip only with llvm-strip -g, which leaves the types.",
  examples: [
    { text: "libbpf: BTF is required, but is missing or corrupted.", from: "libbpf 0.0.4 and later" },
    { text: "libbpf: DATASEC '.maps' not found.", from: "libbpf 0.0.4 and later" },
    { text: "libbpf: elf: failed to get .maps map definitions for x.o", from: "libbpf 0.1 and later" },
    { text: "no BTF parsed for object", from: "aya" },
    { text: "libbpf: subskeletons require BTF at runtime (object x)", from: "libbpf 0.8 and later" },
  ],
};
