/** libbpf-cargo's command line: `cargo build` where a build.rs makes the skeleton, else `cargo libbpf make`. */

import { basename, join, relative, sep } from "node:path";
import { cargo } from "../cargo.ts";
import type { Work } from "../choices.ts";
import { clang } from "../clang.ts";
import { ToolProblem } from "../problem.ts";
import { need } from "../tool.ts";
import type { BindingCommand } from "./bindings.ts";
import { textOf } from "./project-kind.ts";

export async function rustCommand(source: string, work: Work, folder: string): Promise<BindingCommand> {
  const { program } = await need(cargo, "", work.root, work.signal);
  const { program: compiler } = await need(clang, work.choices.clang, work.root, work.signal);
  const manifest = ["--manifest-path", join(folder, "Cargo.toml")];
  if (/\bSkeletonBuilder\b/.test(await textOf(join(folder, "build.rs"))))
    return { program, args: ["build", ...manifest], cwd: folder, env: { CLANG: compiler }, name: "cargo build" };
  const place = relative(folder, source).split(sep).join("/");
  // It looks nowhere else, and says nothing when it finds nothing there.
  if (!/^src\/bpf\/[^/]+\.bpf\.c$/.test(place))
    throw new ToolProblem(
      `cargo libbpf takes sources named src/bpf/NAME.bpf.c, and ${basename(source)} is ${place}. Move it there, or let a build.rs make its skeleton with libbpf_cargo::SkeletonBuilder.`,
    );
  const args = ["libbpf", "make", ...manifest, "--clang-path", compiler];
  return { program, args, cwd: folder, env: {}, name: "cargo libbpf" };
}
