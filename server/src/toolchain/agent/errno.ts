/** What the kernel's error numbers are called and mean. */

import { getSystemErrorMap } from "node:util";

/** The kernel's own, which no C library has a name for. */
export const NOT_SUPPORTED = 524;

/** Node has none for the first, and calls the second by its other name, which on Linux is the same number. */
const OWN: Readonly<Record<number, readonly [name: string, meaning: string]>> = {
  [NOT_SUPPORTED]: ["ENOTSUPP", "not supported"],
  95: ["EOPNOTSUPP", "operation not supported"],
};

/** `no such file or directory (ENOENT)` */
export function errnoText(error: number): string {
  const found = OWN[error] ?? getSystemErrorMap().get(-error);
  return found === undefined ? `error ${error}` : `${found[1]} (${found[0]})`;
}

/** `ENOENT` */
export function errnoName(error: number): string {
  return (OWN[error] ?? getSystemErrorMap().get(-error))?.[0] ?? `error ${error}`;
}
