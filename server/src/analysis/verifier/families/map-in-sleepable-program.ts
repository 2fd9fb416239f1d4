/** Family: a map of a type that programs that may sleep cannot use. */

import type { Family } from "../family.ts";

export const mapInSleepableProgram: Family = {
  id: "map-in-sleepable-program",
  title: "Map is not for programs that may sleep",
  class: "source",
  by: "verifier",
  said: [/^Sleepable programs can only use (.+)/],
  meaning:
    "A program that may sleep holds no RCU lock of the usual kind, so that an entry could be freed under it. Only some types of maps are made for that, and this kernel knows fewer than later ones.",
  advice:
    'Use an array, a hash (BPF_F_NO_PREALLOC not set before 6.1), a ring buffer or local storage; or let the program not sleep, without ".s" in its section.',
  rules: ["map-in-sleepable-program"],
  examples: [
    { text: "Sleepable programs can only use array, hash, ringbuf and local storage maps", from: "6.2 to 7.2" },
    { text: "Sleepable programs can only use array, hash, and ringbuf maps", from: "5.12 to 6.1" },
    { text: "Sleepable programs can only use array and hash maps", from: "5.10 and 5.11" },
    { text: "Sleepable programs can only use preallocated maps", from: "5.12 to 6.0" },
  ],
};
