/** What the editor says about a section that holds no program. */

import type { KnowledgeBase } from "../../analysis/knowledge/knowledge-base.ts";
import { type DataSection, dataSection } from "../../analysis/knowledge/sections.ts";
import type { Feature } from "../../analysis/knowledge/supports.ts";
import { type Card, type CardFact, type View, verdictsOn } from "../card.ts";

interface Words {
  readonly what: string;
  /** What the kernel must have, where one name says it. */
  readonly needs?: Feature;
  readonly here?: readonly CardFact[];
}

/** Variables came with frozen maps, in one series of patches. */
const VARIABLES: Feature = { kind: "command", name: "BPF_MAP_FREEZE" };

/** As bpf_object__elf_collect() of libbpf:src/libbpf.c takes them. */
const WORDS: Readonly<Record<DataSection, Words>> = {
  maps: {
    what: "map definitions, in BTF form",
    here: [{ label: "Becomes", text: "one map for each variable, as the members of its type say" }],
  },
  "legacy-maps": { what: 'map definitions in the form that libbpf 1.0 gave up; write `SEC(".maps")`' },
  license: { what: "the licence; GPL-only helpers ask for a compatible one" },
  version: {
    what: "a kernel version, which nobody asks for any more",
    here: [
      { label: "Kernels before 5.0", text: "ask for their own version to load a kprobe; libbpf gives it by itself" },
    ],
  },
  rodata: {
    what: "constants, frozen when the object is loaded",
    needs: VARIABLES,
    here: [
      { label: "Becomes", text: "an array with one entry, `BPF_F_RDONLY_PROG`; user space may set it before the load" },
      { label: "Verifier", text: "takes the values for constants, and drops branches that they rule out, since 5.5" },
    ],
  },
  data: { what: "variables that start with a value", needs: VARIABLES, here: variables() },
  bss: { what: "variables that start as zero", needs: VARIABLES, here: variables() },
  kconfig: {
    what: "the kernel's configuration, filled in by libbpf",
    needs: VARIABLES,
    here: [
      {
        label: "From",
        text: "`/proc/config.gz` or `/boot`, by names that begin with `CONFIG_`; `LINUX_…` are libbpf's own",
      },
    ],
  },
  ksyms: {
    what: "addresses of the kernel's symbols",
    here: [
      { label: "Of a type", text: "from BTF: kfuncs and variables of the kernel" },
      { label: "Of `void`", text: "from `/proc/kallsyms`, as a number" },
    ],
  },
  "struct-ops": {
    what: "structures of operations, registered by user space",
    needs: { kind: "map-type", name: "BPF_MAP_TYPE_STRUCT_OPS" },
    here: [
      { label: "Becomes", text: "a map for each variable; filling it registers the structure, deleting ends that" },
    ],
  },
  "struct-ops-link": {
    what: "structures of operations, attached through a link",
    needs: { kind: "flag", name: "BPF_F_LINK" },
    here: [
      { label: "Becomes", text: "a map for each variable, with `BPF_F_LINK`; it is in force as long as the link is" },
    ],
  },
  arena: { what: "variables in an arena", needs: { kind: "map-type", name: "BPF_MAP_TYPE_ARENA" } },
};

function variables(): readonly CardFact[] {
  return [{ label: "Becomes", text: "an array with one entry, which user space reads and writes at any time" }];
}

/** @returns undefined for every other section */
export function describeData(name: string, kb: KnowledgeBase, view: View): Card | undefined {
  const data = dataSection(name);
  if (data === undefined) return undefined;
  const { what, needs, here = [] } = WORDS[data];
  return {
    verdicts: needs === undefined ? [] : verdictsOn([needs], kb, view),
    code: `SEC("${name}")`,
    what: [`data: ${what}`],
    here: [
      ...here,
      ownMapFact(name),
      name.startsWith("?") && { label: "Leading ?", text: "not created unless user space asks for it" },
    ],
  };
}

/** `.data.counters`: libbpf took such names of `.bss` later than those of the others. */
function ownMapFact(name: string): CardFact | undefined {
  const family = /^\.(data|rodata|bss)\./.exec(name)?.[1];
  const since = family === "bss" ? "1.1" : "0.6";
  return family === undefined ? undefined : { label: "Map", text: `one of its own; libbpf makes it since ${since}` };
}

/** A variable in a section of another name. */
export function describeUnknownData(name: string): Card {
  return {
    code: `SEC("${name}")`,
    what: ["no section that libbpf knows"],
    note: {
      summary:
        "libbpf makes no map of it: only of `.data`, `.rodata`, `.bss` and names that go on from these with a dot.",
    },
  };
}
