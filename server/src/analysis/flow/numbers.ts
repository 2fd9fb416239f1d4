/** Arithmetic on bounds: what is surely so of a sum when it is so of its parts. */

export interface Interval {
  readonly low: number;
  readonly high: number;
}

/** A number of a C type, by its bytes. */
export interface NumberType {
  readonly width: number | undefined;
  readonly isSigned: boolean | undefined;
}

export const ANYTHING: Interval = { low: Number.NEGATIVE_INFINITY, high: Number.POSITIVE_INFINITY };

/** What a type can hold. Where it is larger than what a double can count it has no bounds. */
export function rangeOf({ width, isSigned }: NumberType): Interval {
  if (width === undefined || isSigned === undefined) return ANYTHING;
  if (width >= 8) return isSigned ? ANYTHING : { low: 0, high: Number.POSITIVE_INFINITY };
  const bits = width * 8;
  return isSigned ? { low: -(2 ** (bits - 1)), high: 2 ** (bits - 1) - 1 } : { low: 0, high: 2 ** bits - 1 };
}

/** What becomes of a number that is made to fit a type: what does not fit wraps around. */
export function fitted(interval: Interval, type: NumberType): Interval {
  const range = rangeOf(type);
  return interval.low >= range.low && interval.high <= range.high ? interval : range;
}

/** As C's usual conversions have it; unknown where a part is. */
export function commonType(a: NumberType, b: NumberType): NumberType {
  const left = promoted(a);
  const right = promoted(b);
  if (left.width === undefined || right.width === undefined) return { width: undefined, isSigned: undefined };
  const width = Math.max(left.width, right.width);
  if (left.isSigned === undefined || right.isSigned === undefined) return { width, isSigned: undefined };
  const isUnsigned = (left.width === width && !left.isSigned) || (right.width === width && !right.isSigned);
  return { width, isSigned: !isUnsigned };
}

export function promoted({ width, isSigned }: NumberType): NumberType {
  return width !== undefined && width < 4 ? { width: 4, isSigned: true } : { width, isSigned };
}

/** Larger numbers a double does not count one by one. */
const EXACT = 2 ** 53;
/** Sums and products beyond it may not fit 64 bits: they wrap around, and may be anything. */
const WRAPS = 2 ** 62;

export function arithmetic(operator: string, a: Interval, b: Interval, type: NumberType): Interval {
  const found = compute(operator, a, b, type);
  if (found === undefined || Number.isNaN(found.low) || Number.isNaN(found.high)) return rangeOf(type);
  const low = found.low < -EXACT ? Number.NEGATIVE_INFINITY : found.low;
  const high = found.high > EXACT ? Number.POSITIVE_INFINITY : found.high;
  // What may be below zero and may have no sign is anything.
  if (type.isSigned === undefined && low < 0 && low !== high) return ANYTHING;
  return fitted({ low, high }, type);
}

function compute(operator: string, a: Interval, b: Interval, type: NumberType): Interval | undefined {
  switch (operator) {
    case "+":
      return sum(a, b);
    case "-":
      return sum(a, { low: -b.high, high: -b.low });
    case "*":
      return products(a, b);
    case "/":
      return b.low > 0 && a.low >= 0
        ? { low: Math.floor(a.low / b.high), high: Math.floor(a.high / b.low) }
        : undefined;
    case "%":
      return b.low > 0 && a.low >= 0
        ? { low: a.high < b.low ? a.low : 0, high: Math.min(a.high, b.high - 1) }
        : undefined;
    case "&":
      return masked(a, b);
    case "|":
    case "^":
      return both(operator, a, b);
    case "<<":
      return b.low === b.high && b.low >= 0 && b.low < 53
        ? products(a, { low: 2 ** b.low, high: 2 ** b.low })
        : undefined;
    case ">>":
      return b.low === b.high && b.low >= 0 && b.low < 64 && (a.low >= 0 || type.isSigned === true)
        ? { low: Math.floor(a.low / 2 ** b.low), high: Math.floor(a.high / 2 ** b.low) }
        : undefined;
    default:
      return undefined;
  }
}

/** Undefined where it may wrap around: an end that is not known may be as far out as 64 bits go. */
function sum(a: Interval, b: Interval): Interval | undefined {
  const isOpenAbove =
    a.high === Number.POSITIVE_INFINITY ? b.high > 0 : b.high === Number.POSITIVE_INFINITY && a.high > 0;
  const isOpenBelow = a.low === Number.NEGATIVE_INFINITY ? b.low < 0 : b.low === Number.NEGATIVE_INFINITY && a.low < 0;
  return isOpenAbove || isOpenBelow ? undefined : { low: a.low + b.low, high: a.high + b.high };
}

function products(a: Interval, b: Interval): Interval | undefined {
  if (b.low === 1 && b.high === 1) return a;
  const all = [a.low * b.low, a.low * b.high, a.high * b.low, a.high * b.high].map((n) => (Number.isNaN(n) ? 0 : n));
  const [low, high] = [Math.min(...all), Math.max(...all)];
  return low < -WRAPS || high > WRAPS ? undefined : { low, high };
}

/** A number that is not negative keeps what it masks below itself. */
function masked(a: Interval, b: Interval): Interval | undefined {
  if (a.low === a.high && b.low === b.high && small(a) && small(b))
    return exactly(Number(BigInt(a.low) & BigInt(b.low)));
  const high = Math.min(a.low >= 0 ? a.high : Number.POSITIVE_INFINITY, b.low >= 0 ? b.high : Number.POSITIVE_INFINITY);
  return a.low >= 0 || b.low >= 0 ? { low: 0, high } : undefined;
}

function both(operator: string, a: Interval, b: Interval): Interval | undefined {
  if (a.low === a.high && b.low === b.high && small(a) && small(b)) {
    const [x, y] = [BigInt(a.low), BigInt(b.low)];
    return exactly(Number(operator === "|" ? x | y : x ^ y));
  }
  if (a.low < 0 || b.low < 0) return undefined;
  const top = Math.max(a.high, b.high);
  if (top === Number.POSITIVE_INFINITY) return { low: 0, high: top };
  let bits = 1;
  while (bits <= top) bits *= 2;
  return { low: operator === "|" ? Math.max(a.low, b.low) : 0, high: bits - 1 };
}

const small = ({ low }: Interval): boolean => Number.isSafeInteger(low);
const exactly = (n: number): Interval => ({ low: n, high: n });
