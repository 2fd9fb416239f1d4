/** Family: a spin lock taken while one is held. */

import type { Family } from "../family.ts";
import { lockWasTaken } from "../story/lock.ts";

export const secondLock: Family = {
  id: "second-lock",
  title: "A lock is held already",
  class: "source",
  by: "verifier",
  said: [/^Locking two bpf_spin_locks are not allowed/, /^Acquiring the same lock again, AA deadlock detected/],
  meaning: ({ match }) =>
    match[0].startsWith("Acq")
      ? "This lock is held already on this path: waiting for it would never end."
      : "The program holds one spin lock already on this path, and may hold one at a time.",
  advice: ({ match }) =>
    match[0].startsWith("Acq")
      ? "Take the lock once, and give it back before it is taken again."
      : "Give the first lock back before the second is taken; where both are needed at once, put what they guard into one value, or use bpf_res_spin_lock() (6.15 and later).",
  story: (found) => lockWasTaken(found),
  rules: ["second-lock"],
  examples: [
    { text: "Locking two bpf_spin_locks are not allowed", from: "5.1 to 7.2" },
    { text: "Acquiring the same lock again, AA deadlock detected", from: "6.15 to 7.2" },
  ],
};
