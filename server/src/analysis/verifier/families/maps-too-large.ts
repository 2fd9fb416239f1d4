/** Family: the agent does not load what would use up the memory. */

import type { Family } from "../family.ts";

export const mapsTooLarge: Family = {
  id: "maps-too-large",
  title: "Its maps would take too much memory to try",
  class: "environment",
  by: "loader",
  said: [
    /^(?:agent: )?(?:map '(?<map>.*)': )?too large to try, it would need (?<bytes>\d+) bytes$/,
    /^(?:agent: )?the maps are too large to try, they would need (?<bytes>\d+) bytes of the \d+ that may be used$/,
  ],
  meaning: ({ match: { groups = {} } }) =>
    `A map takes its memory as soon as it is made, which is before any program is looked at, and here that would be ${readable(Number(groups["bytes"]))}. At most a quarter of the memory that is free is used to verify, so nothing was loaded, and the kernel was not asked.`,
  advice:
    "Make max_entries smaller, or have a hash map take memory as it fills with BPF_F_NO_PREALLOC in map_flags. Or verify it on a machine with more memory.",
  examples: [
    { text: "agent: map 'flows': too large to try, it would need 17179869184 bytes", from: "the agent" },
    {
      text: "agent: the maps are too large to try, they would need 17179869184 bytes of the 1073741824 that may be used",
      from: "the agent",
    },
  ],
};

function readable(bytes: number): string {
  const units = ["bytes", "KiB", "MiB", "GiB", "TiB"];
  let [size, unit] = [bytes, 0];
  for (; size >= 1024 && unit < units.length - 1; unit++) size /= 1024;
  return `${size >= 100 || unit === 0 ? Math.round(size) : size.toFixed(1)} ${units[unit]}`;
}
