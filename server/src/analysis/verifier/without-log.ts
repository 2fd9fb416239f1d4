/** What is said of a program that a kernel refused without a word: its error number and the type of the program, as a line that the catalogue knows. */

/** @param type as the kernel numbers them; undefined where nobody says */
export function withoutLog(error: number, type: number | undefined, section: string | undefined): string {
  const name = errorName(error);
  const kind = type === undefined ? undefined : (TYPES[type] ?? `type ${type}`);
  const of = [kind, section].filter((word) => word !== undefined && word !== "").join(", ");
  return `refused without a word: ${name}${of === "" ? "" : ` (${of})`}`;
}

export function errorName(error: number): string {
  return ERRORS.get(error) ?? `error ${error}`;
}

const ERRORS: ReadonlyMap<number, string> = new Map([
  [1, "EPERM"],
  [2, "ENOENT"],
  [3, "ESRCH"],
  [4, "EINTR"],
  [7, "E2BIG"],
  [9, "EBADF"],
  [11, "EAGAIN"],
  [12, "ENOMEM"],
  [13, "EACCES"],
  [14, "EFAULT"],
  [16, "EBUSY"],
  [22, "EINVAL"],
  [28, "ENOSPC"],
  [38, "ENOSYS"],
  [95, "EOPNOTSUPP"],
  [524, "ENOTSUPP"],
]);

/** By their numbers; those in the names of which the kernel says more than sections do. */
const TYPES: Readonly<Record<number, string>> = {
  2: "kprobe",
  5: "tracepoint",
  6: "xdp",
  26: "tracing",
  27: "struct_ops",
  28: "extension",
  29: "lsm",
  31: "syscall",
  32: "netfilter",
};
