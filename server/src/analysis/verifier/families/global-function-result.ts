/** Family: a global function whose result is no number. */

import type { Family } from "../family.ts";

export const globalFunctionResult: Family = {
  id: "global-function-result",
  title: "Global function must return a number",
  class: "source",
  by: "verifier",
  said: [
    /^Global function (\w+)\(\) (?:doesn't return scalar|return value not void or scalar)\. Only those are supported/,
  ],
  meaning: ({ match }) =>
    `${match[1]}() is not static, so that it is looked at once, apart from its callers: its result must be a number (from 7.1 on it may also be void), because what a pointer points to would be unknown to them.`,
  advice:
    "Make the function static; or return a number, an index for example, and pass the place for the result as an argument.",
  rules: ["global-function-on-old-kernel", "global-function-signature"],
  examples: [
    { text: "Global function name_of() doesn't return scalar. Only those are supported.", from: "5.6 to 7.0" },
    {
      text: "Global function name_of() return value not void or scalar. Only those are supported.",
      from: "7.1 and 7.2",
    },
  ],
};
