/** Completion behind `return` in a program: what the kernel makes of each value. */

import type { CompletionItem } from "vscode-languageserver-types";
import { programMeaning } from "../../analysis/knowledge/loaders.ts";
import { allowancesFor, type ProgramKind } from "../../analysis/knowledge/supports.ts";
import { fits } from "./fits.ts";
import { type Asked, dataOf, KIND, RANK, ranked } from "./item.ts";
import type { CodePlace } from "./place.ts";

interface Verdict {
  readonly name: string;
  readonly value: number;
  readonly means: string;
}

const XDP: readonly Verdict[] = [
  { name: "XDP_PASS", value: 2, means: "the packet goes on to the network stack" },
  { name: "XDP_DROP", value: 1, means: "the packet is dropped" },
  { name: "XDP_TX", value: 3, means: "the packet leaves by the interface it arrived on" },
  { name: "XDP_REDIRECT", value: 4, means: "the packet goes where bpf_redirect() or bpf_redirect_map() said" },
  { name: "XDP_ABORTED", value: 0, means: "dropped as an error, seen by the tracepoint xdp_exception" },
];

/** What linux:kernel/bpf/devmap.c and cpumap.c look at; anything else drops the packet with a warning. */
const DEVMAP = ["XDP_PASS", "XDP_DROP", "XDP_ABORTED"];
const CPUMAP = [...DEVMAP, "XDP_REDIRECT"];

/** cls_bpf_exec_opcode() of linux:net/sched/cls_bpf.c takes any other for TC_ACT_UNSPEC. */
const CLASSIFIER: readonly Verdict[] = [
  { name: "TC_ACT_OK", value: 0, means: "the packet goes on, no further filter is asked" },
  { name: "TC_ACT_SHOT", value: 2, means: "the packet is dropped" },
  { name: "TC_ACT_UNSPEC", value: -1, means: "the next filter decides" },
  { name: "TC_ACT_REDIRECT", value: 7, means: "the packet goes where bpf_redirect() said" },
  { name: "TC_ACT_STOLEN", value: 4, means: "the packet is taken as if it were queued" },
  { name: "TC_ACT_TRAP", value: 8, means: "hardware hands the packet to the processor" },
];

/** tcf_bpf_act() of linux:net/sched/act_bpf.c. */
const ACTION: readonly Verdict[] = [
  { name: "TC_ACT_PIPE", value: 3, means: "the next action decides" },
  { name: "TC_ACT_OK", value: 0, means: "the packet goes on" },
  { name: "TC_ACT_SHOT", value: 2, means: "the packet is dropped" },
  { name: "TC_ACT_RECLASSIFY", value: 1, means: "classification starts again" },
  { name: "TC_ACT_UNSPEC", value: -1, means: "what the action was set up with" },
  { name: "TC_ACT_REDIRECT", value: 7, means: "the packet goes where bpf_redirect() said" },
];

const TCX: readonly Verdict[] = [
  { name: "TCX_NEXT", value: -1, means: "the next program decides" },
  { name: "TCX_PASS", value: 0, means: "the packet goes on, no further program is asked" },
  { name: "TCX_DROP", value: 2, means: "the packet is dropped" },
  { name: "TCX_REDIRECT", value: 7, means: "the packet goes where bpf_redirect() said" },
];

const NETKIT: readonly Verdict[] = [
  { name: "NETKIT_NEXT", value: -1, means: "the next program decides" },
  { name: "NETKIT_PASS", value: 0, means: "the packet goes to the other end" },
  { name: "NETKIT_DROP", value: 2, means: "the packet is dropped" },
  { name: "NETKIT_REDIRECT", value: 7, means: "the packet goes where bpf_redirect() said" },
];

const SOCKET: readonly Verdict[] = [
  { name: "SK_PASS", value: 1, means: "goes on, to the socket that was chosen if one was" },
  { name: "SK_DROP", value: 0, means: "is dropped" },
];

