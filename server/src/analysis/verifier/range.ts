/** What a number may be, read from a register's state in any version's words: `scalar(umax=63,…)`, `inv(id=0,umax_value=63,…)`, `7`. */

export interface NumberRange {
  readonly min: bigint;
  readonly max: bigint;
  /** "from 0 to 63", "7" */
  readonly words: string;
}

/** Undefined where it is no number, or one of which nothing is known. */
export function rangeOf(state: string): NumberRange | undefined {
  const constant = /^(?:inv|P|imm)?(-?\d+|0x[0-9a-f]+)$/.exec(state.trim())?.[1];
  if (constant !== undefined) return range(BigInt(constant), BigInt(constant));
  if (!/^(?:inv|scalar|P?scalar)/.test(state)) return undefined;
  const bounds = boundsIn(state);
  const { smin, smax, umin, umax } = bounds;
  const mask = maskIn(state);
  if (umax !== undefined || mask !== undefined) {
    const max = umax ?? mask ?? 0n;
    return max > LARGEST ? signed(smin, smax) : range(umin ?? 0n, max);
  }
  if (smin !== undefined && smin >= 0n && smax !== undefined) return range(smin, smax);
  return signed(smin, smax);
}

/** Above this an unsigned bound says less than a signed one. */
const LARGEST = 0x7fff_ffff_ffff_ffffn;

function signed(min: bigint | undefined, max: bigint | undefined): NumberRange | undefined {
  return min === undefined || max === undefined ? undefined : range(min, max);
}

function range(min: bigint, max: bigint): NumberRange {
  return { min, max, words: min === max ? `${min}` : `from ${min} to ${max}` };
}

/** `smin=smin32=0,umax=umax32=7`, `umax_value=7` */
function boundsIn(state: string): Readonly<Partial<Record<string, bigint>>> {
  const found: Record<string, bigint> = {};
  for (const [, names = "", value = ""] of state.matchAll(/((?:[a-z]\w*=)+)(-?(?:0x[0-9a-f]+|\d+))/g))
    for (const name of names.split("=").slice(0, -1))
      found[name.replace(/_value$/, "")] = value.startsWith("-") ? -BigInt(value.slice(1)) : BigInt(value);
  return found;
}

/** `var_off=(0x0; 0x3f)`: the bits that are known and those that may be set. */
function maskIn(state: string): bigint | undefined {
  const found = /var_off=\((0x[0-9a-f]+); (0x[0-9a-f]+)\)/.exec(state);
  return found === null ? undefined : BigInt(found[1] ?? 0) | BigInt(found[2] ?? 0);
}
