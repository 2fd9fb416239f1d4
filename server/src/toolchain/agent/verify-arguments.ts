/** What the agent is told to verify, the same wherever it runs. */

import type { VerifyWish } from "./kernel-answer.ts";

/**
 * @param object its path where the agent runs
 * @param targetObject that of the wish's target there
 */
export function verifyArguments(object: string, wish: VerifyWish, targetObject: string): readonly string[] {
  const { programs, visits, attach, target } = wish;
  return [
    "verify",
    ...programs.flatMap((name) => ["--program", name]),
    ...(visits ? ["--visits"] : []),
    ...(attach ? ["--attach"] : []),
    ...(target === undefined ? [] : ["--target", targetObject]),
    ...(target?.program === undefined ? [] : ["--target-program", target.program]),
    "--",
    object,
  ];
}
