/** What the running kernel says about itself and about what this user may do with BPF; files of /proc and /sys are read, nothing is run. */

import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { isFile } from "./workspace-files.ts";

export interface Kernel {
  readonly release: string | undefined;
  /** Whether it has its types, which CO-RE and vmlinux.h need. */
  readonly btf: boolean;
  /** Whether this user may load programs; the reason is a clause. */
  readonly load: { readonly allowed: boolean; readonly reason: string };
  /** `none`, `integrity` or `confidentiality`; undefined where it does not say. */
  readonly lockdown: string | undefined;
  /** Where tracepoints are looked up; undefined where it is mounted nowhere. */
  readonly tracefs: string | undefined;
  /** Where maps and programs are pinned. */
  readonly bpffs: string | undefined;
}

export const KERNEL_BTF = "/sys/kernel/btf/vmlinux";

/** @param top in which `proc` and `sys` lie */
export async function readKernel(top = "/"): Promise<Kernel> {
  const read = async (path: string): Promise<string> => {
    try {
      return await readFile(join(top, path), "utf8");
    } catch {
      return "";
    }
  };
  const mounts = await read("/proc/self/mounts");
  const release = (await read("/proc/sys/kernel/osrelease")).trim();
  return {
    release: release === "" ? undefined : release,
    btf: await isFile(join(top, KERNEL_BTF)),
    load: mayLoad(
      await read("/proc/self/status"),
      await read("/proc/self/uid_map"),
      (await read("/proc/sys/kernel/unprivileged_bpf_disabled")).trim(),
    ),
    lockdown: /\[(\w+)\]/.exec(await read("/sys/kernel/security/lockdown"))?.[1],
    tracefs: mountedAt(mounts, "tracefs"),
    bpffs: mountedAt(mounts, "bpf"),
  };
}

const CAP_SYS_ADMIN = 21n;
const CAP_PERFMON = 38n;
const CAP_BPF = 39n;

function mayLoad(status: string, users: string, unprivileged: string): Kernel["load"] {
  const effective = /^CapEff:\s*([0-9a-f]+)$/m.exec(status)?.[1];
  if (effective === undefined) return { allowed: false, reason: "the kernel does not say what this user may do" };
  const has = (capability: bigint): boolean => ((BigInt(`0x${effective}`) >> capability) & 1n) === 1n;
  if (has(CAP_BPF) && !isWholeSystem(users))
    return { allowed: false, reason: "this is root of a container without rights over the system" };
  if (has(CAP_SYS_ADMIN)) return { allowed: true, reason: "as root, with CAP_SYS_ADMIN" };
  if (has(CAP_BPF) && has(CAP_PERFMON)) return { allowed: true, reason: "with CAP_BPF and CAP_PERFMON" };
  if (has(CAP_BPF)) return { allowed: true, reason: "with CAP_BPF; tracing programs also need CAP_PERFMON" };
  if (unprivileged === "0")
    return { allowed: false, reason: "this user may load socket filters only: all else needs root or CAP_BPF" };
  return { allowed: false, reason: "loading needs root or CAP_BPF, which this user has not" };
}

/** Whether users are those of the system: who is root in a namespace of users has its rights there alone. */
function isWholeSystem(users: string): boolean {
  return users === "" || /^\s*0\s+0\s+4294967295\s*$/.test(users);
}

/** Of several mounts the last hides the others; a space in a path is written \040. */
export function mountedAt(mounts: string, type: string): string | undefined {
  const lines = mounts.split("\n").map((line) => line.split(" "));
  const path = lines.findLast(([, , kind]) => kind === type)?.[1];
  return path?.replaceAll(/\\([0-7]{3})/g, (_, code: string) => String.fromCharCode(Number.parseInt(code, 8)));
}
