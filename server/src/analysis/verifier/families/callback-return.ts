/** Family: a function that is called back, and returns what it may not. */

import type { Family } from "../family.ts";

export const callbackReturn: Family = {
  id: "callback-return",
  title: "Callback returns what it may not",
  class: "source",
  by: "verifier",
  said: [
    /^At (callback return|async callback|async callback return) the register R0 (.*)/,
    /^In (async callback) the register R0 is not a known value(.*)/,
  ],
  meaning: ({ match }) =>
    match[1] === "callback return"
      ? `The function that is called for each turn may return 0 to go on, or 1 to stop, and the verifier thinks others possible${range(match[2])}.`
      : "A function that is called back later, by a timer for example, must return 0.",
  advice: ({ match }) =>
    match[1] === "callback return"
      ? "Return the constants 0 and 1, not a result that was computed: if (done) return 1; return 0;"
      : "End it with return 0; on every path.",
  rules: ["bad-return-value"],
  examples: [
    { text: "At callback return the register R0 has smin=2 smax=2 should have been in [0, 1]", from: "6.8 to 7.2" },
    {
      text: "At callback return the register R0 has value (0x2; 0x0) should have been in (0x0; 0x1)",
      from: "5.13 to 6.6",
    },
    {
      text: "At async callback return the register R0 has smin=1 smax=1 should have been in [0, 0]",
      from: "6.8 to 7.2",
    },
    { text: "In async callback the register R0 is not a known value (ptr_or_null_)", from: "5.15 to 6.6" },
  ],
};

function range(said = ""): string {
  const [, least, most] = /smin=(-?\d+) smax=(-?\d+)/.exec(said) ?? [];
  if (least === undefined) return "";
  return least === most ? `: ${least}` : `: ${least} to ${most}`;
}
