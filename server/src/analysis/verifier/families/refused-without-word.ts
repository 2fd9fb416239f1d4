/** Family: an error number, and nothing else. */

import type { Family } from "../family.ts";

export const refusedWithoutWord: Family = {
  id: "refused-without-word",
  title: "Refused without a reason",
  class: "environment",
  by: "kernel",
  said: [/^refused without a word: (\w+|error \d+)(?: \((.*)\))?/],
  meaning: ({ match }) =>
    `The kernel answered ${match[1]} and printed nothing. ${REASONS[match[1] ?? ""] ?? "That number alone does not tell why."}`,
  advice: ({ match }) =>
    ADVICE[match[1] ?? ""] ?? "Look at the kernel's own log (dmesg), and verify the program on another kernel.",
  inGeneral: true,
  examples: [
    { text: "refused without a word: ENOMEM (xdp, xdp)", from: "4.18 to 7.2" },
    { text: "refused without a word: EFAULT (tracing, fentry/x)", from: "4.18 to 7.2" },
  ],
};

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: "Something that the program names, a function or a tracepoint, is not there.",
  ESRCH: "Something that the program names is not in the kernel's types.",
  EINTR: "It was interrupted while the program was being looked at.",
  EAGAIN: "It was interrupted while the program was being looked at.",
  EBADF: "The loader passed a map, a type or a program that is none.",
  ENOMEM: "There was not enough memory for the program, or for looking at it.",
  EFAULT: "The kernel could not read what the loader passed, or its verifier is at fault.",
  EBUSY: "Something that may be there once is in use.",
  EACCES: "It does not allow this, and did not say what.",
  ENOSYS: "It has no bpf() at all, or a sandbox stands before it.",
  ENOTSUPP: "It does not have what this program needs.",
  EOPNOTSUPP: "It does not have what this program needs.",
};

const ADVICE: Readonly<Record<string, string>> = {
  EINTR: "Try again.",
  EAGAIN: "Try again.",
  ENOENT: "Check the name in the section, and that the module that has it is loaded.",
  ESRCH: "Check the name in the section, and that the module that has it is loaded.",
};