const NETFILTER: readonly Verdict[] = [
  { name: "NF_ACCEPT", value: 1, means: "the packet goes on" },
  { name: "NF_DROP", value: 0, means: "the packet is dropped" },
];

/** Numbers without a name. Which of them a program may return the verifier's ranges say. */
const CGROUP: Readonly<Record<string, Readonly<Record<number, string>>>> = {
  CGROUP_SKB: {
    1: "the packet goes on",
    0: "the packet is dropped",
    2: "dropped, and the sender is told of congestion",
    3: "goes on, and the sender is told of congestion",
  },
  CGROUP_SOCK: { 1: "allow", 0: "refuse with EPERM" },
  CGROUP_SOCK_ADDR: { 1: "allow", 0: "refuse with EPERM" },
  CGROUP_DEVICE: { 1: "allow", 0: "refuse with EPERM" },
  CGROUP_SYSCTL: { 1: "allow", 0: "refuse with EPERM" },
  CGROUP_SOCKOPT: { 1: "go on", 0: "refuse with EPERM" },
};

export function returnItems(asked: Asked, { before, prefix }: CodePlace): CompletionItem[] {
  const section = asked.fn?.section?.name;
  // A function that programs call returns what they agree on.
  if (before !== "return" || section === undefined) return [];
  const meaning = programMeaning(section, asked.kb, asked.view.loader);
  if (meaning === undefined) return [];
  const items = verdictsOf(meaning.kind).map((one) => verdictItem(asked, one));
  return [...items, ...numberItems(asked, meaning.kind)].filter(({ label }) => fits(label, prefix));
}

function verdictsOf({ progType, attachType }: ProgramKind): readonly Verdict[] {
  switch (progType.replace("BPF_PROG_TYPE_", "")) {
    case "XDP":
      return XDP.filter(({ name }) => xdpVerdicts(attachType)?.includes(name) ?? true);
    case "SCHED_CLS":
      if (attachType?.startsWith("BPF_NETKIT_")) return NETKIT;
      return attachType?.startsWith("BPF_TCX_") ? [...TCX, ...CLASSIFIER] : CLASSIFIER;
    case "SCHED_ACT":
      return ACTION;
    case "SK_SKB":
      // A parser returns the length of the message.
      return attachType === "BPF_SK_SKB_STREAM_PARSER" ? [] : SOCKET;
    case "SK_LOOKUP":
    case "SK_MSG":
    case "SK_REUSEPORT":
      return SOCKET;
    case "NETFILTER":
      return NETFILTER;
    default:
      return [];
  }
}

function xdpVerdicts(attachType: string | undefined): readonly string[] | undefined {
  if (attachType === "BPF_XDP_DEVMAP") return DEVMAP;
  return attachType === "BPF_XDP_CPUMAP" ? CPUMAP : undefined;
}

function verdictItem(asked: Asked, { name, value, means }: Verdict): CompletionItem {
  return ranked(
    { label: name, kind: KIND.enumMember, detail: `${value}: ${means}`, data: dataOf(name, asked), sortText: "" },
    0,
  );
}

function numberItems({ kb }: Asked, program: ProgramKind): readonly CompletionItem[] {
  const meanings = CGROUP[program.progType.replace("BPF_PROG_TYPE_", "")] ?? {};
  // The kernel does not look at what comes back when a socket is given up.
  const ignored = program.attachType === "BPF_CGROUP_INET_SOCK_RELEASE";
  const ranges = allowancesFor(kb.programType(program.progType)?.returns ?? [], program).filter(({ until }) => !until);
  return Object.entries(meanings)
    .filter(
      ([value]) => ranges.length > 0 && ranges.every(({ low, high }) => low <= Number(value) && Number(value) <= high),
    )
    .map(([value, means]) =>
      ranked(
        { label: value, kind: KIND.value, detail: ignored ? "ignored" : means, sortText: value === "1" ? "" : value },
        RANK.best,
      ),
    );
}
