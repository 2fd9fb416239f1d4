/** What an instruction does, from its text in a log: which register or slot it writes, and from what. */

export type Operation =
  | { readonly kind: "move"; readonly to: string; readonly from: string; readonly cast: string | undefined }
  | { readonly kind: "constant"; readonly to: string; readonly value: bigint | undefined }
  | { readonly kind: "load"; readonly to: string; readonly memory: Memory }
  /** Of a constant there is no register. */
  | { readonly kind: "store"; readonly memory: Memory; readonly from: string | undefined }
  | {
      readonly kind: "arithmetic";
      readonly to: string;
      readonly operator: string;
      readonly from: string | undefined;
      readonly value: bigint | undefined;
    }
  | { readonly kind: "call"; readonly what: "helper" | "kfunc" | "subprogram"; readonly name: string }
  | Jump
  | { readonly kind: "goto"; readonly by: number }
  | { readonly kind: "exit" }
  | { readonly kind: "other"; readonly to: string | undefined };

export interface Jump {
  readonly kind: "jump";
  readonly left: string;
  readonly operator: string;
  readonly right: string | bigint;
  readonly by: number;
}

/** `*(u64 *)(r10 -8)` */
export interface Memory {
  readonly base: string;
  readonly offset: number;
  readonly bytes: number;
}

const MEMORY = String.raw`\*?\(([us])(8|16|32|64) \*\)\(r(\d+) ([+-]\d+)\)`;
const LOAD = new RegExp(`^([rw]\\d+) = ${MEMORY}$`);
const STORE = new RegExp(`^${MEMORY} = (?:([rw]\\d+)|(-?\\w+))$`);
const FETCH = new RegExp(`^([rw]\\d+) = \\w+\\(${MEMORY}`);
const RELEASE = new RegExp(`^store_release\\(${MEMORY}, ([rw]\\d+)\\)$`);
const MOVE = /^([rw]\d+) = (?:\((\w+)\) ?)?([rw]\d+)$/;
const CONSTANT = /^([rw]\d+) = (-?(?:0x[0-9a-f]+|\d+))(?: ll)?$/;
const UNARY = /^([rw]\d+) = (-|[a-z]+\d*) ?([rw]\d+)$/;
const ARITHMETIC = /^([rw]\d+) (s?(?:<<|>>|[-+*/%&|^])=|s[<>]+=) (?:([rw]\d+)|(-?\w+))$/;
const CALL = /^call (?:(pc[+-]\d+)|([\w.]+)(?:#(-?\d+))?)/;
const JUMP = /^if ([rw]\d+) (\S+) (?:([rw]\d+)|(-?\w+)) goto pc([+-]\d+)/;
const GOTO = /^gotol? pc([+-]\d+)/;
const MAY_GOTO = /^may_goto pc([+-]\d+)/;
const WRITES = /^([rw]\d+) =/;

const CODE = /^\(([0-9a-f]{2})\) ?/;

/** @param text of a step, `(85) call bpf_map_lookup_elem#1` */
export function operationOf(text: string): Operation {
  const words = text.replace(CODE, "").trim();
  if (words === "exit") return { kind: "exit" };
  return (
    movement(words) ?? memoryAccess(words) ?? control(words) ?? { kind: "other", to: whole(WRITES.exec(words)?.[1]) }
  );
}

function movement(words: string): Operation | undefined {
  const move = MOVE.exec(words);
  if (move !== null) {
    const [, to = "", cast, from] = move;
    // Of w registers only the lower 32 bits are taken over.
    return {
      kind: "move",
      to: register(to),
      from: register(from),
      cast: cast ?? (to.startsWith("w") ? "u32" : undefined),
    };
  }
  const constant = CONSTANT.exec(words);
  if (constant !== null) return { kind: "constant", to: register(constant[1]), value: numberOf(constant[2]) };
  const unary = UNARY.exec(words);
  if (unary !== null && unary[1]?.slice(1) === unary[3]?.slice(1))
    return {
      kind: "arithmetic",
      to: register(unary[1]),
      operator: unary[2] ?? "",
      from: undefined,
      value: undefined,
    };
  const arithmetic = ARITHMETIC.exec(words);
  if (arithmetic === null) return undefined;
  const [, to, operator = "", from, value] = arithmetic;
  return { kind: "arithmetic", to: register(to), operator, from: whole(from), value: numberOf(value) };
}

function memoryAccess(words: string): Operation | undefined {
  const load = LOAD.exec(words) ?? FETCH.exec(words);
  if (load !== null) return { kind: "load", to: register(load[1]), memory: memoryOf(load.slice(3)) };
  const store = STORE.exec(words) ?? RELEASE.exec(words);
  if (store !== null) return { kind: "store", memory: memoryOf(store.slice(2)), from: whole(store[5]) };
  return undefined;
}

function control(words: string): Operation | undefined {
  const call = CALL.exec(words);
  if (call !== null) {
    const [, near, name, number] = call;
    if (near !== undefined) return { kind: "call", what: "subprogram", name: near };
    // Of a kernel function the number is an id in BTF, and those begin far above any helper's.
    return { kind: "call", what: Number(number) < FIRST_ID ? "helper" : "kfunc", name: name ?? "" };
  }
  const jump = JUMP.exec(words);
  if (jump !== null) {
    const [, left, operator = "", right, value, by] = jump;
    return {
      kind: "jump",
      left: register(left),
      operator,
      right: right === undefined ? (numberOf(value) ?? 0n) : register(right),
      by: Number(by),
    };
  }
  const by = GOTO.exec(words)?.[1];
  if (by !== undefined) return { kind: "goto", by: Number(by) };
  const maybe = MAY_GOTO.exec(words)?.[1];
  return maybe === undefined ? undefined : { kind: "jump", left: "", operator: "", right: 0n, by: Number(maybe) };
}

const FIRST_ID = 1000;

const memoryOf = ([bits, base, offset]: readonly string[]): Memory => ({
  base: `R${base}`,
  offset: Number(offset),
  bytes: Number(bits) / 8,
});

const register = (name = ""): string => `R${name.slice(1)}`;
const whole = (name: string | undefined): string | undefined => (name === undefined ? undefined : register(name));

function numberOf(text: string | undefined): bigint | undefined {
  if (text === undefined || !/^-?(?:0x[0-9a-f]+|\d+)$/.test(text)) return undefined;
  return text.startsWith("-") ? -BigInt(text.slice(1)) : BigInt(text);
}
