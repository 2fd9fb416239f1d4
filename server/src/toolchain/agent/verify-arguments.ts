/** What the agent is told to verify, the same wherever it runs. */

import type { VerifyWish } from "./kernel-answer.ts";

export function verifyArguments(object: string, { programs, visits }: VerifyWish): readonly string[] {
  return ["verify", ...programs.flatMap((name) => ["--program", name]), ...(visits ? ["--visits"] : []), "--", object];
}
