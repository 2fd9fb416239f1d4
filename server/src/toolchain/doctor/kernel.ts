/** Doctor: what the running kernel lets this user do. */

import { KERNEL_BTF, type Kernel } from "../kernel.ts";
import type { Check } from "./report.ts";

export function checkKernel(kernel: Kernel, platform: string): readonly Check[] {
  if (platform !== "linux")
    return [
      {
        id: "kernel",
        area: "load",
        name: "a Linux kernel",
        state: "note",
        purpose: "load programs",
        says: "This system has none: objects can be built here, and are loaded elsewhere.",
      },
    ];
  return [btf(kernel), rights(kernel), lockdown(kernel), tracefs(kernel), bpffs(kernel)];
}

function btf({ btf: there }: Kernel): Check {
  const about = {
    id: "kernel-btf",
    area: "skeleton",
    name: "the kernel's types (BTF)",
    purpose: "make vmlinux.h and run CO-RE programs",
  } as const;
  if (there) return { ...about, state: "good", path: KERNEL_BTF };
  const says = "This kernel was built without CONFIG_DEBUG_INFO_BTF, or hides its files from this container.";
  const remedy = "Make vmlinux.h on another machine, or from a vmlinux image with BTF.";
  return { ...about, state: "missing", says, remedy };
}

function rights({ load: { allowed, reason } }: Kernel): Check {
  const about = { id: "rights", area: "load", name: "rights to load", purpose: "load and attach programs" } as const;
  if (allowed) return { ...about, state: "good", says: `This user may load programs ${reason}.` };
  return { ...about, state: "note", says: `Programs cannot be loaded: ${reason}.`, remedy: "Load them with sudo." };
}

function lockdown({ lockdown: mode }: Kernel): Check {
  const about = { id: "lockdown", area: "load", name: "lockdown", purpose: "read kernel memory in programs" } as const;
  if (mode === undefined)
    return { ...about, state: "note", says: "The kernel does not say: securityfs is not mounted." };
  if (mode === "none") return { ...about, state: "good", says: "It is off." };
  if (mode === "integrity")
    return {
      ...about,
      state: "note",
      says: "It is on (integrity): bpf_probe_write_user() and bpf_override_return() are refused.",
    };
  return {
    ...about,
    state: "note",
    says: `It is on (${mode}): programs that read kernel memory are refused, and most tracing with them.`,
    remedy: "Boot without Secure Boot, or with lockdown=none, or trace on another machine.",
  };
}

function tracefs({ tracefs: path }: Kernel): Check {
  const about = { id: "tracefs", area: "load", name: "tracefs", purpose: "attach to tracepoints and kprobes" } as const;
  if (path !== undefined) return { ...about, state: "good", path };
  return {
    ...about,
    state: "missing",
    says: "It is mounted nowhere.",
    remedy: "Mount it as root: mount -t tracefs tracefs /sys/kernel/tracing",
  };
}

function bpffs({ bpffs: path }: Kernel): Check {
  const about = { id: "bpffs", area: "load", name: "bpffs", purpose: "pin maps and programs" } as const;
  if (path !== undefined) return { ...about, state: "good", path };
  return {
    ...about,
    state: "missing",
    says: "It is mounted nowhere.",
    remedy: "Mount it as root: mount -t bpf bpf /sys/fs/bpf",
  };
}
