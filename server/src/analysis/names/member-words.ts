/** Which arguments of a macro name members of structures, and so nothing that has a place of its own. */

import { remembered, rememberedOf } from "../remember.ts";
import { Cursor } from "../syntax/cursor.ts";
import type { Define } from "../syntax/macros.ts";
import { IDENTIFIER, tokenize } from "../syntax/tokens.ts";
import type { Lookup } from "../syntax/types.ts";

/** The arguments from `first` on, up to `last` where that is given. */
export interface MemberArguments {
  readonly first: number;
  readonly last: number;
}

const REST = Number.POSITIVE_INFINITY;

/** Macros of libbpf's and the kernel's headers, which are not followed. */
const KNOWN: readonly (readonly [RegExp, MemberArguments])[] = [
  [/^__(?:uint|ulong|type|array)$/, { first: 0, last: 0 }],
  [/^bpf_for_each$/, { first: 0, last: 0 }],
  [/^BPF_(?:CORE|PROBE)_READ(?:_USER)?(?:_STR)?_INTO$/, { first: 2, last: REST }],
  [/^BPF_(?:CORE|PROBE)_READ(?:_USER)?$/, { first: 1, last: REST }],
  [/^BPF_CORE_(?:READ|WRITE)_BITFIELD(?:_PROBED)?$/, { first: 1, last: 1 }],
  [/^bpf_core_field_(?:exists|size|offset)$/, { first: 1, last: 1 }],
  [/^(?:__builtin_)?offsetof$|^(?:offsetofend|sizeof_field|FIELD_SIZEOF)$/, { first: 1, last: 1 }],
  [/^container_of$|^(?:h?list|rb)_entry$|^list_for_each_entry\w*$/, { first: 2, last: 2 }],
  [/^__contains$/, { first: 0, last: 1 }],
];

const knownArguments = remembered((name) => KNOWN.find(([pattern]) => pattern.test(name))?.[1]);

export function memberArguments(name: string, defines: Lookup<Define>): MemberArguments | undefined {
  const known = knownArguments(name);
  if (known !== undefined) return known;
  const define = defines.get(name);
  return define?.params === undefined ? undefined : ofDefine(define)(defines);
}

/** A macro that hands its parameters on to others. The chain is short, and may be a circle. */
const ofDefine = rememberedOf((define: Define) => {
  let answer: { readonly value: MemberArguments | undefined } | undefined;
  return (defines: Lookup<Define>): MemberArguments | undefined => {
    if (answer === undefined) {
      answer = { value: undefined };
      answer = { value: readDefine(define, defines) };
    }
    return answer.value;
  };
});

function readDefine({ params = [], body }: Define, defines: Lookup<Define>): MemberArguments | undefined {
  const cursor = new Cursor(body, tokenize(body));
  const used = new Map<string, { member: boolean; other: boolean }>();
  const inMember = memberPlaces(cursor, defines);
  for (let i = 0; i < cursor.count; i++) {
    if (cursor.kind(i) !== IDENTIFIER) continue;
    const name = cursor.text(i);
    const use = used.get(name) ?? { member: false, other: false };
    if (isMember(cursor, i) || inMember.has(i)) use.member = true;
    else use.other = true;
    used.set(name, use);
  }
  const isOfMember = params.map((param) => {
    const use = used.get(param.endsWith("...") ? param.slice(0, -3) || "__VA_ARGS__" : param);
    return use?.member === true && !use.other;
  });
  const first = isOfMember.indexOf(true);
  if (first === -1) return undefined;
  const end = isOfMember.indexOf(false, first);
  const isVariadic = params.at(-1)?.endsWith("...") === true;
  return { first, last: end !== -1 ? end - 1 : isVariadic ? REST : isOfMember.length - 1 };
}

function memberPlaces(cursor: Cursor, defines: Lookup<Define>): ReadonlySet<number> {
  const places = new Set<number>();
  for (let i = 0; i < cursor.count; i++) {
    if (cursor.kind(i) !== IDENTIFIER || !cursor.is(i + 1, "(") || !cursor.isClosed(i + 1)) continue;
    const members = memberArguments(cursor.text(i), defines);
    if (members === undefined) continue;
    const close = cursor.closing(i + 1);
    const bounds = [i + 1, ...cursor.commas(i + 1, close), close];
    for (let n = members.first; n <= members.last && n + 1 < bounds.length; n++) {
      for (let k = (bounds[n] ?? close) + 1; k < (bounds[n + 1] ?? close); k++) places.add(k);
    }
  }
  return places;
}

/** `x.name`, `x->name`, `{ .name = … }`; `a ... name` is none. */
export function isMember(cursor: Cursor, i: number): boolean {
  if (cursor.is(i - 1, ".")) return !cursor.is(i - 2, ".");
  return cursor.is(i - 1, ">") && cursor.is(i - 2, "-");
}
