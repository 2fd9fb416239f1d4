/** Whether a name in a log or in an object means a file that is here: objects are often built elsewhere. */

/**
 * Whether the names may be of one file: the last parts agree, and none contradicts. A whole path that begins elsewhere is of
 * another machine, so there two parts must agree, or all that one of the two has.
 */
export function sameFile(logged: string, real: string): boolean {
  const common = commonTail(logged, real);
  if (common === 0) return false;
  return common >= 2 || common === Math.min(partsOf(logged).length, partsOf(real).length);
}

/**
 * How many of the last parts two names have in common; 0 where not even the file's own name is the same.
 * `/build/src/x.bpf.c` and `/home/me/src/x.bpf.c` have two.
 */
function commonTail(logged: string, real: string): number {
  const [a, b] = [partsOf(logged), partsOf(real)];
  let common = 0;
  while (common < a.length && common < b.length && a.at(-1 - common) === b.at(-1 - common)) common++;
  return common;
}

function partsOf(path: string): readonly string[] {
  const parts: string[] = [];
  for (const part of path.replaceAll("\\", "/").split("/"))
    if (part === ".." && parts.length > 0) parts.pop();
    else if (part !== "" && part !== "." && part !== "..") parts.push(part);
  return parts;
}
