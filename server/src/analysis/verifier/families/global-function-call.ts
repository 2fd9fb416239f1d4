/** Family: a call of a global function with what does not fit its declaration. */

import type { Family } from "../family.ts";

export const globalFunctionCall: Family = {
  id: "global-function-call",
  title: "Argument does not fit the global function",
  class: "source",
  by: "verifier",
  said: [/^Caller passes invalid args into func#(\d+)(?: \('([^']+)'\))?/],
  sumsUp: true,
  meaning: ({ match, log, at }) => {
    const before = log.messages.find(({ text, after }) => after === (at ?? -2) + 1 && /^Global function/.test(text));
    if (before !== undefined)
      return `A function that is not static is looked at once, apart from its callers, and must be of a kind for which that is possible. The kernel says what is not: ${before.text}`;
    return `A function that is not static is looked at once, for all that its declaration allows. What is passed to ${match[2] === undefined ? "this one" : `${match[2]}()`} here does not fit: memory that is shorter than the type, a pointer that may be NULL where that was excluded, something else than the context.`;
  },
  advice:
    "Make the function static, so that it is looked at with each call; or test the pointer and the length before the call.",
  rules: ["global-function-argument", "global-function-signature"],
  examples: [
    { text: "Caller passes invalid args into func#5 ('mock_fib_lookup')", from: "6.8 to 7.2" },
    { text: "Caller passes invalid args into func#1", from: "5.6 to 6.6" },
  ],
};
