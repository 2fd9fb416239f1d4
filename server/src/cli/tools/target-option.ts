/** `--target FILE[:PROGRAM]`: what freplace programs replace a function of. */

import { existsSync } from "node:fs";
import { resolve } from "node:path";
import type { VerifyTarget } from "../../toolchain/agent/kernel-answer.ts";
import type { Work } from "../../toolchain/choices.ts";
import { openOnDisk } from "../../toolchain/object.ts";
import { objectOf } from "./object-of.ts";
import type { Values } from "./tool-command.ts";

/** @returns undefined where the option is not given; that its source does not compile has been told */
export async function targetByOption({ target }: Values, work: Work): Promise<VerifyTarget | "not built" | undefined> {
  if (target === undefined) return undefined;
  const { file, program } = partsOf(String(target));
  const object = await objectOf(resolve(file), work);
  if (object === undefined) return "not built";
  // That it is none is said once, and of it.
  await openOnDisk(object);
  return { object, ...(program === undefined ? {} : { program }) };
}

/** A path may have colons. */
function partsOf(target: string): { readonly file: string; readonly program?: string } {
  const [, file = target, program] = /^(.+):(\w+)$/s.exec(target) ?? [];
  return existsSync(target) || program === undefined ? { file: target } : { file, program };
}
