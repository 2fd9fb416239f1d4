/** What a program's return value is called, where it has a name. */

import type { Ran } from "./run-program.ts";

const TC: Readonly<Record<number, string>> = {
  [-1]: "TC_ACT_UNSPEC",
  0: "TC_ACT_OK",
  1: "TC_ACT_RECLASSIFY",
  2: "TC_ACT_SHOT",
  3: "TC_ACT_PIPE",
  4: "TC_ACT_STOLEN",
  5: "TC_ACT_QUEUED",
  6: "TC_ACT_REPEAT",
  7: "TC_ACT_REDIRECT",
  8: "TC_ACT_TRAP",
};
const ROUTE = { 0: "BPF_OK", 2: "BPF_DROP", 7: "BPF_REDIRECT", 128: "BPF_LWT_REROUTE" };

/** As the kernel numbers the types of programs. */
const NAMES: Readonly<Record<number, Readonly<Record<number, string>>>> = {
  3: TC,
  4: TC,
  6: { 0: "XDP_ABORTED", 1: "XDP_DROP", 2: "XDP_PASS", 3: "XDP_TX", 4: "XDP_REDIRECT" },
  8: { 0: "the packet is dropped", 1: "the packet goes on" },
  10: ROUTE,
  11: ROUTE,
  12: ROUTE,
  22: { 0: "BPF_OK", 2: "BPF_DROP", 129: "BPF_FLOW_DISSECTOR_CONTINUE" },
  30: { 0: "SK_DROP", 1: "SK_PASS" },
  32: { 0: "NF_DROP", 1: "NF_ACCEPT" },
};

/** `2 (XDP_PASS)`; the kernel gives them as unsigned. */
export function returnedText({ type, returned }: Pick<Ran, "type" | "returned">): string {
  const value = returned | 0;
  const name = NAMES[type]?.[value];
  return name === undefined ? String(value) : `${value} (${name})`;
}

/** Which bytes of the packet are others than before. */
export function changeOf(ran: Pick<Ran, "type" | "input" | "data">): string | undefined {
  const { input, data, type } = ran;
  if (data === undefined) return undefined;
  if (type === FLOW_DISSECTOR) return "the packet's keys came out";
  const [before, after] = [Buffer.from(input, "hex"), Buffer.from(data, "hex")];
  // Only these see the Ethernet header; the kernel gives the others' back as zeros.
  const from = SEES_ETHERNET.has(type) ? 0 : ETHERNET;
  const changed: number[] = [];
  for (let i = from; i < Math.min(before.length, after.length); i++) if (before[i] !== after[i]) changed.push(i);
  const size = before.length === after.length ? "" : `${before.length} bytes became ${after.length}`;
  if (size !== "") return size;
  if (changed.length === 0) return "the packet is unchanged";
  return `${changed.length} of ${before.length} bytes changed, from byte ${changed[0]}`;
}

const FLOW_DISSECTOR = 22;
const SEES_ETHERNET: ReadonlySet<number> = new Set([3, 4, 6]);
const ETHERNET = 14;
