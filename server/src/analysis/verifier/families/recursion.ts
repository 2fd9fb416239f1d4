/** Family: a function that leads back to itself. */

import type { Family } from "../family.ts";

export const recursion: Family = {
  id: "recursion",
  title: "Function calls itself",
  class: "source",
  by: "verifier",
  said: [/^recursive call from (\w+)\(\) to (\w+)\(\)/],
  meaning: ({ match }) =>
    match[1] === match[2]
      ? `${match[1]}() calls itself. The verifier must know how much stack is needed at most.`
      : `${match[1]}() calls ${match[2]}(), which leads back to it. The verifier must know how much stack is needed at most.`,
  advice: "Write a loop with a bound, and keep what the calls would remember in an array.",
  rules: ["calls-too-deep"],
  examples: [{ text: "recursive call from walk() to walk()", from: "7.1 and 7.2" }],
};
