/** Where `PT_REGS_PARM1` and its kin look, architecture by architecture, as libbpf:src/bpf_tracing.h says. */

import { hasVmlinux } from "../../analysis/kernel-headers.ts";
import type { MacroUse } from "./macro-use.ts";
import { type Expansion, operand } from "./sketch.ts";

type Place = "RET" | "FP" | "RC" | "SP" | "IP";

interface Registers {
  /** What the architecture is called. */
  readonly name: string;
  /** What the pointer is cast to first. */
  readonly cast?: string;
  /** Of the arguments of a function, in their order. */
  readonly arguments: readonly string[];
  /** Of those of a system call, by number, where they are others. */
  readonly syscall?: Readonly<Record<number, string>>;
  /** The structure that has the first argument of a system call. */
  readonly firstOfSyscall?: string;
  readonly places: Readonly<Partial<Record<Place, string>>>;
}

const X86_64: Registers = {
  name: "x86-64",
  arguments: ["di", "si", "dx", "cx", "r8", "r9"],
  syscall: { 4: "r10" },
  places: { RET: "sp", FP: "bp", RC: "ax", SP: "sp", IP: "ip" },
};

const ARM64: Registers = {
  name: "arm64",
  cast: "const struct user_pt_regs *",
  arguments: series("regs", 0, 8),
  syscall: { 1: "orig_x0" },
  firstOfSyscall: "const struct pt_regs___arm64 *",
  places: { RET: "regs[30]", FP: "regs[29]", RC: "regs[0]", SP: "sp", IP: "pc" },
};

const OTHERS: readonly Registers[] = [
  {
    name: "arm",
    arguments: series("uregs", 0, 4),
    syscall: { 5: "uregs[4]", 6: "uregs[5]", 7: "uregs[6]" },
    places: { RET: "uregs[14]", FP: "uregs[11]", RC: "uregs[0]", SP: "uregs[13]", IP: "uregs[12]" },
  },
  {
    name: "riscv",
    arguments: ["a0", "a1", "a2", "a3", "a4", "a5", "a6", "a7"],
    syscall: { 1: "orig_a0" },
    places: { RET: "ra", FP: "s0", RC: "a0", SP: "sp", IP: "pc" },
  },
  {
    name: "s390",
    arguments: series("gprs", 2, 5),
    syscall: { 1: "orig_gpr2", 6: "gprs[7]" },
    places: { RET: "gprs[14]", FP: "gprs[11]", RC: "gprs[2]", SP: "gprs[15]", IP: "psw.addr" },
  },
  {
    name: "powerpc",
    arguments: series("gpr", 3, 8),
    syscall: { 1: "orig_gpr3", 7: "gpr[9]" },
    places: { RET: "regs[31]", RC: "gpr[3]", SP: "gpr[1]", IP: "nip" },
  },
  {
    name: "mips",
    arguments: series("regs", 4, 8),
    places: { RET: "regs[31]", FP: "regs[30]", RC: "regs[2]", SP: "regs[29]", IP: "cp0_epc" },
  },
  {
    name: "loongarch",
    arguments: series("regs", 4, 8),
    places: { RET: "regs[1]", FP: "regs[22]", RC: "regs[4]", SP: "regs[3]", IP: "csr_era" },
  },
  {
    name: "sparc",
    arguments: [0, 1, 2, 3, 4, 5].map((n) => `u_regs[UREG_I${n}]`),
    places: { RET: "u_regs[UREG_I7]", RC: "u_regs[UREG_I0]", SP: "u_regs[UREG_FP]", IP: "pc" },
  },
  {
    name: "arc",
    arguments: [0, 1, 2, 3, 4, 5, 6, 7].map((n) => `scratch.r${n}`),
    places: { RET: "scratch.blink", FP: "scratch.fp", RC: "scratch.r0", SP: "scratch.sp", IP: "scratch.ret" },
  },
];

function series(name: string, first: number, count: number): readonly string[] {
  return Array.from({ length: count }, (_, n) => `${name}[${first + n}]`);
}

/** What a macro's name says: `PT_REGS_PARM4_CORE_SYSCALL`. */
interface Wanted {
  readonly place: Place | number;
  readonly core: boolean;
  readonly syscall: boolean;
}

export function registerAccess({ name, args, file }: MacroUse): Expansion | undefined {
  const [pointer] = args;
  const wanted = wantedBy(name);
  if (pointer === undefined || args.length > 1 || wanted === undefined) return undefined;
  return {
    code: [X86_64, ARM64].map((arch) => access(arch, wanted, pointer)),
    facts: [userNameFact(wanted, file), elsewhereFact(wanted)],
  };
}

function wantedBy(name: string): Wanted | undefined {
  const match = /^PT_REGS_(?:PARM(\d)|([A-Z]{2,3}))(_CORE)?(_SYSCALL)?$/.exec(name);
  if (match === null) return undefined;
  const [, number, place, core, syscall] = match;
  return {
    place: number === undefined ? (place as Place) : Number(number),
    core: core !== undefined,
    syscall: syscall !== undefined,
  };
}

/** How many a system call has, where an architecture does not say more. */
const SYSCALL_ARGUMENTS = 6;

function registerOf({ arguments: list, syscall, places }: Registers, wanted: Wanted): string | undefined {
  if (typeof wanted.place !== "number") return places[wanted.place];
  if (!wanted.syscall) return list[wanted.place - 1];
  return syscall?.[wanted.place] ?? (wanted.place > SYSCALL_ARGUMENTS ? undefined : list[wanted.place - 1]);
}

function access(arch: Registers, wanted: Wanted, pointer: string): string {
  const register = registerOf(arch, wanted);
  if (register === undefined) return `// ${arch.name}: does not compile, no register has it`;
  const cast = wanted.syscall && wanted.place === 1 ? (arch.firstOfSyscall ?? arch.cast) : arch.cast;
  const from = cast === undefined ? operand(pointer) : `(${cast})${operand(pointer)}`;
  if (wanted.core) return `BPF_CORE_READ(${from}, ${register}) // ${arch.name}`;
  return `${cast === undefined ? from : `(${from})`}->${register} // ${arch.name}`;
}

/** The header that user space has of x86-64 puts an r before the older names. */
function userNameFact(wanted: Wanted, file: MacroUse["file"]) {
  const register = registerOf(X86_64, wanted);
  if (register === undefined || register.startsWith("r") || hasVmlinux(file.model)) return false;
  return { label: "Without `vmlinux.h`", text: `x86-64 calls it \`r${register}\`` };
}

function elsewhereFact(wanted: Wanted) {
  const known = OTHERS.flatMap((arch) => {
    const register = registerOf(arch, wanted);
    return register === undefined ? [] : [`${arch.name} \`${register}\``];
  });
  return known.length > 0 && { label: "Elsewhere", text: known.join(", ") };
}

/** The machine's own name of the register that has an argument: `rdi on x86-64, x0 on arm64`. */
export function machineRegister(argument: number, syscall: boolean): string {
  const x86 = syscall && argument === 4 ? "r10" : ["rdi", "rsi", "rdx", "rcx", "r8", "r9"][argument - 1];
  const most = syscall ? SYSCALL_ARGUMENTS : ARM64.arguments.length;
  const arm = argument > most ? undefined : `x${argument - 1}`;
  return [x86 && `${x86} on x86-64`, arm && `${arm} on arm64`].filter(Boolean).join(", ") || "on arm and powerpc only";
}
