/** Rule: the size of a ring buffer that is no power of two of pages. */

import { replace } from "../edits.ts";
import { isForGo } from "../for-rules/file-kinds.ts";
import { mapsIn, memberOf, shortName } from "../for-rules/map-rules.ts";
import { readerOf } from "../knowledge/loaders.ts";
import type { Report, Rule, RuleContext } from "../rule.ts";

const PAGE = 4096;
/** The largest page of any kernel that is in use: arm64 and powerpc are built with them. */
const LARGE_PAGE = 65536;

export const ringBufferSize: Rule = {
  meta: {
    id: "ring-buffer-size",
    group: "maps",
    summary: "A ring buffer whose size is no power of two of pages",
    rationale: `\`max_entries\` of a ring buffer is its size in bytes, not a number of records. The kernel wants a power of two
that is a multiple of its page size. libbpf (from 0.8 on, for user ring buffers from 1.1 on) and aya round up to the next such
size, so a ring buffer of "256 records" has one page, which a few large records fill. cilium/ebpf hands the number to the
kernel as it is, and the map is refused.

Kernels for arm64 may have pages of 64 KiB: less than 65536 works there only where it is rounded up.`,
    severity: "error",
    fix: "unsafe",
    examples: [
      {
        bad: `struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 100000);
} events SEC(".maps");`,
        good: `struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 131072);
} events SEC(".maps");`,
        loader: "cilium/ebpf",
        unshown: "libbpf rounds up",
      },
      {
        bad: `struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 256);
} events SEC(".maps");`,
        good: `struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 4096);
} events SEC(".maps");`,
        unshown: "libbpf rounds up",
      },
    ],
  },

  *check(ctx: RuleContext): Iterable<Report> {
    for (const { definition, fact, rules } of mapsIn(ctx)) {
      if (fact === undefined || rules?.entries.powerOfTwoPages !== true) continue;
      const member = memberOf(definition, "max_entries");
      if (member === undefined) continue;
      const { maxEntries: size } = definition.facts;
      if (size === undefined || size === 0) continue;
      const found = problemOf(size, shortName(fact), ctx);
      if (found === undefined) continue;
      const { message, severity, wanted } = found;
      yield {
        range: member.valueRange,
        message,
        ...(severity && { severity }),
        fixes: [{ title: `Change to ${wanted}`, edits: [replace(member.valueRange, String(wanted))] }],
      };
    }
  },
};

function problemOf(
  size: number,
  type: string,
  { loader, arch, model }: RuleContext,
): { readonly message: string; readonly severity?: "info" | "warning"; readonly wanted: number } | undefined {
  const wanted = rounded(size);
  if (readerOf(loader) !== "cilium/ebpf") {
    // What is too small for a single page was meant as a number of records.
    if (size >= PAGE || isForGo(model)) return undefined;
    const message = `max_entries of a ${type} is its size in bytes: ${size} becomes one page`;
    return { message, severity: "info", wanted };
  }
  if (wanted !== size) {
    const message = `a ${type} of ${size} bytes is no power of two of pages: the kernel refuses the map`;
    return { message, wanted };
  }
  if (arch !== "arm64" || size >= LARGE_PAGE) return undefined;
  const message = `a ${type} of ${size} bytes is less than a page of 64 KiB, as arm64 may have: there the kernel refuses the map`;
  return { message, severity: "warning", wanted: LARGE_PAGE };
}

function rounded(size: number): number {
  let power = PAGE;
  while (power < size) power *= 2;
  return power;
}
