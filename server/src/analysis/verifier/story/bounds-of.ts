/** What a log says that a register may hold, in any spelling since 4.18. */

export interface Bounds {
  /** `scalar`, `pkt`, `map_value_or_null` */
  readonly type: string;
  readonly umin: bigint;
  readonly umax: bigint;
  readonly smin: bigint;
  readonly smax: bigint;
  /** Which bits are known, and which may be anything. */
  readonly bits: { readonly value: bigint; readonly unknown: bigint } | undefined;
  /** The name of the map that it points into, where that is printed. */
  readonly map: string | undefined;
  /** Everything in the brackets as it was printed: `off` → `14`, `r` → `0`. */
  readonly fields: ReadonlyMap<string, string>;
}

const S64_MIN = -(1n << 63n);
const S64_MAX = (1n << 63n) - 1n;
const U64_MAX = (1n << 64n) - 1n;

/** @param state `scalar(umax=255,var_off=(0x0; 0xff))`, `40`, `inv(id=0)`, `fp-8`; undefined where nothing is said */
export function boundsOf(state: string | undefined): Bounds | undefined {
  const shown = state?.replace(/^P(?=-?\d|0x|\w+\()/, "");
  if (shown === undefined || shown === "") return undefined;
  const known = /^(?:inv)?P?(-?(?:0x[0-9a-f]+|\d+))$/i.exec(shown)?.[1];
  if (known !== undefined) return constant(known);
  const [, type = shown, inner = ""] = /^([\w&|-]*)\((.*?)\)?$/s.exec(shown) ?? [];
  const fields = fieldsOf(inner);
  return {
    type: type === "inv" ? "scalar" : type,
    ...rangeOf(fields),
    bits: bitsOf(fields),
    map: mapOf(fields),
    fields,
  };
}

function constant(text: string): Bounds {
  const value = bigOf(text) ?? 0n;
  return {
    type: "scalar",
    umin: BigInt.asUintN(64, value),
    umax: BigInt.asUintN(64, value),
    smin: BigInt.asIntN(64, value),
    smax: BigInt.asIntN(64, value),
    bits: { value: BigInt.asUintN(64, value), unknown: 0n },
    map: undefined,
    fields: new Map(),
  };
}

/** `smax=umax=255,var_off=(0x0; 0xff)`: several names may have one value. */
function fieldsOf(inner: string): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  for (const part of inner.split(/,(?![^(]*\))/)) {
    const names = part.split("=");
    const value = names.pop();
    for (const name of names) if (value !== undefined) found.set(name.trim().replace(/_value$/, ""), value.trim());
  }
  return found;
}

/** What is not printed is as wide as it can be, or follows from the rest. */
function rangeOf(fields: ReadonlyMap<string, string>): Pick<Bounds, "umin" | "umax" | "smin" | "smax"> {
  const number = (name: string): bigint | undefined => bigOf(fields.get(name));
  const signed = (name: string): bigint | undefined => {
    const found = number(name);
    return found === undefined ? undefined : BigInt.asIntN(64, found);
  };
  const umin = number("umin") ?? 0n;
  const umax = number("umax") ?? U64_MAX;
  const smin = signed("smin") ?? S64_MIN;
  const smax = signed("smax") ?? S64_MAX;
  if (umax <= S64_MAX) return { umin, umax, smin: larger(smin, umin), smax: smaller(smax, umax) };
  if (smin >= 0n) return { umin: larger(umin, smin), umax: smaller(umax, smax), smin, smax };
  return { umin, umax, smin, smax };
}

function bitsOf(fields: ReadonlyMap<string, string>): Bounds["bits"] {
  const [, value, unknown] = /^\((0x[0-9a-f]+); (0x[0-9a-f]+)/.exec(fields.get("var_off") ?? "") ?? [];
  return value === undefined || unknown === undefined ? undefined : { value: BigInt(value), unknown: BigInt(unknown) };
}

const mapOf = (fields: ReadonlyMap<string, string>): string | undefined => fields.get("map");

const larger = (a: bigint, b: bigint): bigint => (a > b ? a : b);
const smaller = (a: bigint, b: bigint): bigint => (a < b ? a : b);

function bigOf(text: string | undefined): bigint | undefined {
  if (text === undefined || !/^-?(?:0x[0-9a-f]+|\d+)$/i.test(text)) return undefined;
  return text.startsWith("-") ? -BigInt(text.slice(1)) : BigInt(text);
}

/** "between 0 and 60", "at most 15, and may be negative"; undefined where nothing is known. */
export function rangeText({ smin, smax, umin, umax }: Bounds): string | undefined {
  if (smin === smax) return `${smin}`;
  if (smin >= 0n && smax < S64_MAX) return `between ${shown(smin)} and ${shown(smax)}`;
  if (smin > S64_MIN && smax < S64_MAX) return `between ${shown(smin)} and ${shown(smax)}`;
  if (smax < S64_MAX) return `at most ${shown(smax)}, and may be negative`;
  if (smin > S64_MIN) return `at least ${shown(smin)}`;
  if (umax < U64_MAX) return `between ${shown(umin)} and ${shown(umax)} without a sign`;
  return umin > 0n ? `at least ${shown(umin)} without a sign` : undefined;
}

/** Large ones are read more easily by their bits. */
function shown(value: bigint): string {
  const size = value < 0n ? -value : value;
  return size <= 1n << 32n ? `${value}` : `${value < 0n ? "-" : ""}0x${size.toString(16)}`;
}
