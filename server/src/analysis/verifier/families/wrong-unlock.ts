/** Family: a lock that is given back, and is not the one that is held. */

import type { Family } from "../family.ts";
import { lockWasTaken } from "../story/lock.ts";

export const wrongUnlock: Family = {
  id: "wrong-unlock",
  title: "Gives back a lock that is not held",
  class: "source",
  by: "verifier",
  said: [
    /^(\w+)_unlock(?:_\w+)? of different lock/,
    /^(\w+)_unlock(?:_\w+)? without taking a lock/,
    /^(\w+)_unlock(?:_\w+)? cannot be out of order/,
  ],
  meaning: ({ match }) => {
    if (match[0].includes("without")) return "No lock is held on this path.";
    if (match[0].includes("order")) return "Locks must be given back in the opposite order in which they were taken.";
    return "The lock that is given back is not the one that was taken. Two lookups of one key are two values for the verifier, each with a lock of its own.";
  },
  advice: ({ match }) =>
    match[0].includes("order")
      ? "Give back the lock that was taken last."
      : "Take and give back the lock through the same pointer, on the same paths.",
  story: (found) => lockWasTaken(found),
  rules: ["wrong-unlock"],
  examples: [
    { text: "bpf_spin_unlock of different lock", from: "5.1 to 7.2" },
    { text: "bpf_spin_unlock without taking a lock", from: "5.1 to 7.2" },
    { text: "bpf_res_spin_unlock cannot be out of order", from: "6.15 to 7.2" },
  ],
};
