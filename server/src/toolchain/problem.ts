/** What went wrong with a tool, in words for the person: what, why, and what to do next. */

export interface Remedy {
  /** The setting that would name the tool or the file. */
  readonly setting?: string;
  /** What would be missing no more when it is installed: `install.ts` knows the command. */
  readonly install?: Installable;
  /** A command of ours that makes what is missing. */
  readonly command?: { readonly id: string; readonly title: string };
}

/** What a distribution has packages for. */
export type Installable =
  | "clang"
  | "gcc-bpf"
  | "bpftool"
  | "llvm"
  | "libbpf"
  | "cc"
  | "make"
  | "clangd"
  | "go"
  | "cargo"
  | "qemu"
  | "ssh";

/** Thrown by everything in this folder that cannot do what it was asked; its message is complete as it is. */
export class ToolProblem extends Error {
  readonly remedy: Remedy;
  /** What the tool itself printed, for whoever wants to read on. */
  readonly output: string;

  constructor(message: string, remedy: Remedy = {}, output = "") {
    super(message);
    this.name = "ToolProblem";
    this.remedy = remedy;
    this.output = output;
  }
}

/** Thrown where the person has cancelled: nothing more is to be said. */
export class Cancelled extends Error {
  constructor() {
    super("Cancelled.");
    this.name = "Cancelled";
  }
}
