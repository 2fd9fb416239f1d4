/** Family: the agent does not load what would use up the memory. */

import type { Family } from "../family.ts";

export const mapsTooLarge: Family = {
  id: "maps-too-large",
  title: "Its maps would take too much memory to try",
  class: "environment",
  by: "loader",
  said: [
    /^agent: map '(?<map>.*)' would need (?<bytes>\d+) bytes$/m,
    /^agent: the maps would need (?<bytes>\d+) bytes, and at most \d+ are used to verify$/m,
  ],
  meaning: ({ match: { groups = {} } }) =>
    `${groups["map"] === undefined ? "The maps of the object" : `The map ${groups["map"]}`} would take ${readable(Number(groups["bytes"]))} of the machine's memory as soon as it is made, which is before any program is looked at. At most a quarter of what is free is used to verify, so nothing was loaded: the kernel has not been asked.`,
  advice:
    "Make max_entries smaller, or have a hash map take memory as it fills with BPF_F_NO_PREALLOC in map_flags. Or verify it on a machine with more memory.",
  examples: [
    { text: "agent: map 'flows' would need 17179869184 bytes", from: "the agent" },
    {
      text: "agent: the maps would need 17179869184 bytes, and at most 1073741824 are used to verify",
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
