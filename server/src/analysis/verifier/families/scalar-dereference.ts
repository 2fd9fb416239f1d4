/** A plain number, in the eyes of the verifier, that is followed as a pointer. */

import type { Family, Found } from "../family.ts";
import { calleeOf, stateBefore } from "../registers.ts";
import { boundsOf } from "../story/bounds-of.ts";
import { together } from "../story/chapters.ts";
import { historyOf } from "../story/history.ts";
import { valueCameFrom } from "../story/value.ts";

export const scalarDereference: Family = {
  id: "scalar-dereference",
  title: "Not a pointer that may be followed",
  class: "source",
  by: "verifier",
  rules: [
    "constant-address",
    "raw-pointer",
    "stale-packet-pointer",
    "unchecked-null",
    "use-after-release",
    "wrong-context-type",
    "uninitialised-variable",
  ],
  said: [/^(R\d+) invalid mem access '(scalar|inv|imm)'/],
  meaning,
  advice,
  story: (found) => {
    const lost = lostBy(found);
    const place = lost && found.placeOf(lost.step);
    const register = found.match[1] ?? "";
    if (lost === undefined || place === undefined) return valueCameFrom(found, register);
    const gone = { place, text: `${lost.callee}() may change the packet: pointers into it are gone from here on` };
    return together(valueCameFrom(found, register), [gone]);
  },
  examples: [
    { text: "R1 invalid mem access 'scalar'", from: "5.18 to 7.2" },
    { text: "R1 invalid mem access 'inv'", from: "4.18 to 5.17" },
  ],
};

function meaning(found: Found): string {
  const lost = lostBy(found);
  if (lost !== undefined)
    return `${lost.callee}() may change the packet, so every pointer into it that was taken before counts as a plain number afterwards.`;
  if (isNull(found)) return "On this path the pointer is NULL: a test before has shown it, or it was set so.";
  if (gaveTask(found))
    return "bpf_get_current_task() gives the address of the task as a plain number, and such an address may not be followed directly.";
  return "For the verifier this is a plain number: a pointer that the program has from the kernel or from user space (an argument of a probe, a field that was read), or one that it has calculated. Such an address may not be followed directly, as it may be wrong.";
}

function advice(found: Found): string {
  if (lostBy(found) !== undefined)
    return "Take data and data_end from the context again after the call, and compare them again before the packet is used.";
  if (isNull(found)) return "Look at the test: it may be the wrong way round, or lack a return.";
  if (gaveTask(found))
    return "Use bpf_get_current_task_btf(), which gives a pointer that can be followed, where programs of this type have it; or read fields with BPF_CORE_READ(task, …).";
  return "Read it with BPF_CORE_READ() or bpf_probe_read_kernel(), or with bpf_probe_read_user() where it is an address in user space. In programs whose arguments have types for the verifier (fentry, fexit, tp_btf, lsm), declared with BPF_PROG(), fields can be followed directly.";
}

function isNull(found: Found): boolean {
  const bounds = boundsOf(stateBefore(found, found.match[1] ?? ""));
  return bounds?.type === "scalar" && bounds.umax === 0n;
}

function gaveTask({ log, at, match }: Found): boolean {
  if (at === undefined) return false;
  const [origin] = historyOf(log, at, match[1] ?? "").events;
  return origin?.kind === "call" && calleeOf(log.steps[origin.at]) === "bpf_get_current_task";
}

/** Whether the register was a pointer into the packet, and the call since then after which it is none. */
function lostBy({ log: { steps }, at, match }: Found): { readonly step: number; readonly callee: string } | undefined {
  if (at === undefined) return undefined;
  const register = match[1] ?? "";
  const frame = steps[at]?.frame;
  for (let step = at - 1; step >= 0; step--) {
    const state = steps[step]?.frame === frame ? steps[step]?.state.get(register) : undefined;
    if (state === undefined) continue;
    if (!/^pkt/.test(state)) return undefined;
    const change = steps.findIndex((one, i) => i > step && i < at && CHANGES_PACKET.test(calleeOf(one) ?? ""));
    return change < 0 ? undefined : { step: change, callee: calleeOf(steps[change]) ?? "" };
  }
  return undefined;
}

/** The helpers that `bpf_helper_changes_pkt_data()` of the kernel names. */
const CHANGES_PACKET =
  /^bpf_(?:skb_(?:store_bytes|vlan_push|vlan_pop|change_(?:head|tail|proto)|pull_data|adjust_room)|clone_redirect|l[34]_csum_replace|xdp_adjust_(?:head|tail|meta)|msg_(?:pull|push|pop)_data|lwt_(?:push_encap|seg6_\w+)|store_hdr_opt|tail_call)$/;
