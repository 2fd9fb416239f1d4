/** cargo: builds programs that load BPF with libbpf-rs or Aya. */

import { homedir } from "node:os";
import { join } from "node:path";
import { simpleTool } from "./simple-tool.ts";

export const cargo = simpleTool({
  name: "cargo",
  purpose: "build the loader of a Rust project",
  install: "cargo",
  // Where rustup puts it, which an editor that was not started from a shell does not know.
  candidates: ["cargo", join(homedir(), ".cargo/bin/cargo")],
  version: /cargo (\d+(?:\.\d+)*)/,
});
