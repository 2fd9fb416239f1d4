/** What is said of a size that the C tests, and the compiler does not pass as it tested it. */

import type { Found } from "./family.ts";
import { named } from "./registers.ts";
import type { TestedHalf } from "./tested-half.ts";

export function halfMeaning(found: Found, register: string, { at, least, most }: TestedHalf): string {
  const line = found.placeOf(at)?.line;
  const where = line === undefined ? "" : ` in line ${line}`;
  return `${named(found, register)} is a size, and the C does test it${where}: there it is between ${least} and ${most}. But it is a variable of 32 bits, and the compiler tested its lower half, or a copy of that, and passes all 64 bits as they were before; of these the verifier does not know what was tested.`;
}

export const HALF_ADVICE =
  "Make the variable 64 bits wide (__u64 len), so that what is tested is what is passed; or mask it in the call itself: len & 0xff.";
