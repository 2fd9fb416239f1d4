/** What each program of an object cost the verifier line by line: of all programs together `verifyObject` tells. */

import { type Costs, costsOf } from "../analysis/verifier/costs.ts";
import type { Tried } from "./agent/tried.ts";
import { openOnDisk } from "./object.ts";

/** By the programs' names; without those whose visits nobody has counted. */
export type ProgramCosts = Readonly<Record<string, Costs>>;

export async function programCosts(object: string, tried: readonly Tried[]): Promise<ProgramCosts> {
  const open = await openOnDisk(object);
  const counted = tried.filter(({ visits }) => visits !== undefined);
  return Object.fromEntries(counted.map((one) => [one.program, costsOf(open, [one])]));
}
