/** Names that a processor goes by: Node's, the kernel's, libbpf's, Debian's. */

import { arch } from "node:os";

interface Machine {
  /** What `hookpoint.arch` calls it. */
  readonly name: string;
  /** What libbpf's bpf_tracing.h asks for: `__TARGET_ARCH_x86`. */
  readonly target: string;
  /** Debian and Ubuntu keep `asm/` in a folder by this name, which a build for BPF does not look into. */
  readonly triple: string;
}

const MACHINES: Readonly<Record<string, Machine>> = {
  x64: { name: "x86_64", target: "x86", triple: "x86_64-linux-gnu" },
  ia32: { name: "x86_64", target: "x86", triple: "i386-linux-gnu" },
  arm64: { name: "arm64", target: "arm64", triple: "aarch64-linux-gnu" },
  arm: { name: "arm", target: "arm", triple: "arm-linux-gnueabihf" },
  riscv64: { name: "riscv64", target: "riscv", triple: "riscv64-linux-gnu" },
  s390x: { name: "s390x", target: "s390", triple: "s390x-linux-gnu" },
  ppc64: { name: "powerpc", target: "powerpc", triple: "powerpc64le-linux-gnu" },
  mips: { name: "mips", target: "mips", triple: "mips-linux-gnu" },
  sparc: { name: "sparc", target: "sparc", triple: "sparc64-linux-gnu" },
  loong64: { name: "loongarch64", target: "loongarch", triple: "loongarch64-linux-gnu" },
};

const X86 = MACHINES["x64"] as Machine;

/** @param name as in `hookpoint.arch`; empty for the machine we run on */
export function machineOf(name: string): Machine {
  const own = MACHINES[arch()] ?? X86;
  return name === "" ? own : (Object.values(MACHINES).find((machine) => machine.name === name) ?? own);
}
