/** Why a program could not be attached, in words: what kernels and libbpf have been seen to answer, and what that means. */

import { readKernel } from "../kernel.ts";
import { errnoName } from "./errno.ts";
import type { NotAttached } from "./held.ts";
import { placeText } from "./ways.ts";

interface Reason {
  readonly to: RegExp;
  readonly error: number;
  readonly words?: RegExp;
  readonly says: string;
}

const [EPERM, ENOENT, E2BIG, EBADF, EBUSY, EEXIST, EINVAL, EOPNOTSUPP] = [1, 2, 7, 9, 16, 17, 22, 95];

/** The first that fits is told. */
const REASONS: readonly Reason[] = [
  { to: /^xdp:/, error: EBUSY, says: "another XDP program is attached to this interface already" },
  {
    to: /^xdp:/,
    error: EEXIST,
    says: "an XDP program is attached to this interface already, in another mode; generic and native do not go together",
  },
  {
    to: /^xdp:[^:]*:native$/,
    error: EOPNOTSUPP,
    says: "the driver of this interface cannot run XDP itself; it runs generic",
  },
  { to: /^cgroup:/, error: EBADF, says: "it is no folder of a cgroup file system of version 2" },
  { to: /^netns/, error: E2BIG, says: "this network has as many programs of this type as it takes" },
  {
    to: /^(?:auto|iter)$/,
    error: EOPNOTSUPP,
    words: /^$/,
    says: "its section does not say where; say it, as in xdp:eth0 or cgroup:/sys/fs/cgroup/mine",
  },
  { to: /^auto$/, error: EOPNOTSUPP, says: "this kernel does not support this way to attach" },
  {
    to: /^(?:auto$|kprobe|kretprobe)/,
    error: ENOENT,
    words: /kprobe/,
    says: "the kernel has no such function, or it was built without kprobes",
  },
  {
    to: /^(?:auto$|raw_tracepoint)/,
    error: ENOENT,
    words: /raw tracepoint/,
    says: "the kernel has no such tracepoint",
  },
  {
    to: /^(?:auto$|uprobe|uretprobe)/,
    error: ENOENT,
    words: /failed to (?:find symbol|open)/,
    says: "there is no such file, or no such function in it",
  },
  {
    to: /^(?:xdp|tcx?|netkit|cgroup|netns|sockmap):/,
    error: EINVAL,
    says: "the kernel takes no program of this type there, or does not know this way to attach",
  },
  { to: /./, error: EPERM, says: "the kernel does not permit it" },
];

const NO_TRACEPOINT = /failed to determine tracepoint/;

/** A sentence without its point. */
export async function whyNotAttached({ name, to, error, why, words }: NotAttached): Promise<string> {
  const said = saidByLibbpf(words);
  const reason = why !== "" ? why : await reasonOf(to, error, words);
  const details = [...(why === "" ? [errnoName(error)] : []), ...(said === "" ? [] : [said])];
  const end = details.length === 0 ? "" : ` (${details.join("; ")})`;
  if (to === "stay") return `${name} cannot stay: ${reason}${end}`;
  return `${name} cannot be attached ${placeText("to", to)}: ${reason}${end}`;
}

async function reasonOf(to: string, error: number, words: string): Promise<string> {
  if (NO_TRACEPOINT.test(words)) {
    const { tracefs } = await readKernel();
    return tracefs === undefined
      ? "tracepoints are looked up in tracefs, which is mounted nowhere; as root: mount -t tracefs tracefs /sys/kernel/tracing"
      : "the kernel has no such tracepoint";
  }
  const found = REASONS.find(
    (one) => one.error === error && one.to.test(to) && (one.words === undefined || one.words.test(words)),
  );
  return found?.says ?? "the kernel does not do it";
}

/** Its last line says what it could not do; those before, why it tried something else. */
function saidByLibbpf(words: string): string {
  const lines = words.split("\n").filter((line) => line !== "");
  return (lines.at(-1) ?? "").replace(/^libbpf: /, "");
}
