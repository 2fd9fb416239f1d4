/** Asks several kernels about the same object, two at a time: each guest takes a processor and half a gigabyte. */

import type { KernelColumn } from "../analysis/verifier/kernel-table.ts";
import type { AskableKernel, VerifyWish } from "./agent/kernel-answer.ts";
import type { Work } from "./choices.ts";
import { ToolProblem } from "./problem.ts";
import { type Verified, verifyObject } from "./verify.ts";

/** What one kernel said, or why it could not be asked. */
export type KernelSaid =
  | { readonly kernel: string; readonly verified: Verified }
  | { readonly kernel: string; readonly problem: ToolProblem };

const AT_ONCE = 2;

/** In the order of the kernels; one that cannot be asked does not stop the others. */
export async function verifyOn(
  object: string,
  kernels: readonly AskableKernel[],
  wish: VerifyWish,
  work: Work,
): Promise<readonly KernelSaid[]> {
  const said: KernelSaid[] = [];
  let next = 0;
  const askOn = async (): Promise<void> => {
    for (let n = next++; n < kernels.length; n = next++) {
      const kernel = kernels[n] as AskableKernel;
      said[n] = await askOne(object, kernel, wish, work);
    }
  };
  const all = await Promise.allSettled(Array.from({ length: AT_ONCE }, askOn));
  // Only when nobody works any more: whoever ends the guests next must find all of them.
  for (const one of all) if (one.status === "rejected") throw one.reason;
  return said;
}

/** As the table takes it. */
export function columnOf(said: KernelSaid): KernelColumn {
  if ("problem" in said)
    return { kernel: said.kernel, release: undefined, programs: [], answers: [], problem: said.problem.message };
  return said.verified;
}

async function askOne(object: string, kernel: AskableKernel, wish: VerifyWish, work: Work): Promise<KernelSaid> {
  try {
    return { kernel: kernel.name, verified: await verifyObject(object, kernel, wish, work) };
  } catch (error) {
    if (error instanceof ToolProblem) return { kernel: kernel.name, problem: error };
    throw error;
  }
}
