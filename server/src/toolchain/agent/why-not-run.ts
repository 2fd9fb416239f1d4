/** Why a program was not run, in words. */

import { errnoName, NOT_SUPPORTED } from "./errno.ts";
import type { Ran } from "./run-program.ts";

const [EFAULT, EINVAL] = [14, 22];
const TRACING = 26;
const NEEDS_CONTEXT: ReadonlySet<number> = new Set([17, 24, 30, 31]);

/** A sentence without its point; undefined where it ran. */
export function whyNotRun({ program, type, error, why }: Ran): string | undefined {
  if (error === 0) return undefined;
  return `${program} was not run: ${why !== "" ? why : `${reasonOf(type, error)} (${errnoName(error)})`}`;
}

function reasonOf(type: number, error: number): string {
  if (error === NOT_SUPPORTED) return "this kernel cannot run programs of this type by themselves; attach it instead";
  if (error === EFAULT && type === TRACING)
    return "this kernel cannot run tracing programs of this kind by themselves; attach it instead";
  if (error === EINVAL && NEEDS_CONTEXT.has(type))
    return "the kernel does not take this input; it wants a context as large as the program reads, and no packet";
  if (error === EINVAL)
    return "the kernel does not take this input; a packet has at least the 14 bytes of an Ethernet header";
  return "the kernel did not do it";
}
