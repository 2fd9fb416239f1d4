/** What Go and Rust programs have instead of a skeleton in C: made by the project's own tools. */

import type { Work } from "../choices.ts";
import { ToolProblem } from "../problem.ts";
import { step } from "../step.ts";
import { goCommand } from "./go.ts";
import type { ProjectKind } from "./project-kind.ts";
import { rustCommand } from "./rust.ts";

/** A command line that makes them, and where it runs. */
export interface BindingCommand {
  readonly program: string;
  readonly args: readonly string[];
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
  /** What it is called among people, to begin a sentence with. */
  readonly name: string;
}

export interface BindingResult {
  readonly ok: boolean;
  readonly output: string;
  readonly command: BindingCommand;
}

export async function makeBindings(source: string, work: Work, project: ProjectKind): Promise<BindingResult> {
  const command = await (project.kind === "go" ? goCommand : rustCommand)(source, work, project.folder);
  const { program, args, cwd, env, name } = command;
  work.tell(`with ${name}`);
  const { code, stdout, stderr } = await step(program, args, work, { cwd, env });
  const output = stdout + stderr;
  if (/no required module provides package|cannot find module|no such command: `libbpf`/.test(output))
    throw new ToolProblem(missingPackage(project.kind), {}, output);
  return { ok: code === 0, output, command };
}

function missingPackage(kind: ProjectKind["kind"]): string {
  return kind === "go"
    ? "bpf2go is no part of this Go module: go get -tool github.com/cilium/ebpf/cmd/bpf2go adds it."
    : "cargo has no subcommand libbpf: cargo install libbpf-cargo adds it; or let a build.rs make the skeleton with libbpf_cargo::SkeletonBuilder.";
}
