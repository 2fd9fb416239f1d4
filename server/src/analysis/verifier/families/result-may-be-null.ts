/** A pointer that may be NULL, used before it was tested. */

import type { Family, Found } from "../family.ts";
import { kindInWords, mayBeNull } from "../kinds.ts";
import { assignedIn, calledBy, named, resultOf } from "../registers.ts";
import { assignmentOf } from "../story/chapters.ts";
import { historyOf } from "../story/history.ts";
import { valueCameFrom } from "../story/value.ts";

export const resultMayBeNull: Family = {
  id: "result-may-be-null",
  title: "Result may be NULL",
  class: "source",
  by: "verifier",
  said: [
    /^(R\d+) invalid mem access '(\w*or_null\w*)'/,
    /^(R\d+) type=(\w*or_null\w*) expected=/,
    /^(R\d+) pointer arithmetic on (\w*or_null\w*|PTR_TO_MAP_VALUE_OR_NULL) prohibited, null-check it first/,
    /^Possibly NULL pointer passed to (?:trusted|helper) (?:arg(\d+)|(R\d+))/,
    /^(R\d+|arg#\d+) is expected to be non-NULL/,
  ],
  meaning,
  advice: (found) => {
    const name = sourceOf(found)?.name ?? readInto(found) ?? "value";
    return `Test it first, and leave where it is NULL: if (!${name}) return 0;`;
  },
  rules: ["unchecked-null"],
  story: (found) => {
    const register = registerOf(found);
    return register === undefined ? [] : valueCameFrom(found, register);
  },
  examples: [
    { text: "R0 invalid mem access 'map_value_or_null'", from: "4.18 to 7.2" },
    { text: "R6 invalid mem access 'ringbuf_mem_or_null'", from: "6.1 to 7.2" },
    { text: "R1 invalid mem access 'ptr_or_null_'", from: "5.8 to 7.2" },
    { text: "R1 invalid mem access 'rcu_ptr_or_null_'", from: "6.2 to 7.2" },
    { text: "R2 type=map_value_or_null expected=fp, pkt, pkt_meta, map_key, map_value", from: "4.18 to 7.2" },
    { text: "R1 pointer arithmetic on map_value_or_null prohibited, null-check it first", from: "4.20 to 7.2" },
    {
      text: "R0 pointer arithmetic on PTR_TO_MAP_VALUE_OR_NULL prohibited, null-check it first",
      from: "4.18 and 4.19",
    },
    { text: "Possibly NULL pointer passed to trusted arg0", from: "6.3 to 7.1" },
    { text: "Possibly NULL pointer passed to trusted R1", from: "7.2" },
    { text: "Possibly NULL pointer passed to helper arg2", from: "6.4 to 7.1" },
    { text: "arg#0 is expected to be non-NULL", from: "6.8 to 7.1, global functions" },
  ],
};

function meaning(found: Found): string {
  const source = sourceOf(found);
  const which =
    source === undefined
      ? ""
      : ` ${source.callee}() gave it, and gives NULL where ${WHEN[source.callee] ?? OTHERWISE}.`;
  const register = registerOf(found);
  const callee = calledBy(found);
  const unseen = "nothing on this path has shown that it is not NULL";
  if (callee !== undefined && register !== undefined)
    return `${named(found, register)} must not be NULL, and ${unseen}.${which}`;
  const kind = found.match[2] ?? "";
  const what = mayBeNull(kind) ? kindInWords(kind).replace(" that may be NULL", "") : "a pointer";
  const use = /arithmetic/.test(found.match[0]) ? "Something is added to" : "The program uses";
  return `${use} ${what}, and ${unseen}.${which || ` Whatever may be missing is NULL then: an entry, room, a socket, a task.`}`;
}

/** The call that gave it, and the variable that it was put into. */
function sourceOf(found: Found): { readonly callee: string; readonly name: string | undefined } | undefined {
  const register = registerOf(found);
  const result = register === undefined ? undefined : resultOf(found, register);
  return result && { callee: result.callee, name: assignedIn(found, result.step, result.callee) };
}

/** The variable that it was read into, where no call gave it: `struct bpf_sock *sk = skb->sk;` */
function readInto(found: Found): string | undefined {
  const register = registerOf(found);
  if (found.at === undefined || register === undefined) return undefined;
  const [origin] = historyOf(found.log, found.at, register).events;
  return origin?.kind === "load" ? assignmentOf(found.placeOf(origin.at)?.text)?.variable : undefined;
}

/** Kfuncs count their arguments from 0, registers from 1; helpers count as registers do. */
function registerOf({ match }: Found): string | undefined {
  const [whole, first = "", second = ""] = match;
  if (/^R\d/.test(first)) return first;
  if (/^R\d/.test(second)) return second;
  const nth = /(\d+)$/.exec(first)?.[1];
  if (nth === undefined) return undefined;
  return `R${whole.includes("helper") ? nth : Number(nth) + 1}`;
}

const NO_ENTRY = "there is no such entry";
const NO_SOCKET = "there is no such socket";
const OTHERWISE = "there is nothing to give";
const WHEN: Readonly<Record<string, string>> = {
  bpf_map_lookup_elem: NO_ENTRY,
  bpf_map_lookup_percpu_elem: NO_ENTRY,
  bpf_ringbuf_reserve: "the ring buffer has no room",
  bpf_sk_lookup_tcp: NO_SOCKET,
  bpf_sk_lookup_udp: NO_SOCKET,
  bpf_skc_lookup_tcp: NO_SOCKET,
  bpf_task_storage_get: "the task has no such storage",
  bpf_sk_storage_get: "the socket has no such storage",
  bpf_inode_storage_get: "the inode has no such storage",
  bpf_cgrp_storage_get: "the cgroup has no such storage",
  bpf_task_from_pid: "there is no such task",
  bpf_dynptr_data: "the dynptr is shorter than that",
  bpf_dynptr_slice: "the dynptr is shorter than that",
  bpf_dynptr_slice_rdwr: "the dynptr is shorter than that",
  bpf_per_cpu_ptr: "there is no such processor",
  bpf_kptr_xchg: "there was nothing in it",
};
