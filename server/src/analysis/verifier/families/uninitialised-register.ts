/** A value that nothing has set. */

import type { Family, Found } from "../family.ts";
import { calledBy } from "../registers.ts";
import { historyOf } from "../story/history.ts";

export const uninitialisedRegister: Family = {
  id: "uninitialised-register",
  title: "Value was never set",
  class: "source",
  by: "verifier",
  said: [/^(R(\d+)) !read_ok/],
  meaning: (found) => WORDS[caseOf(found)].meaning(found),
  advice: (found) => WORDS[caseOf(found)].advice,
  rules: ["missing-return", "second-parameter", "uninitialised-variable", "wrong-argument-count"],
  examples: [
    { text: "R2 !read_ok", from: "4.18 to 7.2" },
    { text: "R0 !read_ok", from: "4.18 to 7.2" },
  ],
};

type Case = "return" | "argument" | "clobbered" | "unset";

function caseOf(found: Found): Case {
  const { log, at, match } = found;
  const [, register = "", number] = match;
  const text = at === undefined ? "" : (log.steps[at]?.text ?? "");
  if (number === "0" && /^\(95\) exit/.test(text)) return "return";
  if (/^\(85\) call/.test(text)) return "argument";
  if (at === undefined) return "unset";
  return historyOf(log, at, register).events[0]?.kind === "clobbered" ? "clobbered" : "unset";
}

const WORDS: Readonly<Record<Case, { readonly meaning: (found: Found) => string; readonly advice: string }>> = {
  return: {
    meaning: () => "The function ends on this path without a value to return: nothing has set R0.",
    advice: "Return a value on every path. clang says so at once with -Wreturn-type.",
  },
  argument: {
    meaning: (found) => {
      const callee = calledBy(found);
      const whom = callee === undefined ? "the function that is called" : `${callee}()`;
      return `Argument ${found.match[2]} for ${whom} was not set on this path: it has more parameters than the call gives it, or the variable was not initialised.`;
    },
    advice:
      "Give the call all its arguments, and every variable among them a value on every path. A declaration of your own must have the parameters of the real one.",
  },
  clobbered: {
    meaning: (found) =>
      `${found.match[1]} is read after a call: a call leaves nothing in R1 to R5. Compilers know that, so this comes from assembly, or from a function whose declaration is not what it is.`,
    advice:
      "Keep what is needed after a call in R6 to R9 or on the stack; in asm volatile, name the registers that a call changes.",
  },
  unset: {
    meaning: (found) =>
      `The program uses a value (in ${found.match[1]}) that nothing has set on this path, such as a variable without an initial value.`,
    advice:
      "Give the variable a value where it is declared: int x = 0. clang says which with -Wuninitialized and -Wsometimes-uninitialized.",
  },
};
