/** Family: a call while a spin lock is held. */

import type { Family } from "../family.ts";
import { lockWasTaken } from "../story/lock.ts";

export const callUnderLock: Family = {
  id: "call-under-lock",
  title: "Call while a spin lock is held",
  class: "source",
  by: "verifier",
  said: [/^(global )?function calls are not allowed while holding a lock/],
  meaning: ({ match, log, at }) =>
    /spin_lock/.test(log.steps[at ?? -1]?.text ?? "")
      ? "The program holds one spin lock already on this path, and may hold one at a time."
      : match[1] === undefined
        ? "Between taking and giving back a spin lock no helper and no function may be called, apart from those for lists and trees that need the lock: the lock must be held for a moment only."
        : "A global function is looked at on its own, so that the verifier cannot know what it does while the lock is held.",
  advice: ({ match, log, at }) =>
    /spin_lock/.test(log.steps[at ?? -1]?.text ?? "")
      ? "Give the first lock back before the second is taken, or put what both guard into one value with one lock."
      : match[1] === undefined
        ? "Do the call before the lock is taken, or after it was given back, and keep the result in a variable."
        : "Make the function static, or call it outside of the lock.",
  story: (found) => lockWasTaken(found),
  rules: ["call-under-lock", "second-lock"],
  examples: [
    { text: "function calls are not allowed while holding a lock", from: "5.1 to 7.2" },
    { text: "global function calls are not allowed while holding a lock,", from: "6.9 to 7.2" },
  ],
};
