/** Why bpftool could make no skeleton, in words for the person. */

import { basename } from "node:path";
import { ToolProblem } from "../problem.ts";

interface Attempt {
  readonly version: string;
  readonly sources: readonly string[];
  readonly args: readonly string[];
}

interface Reason {
  readonly says: RegExp;
  /** What it means, given what the pattern has found and the bpftool's version. */
  readonly means: (found: string, version: string) => string;
  /** A newer bpftool would do it. */
  readonly tooOld?: true;
}

const REASONS: readonly Reason[] = [
  {
    says: /map '([^']*)': unsupported map linkage static/,
    means: (map) => `the map ${map} is static, and libbpf takes none that are. Leave out static before it.`,
  },
  {
    says: /failed to find BTF info|BTF is required, but is missing|failed to get BTF/i,
    means: () =>
      "the object has no BTF, which the skeleton is made from. It comes with the compiler's flag -g: see what hookpoint.build.flags, or the build's own flags, do about it.",
  },
  {
    says: /conflicting non-weak symbol #?\d* ?\(?([^)' ]*)\)? definition/,
    means: (symbol) =>
      `two of the files define ${symbol}. Make one of them static, or __weak where both mean the same.`,
  },
  {
    says: /(?:attr|field) 'map_extra'/,
    means: () => "a map has a map_extra that this bpftool cannot read, as arenas have it.",
    tooOld: true,
  },
  {
    says: /elf: skipping unrecognized data section|section(?:\(\d+\))? ['"]?(\.(?:bss|data|rodata)\.[^\s'"]*)/,
    means: (section) => `this bpftool knows no section${section === "" ? "" : ` ${section}`}.`,
    tooOld: true,
  },
  {
    says: /failed to link '[^']*': .*(?:version|license).*/,
    means: () => "the files do not agree on their licence.",
  },
  {
    says: /missing SYMTAB|ELF header|unsupported kind of ELF|not a valid|invalid ELF|truncated/i,
    means: () =>
      "what the compiler wrote is no BPF object. Build it again; the compiler's flags may ask for something else.",
  },
  {
    says: /(?:unknown|unrecognized|invalid) (?:command|option|subcommand)|^Usage:/im,
    means: (_, version) => `bpftool ${version} does not know how.`,
    tooOld: true,
  },
];

export function bpftoolFailure(output: string, { version, sources, args }: Attempt): ToolProblem {
  const what = `No skeleton of ${sources.map((source) => basename(source)).join(", ")}`;
  for (const { says, means, tooOld } of REASONS) {
    const match = says.exec(output);
    if (match === null) continue;
    const newer = tooOld === true ? ` A newer bpftool than ${version} may do it.` : "";
    const remedy = tooOld === true ? { setting: "hookpoint.tools.bpftool", install: "bpftool" as const } : {};
    return new ToolProblem(`${what}: ${means(match[1] ?? "", version)}${newer}`, remedy, output);
  }
  const said = /^(?:Error|libbpf): (.*)$/m.exec(output)?.[1] ?? "it says nothing";
  return new ToolProblem(`${what}: bpftool ${args.slice(0, 2).join(" ")} failed: ${said}`, {}, output);
}
