/** Doctor: the tools, as the commands would find them. */

import { join } from "node:path";
import { bpftool } from "../bpftool.ts";
import { cargo } from "../cargo.ts";
import { cc } from "../cc.ts";
import type { Work } from "../choices.ts";
import { clang } from "../clang.ts";
import { clangd } from "../clangd.ts";
import { gcc } from "../gcc.ts";
import { go } from "../go.ts";
import { strip } from "../llvm.ts";
import { make } from "../make.ts";
import { find, reasonsOf, type ToolKind, whyNone } from "../tool.ts";
import { isFile } from "../workspace-files.ts";
import type { Check } from "./report.ts";

interface Wanted {
  readonly kind: ToolKind;
  readonly area: Check["area"];
  /** The person's choice, or nothing. */
  readonly choice?: string;
}

export async function checkTools(work: Work): Promise<readonly Check[]> {
  const { choices, root } = work;
  const wanted: Wanted[] = [
    choices.compiler === "gcc"
      ? { kind: gcc, area: "build", choice: choices.gcc }
      : { kind: clang, area: "build", choice: choices.clang },
    { kind: bpftool, area: "skeleton", choice: choices.bpftool },
    { kind: strip, area: "inspect", choice: choices.strip },
    { kind: cc, area: "loader" },
    { kind: make, area: "loader" },
    { kind: clangd, area: "editor" },
  ];
  // Nobody else has a use for these.
  if (await isFile(join(root, "go.mod"))) wanted.push({ kind: go, area: "loader" });
  if (await isFile(join(root, "Cargo.toml"))) wanted.push({ kind: cargo, area: "loader" });
  return Promise.all(wanted.map((one) => checkTool(one, work)));
}

async function checkTool({ kind, area, choice = "" }: Wanted, { root, signal }: Work): Promise<Check> {
  const { name, purpose, setting, install } = kind;
  const found = await find(kind, choice, root, signal);
  const about = { id: idOf(name), area, name, purpose };
  const { tool, refused } = found;
  if (tool !== undefined) {
    const chosen = choice === "" ? undefined : `It is named in ${setting}.`;
    return { ...about, state: "good", version: tool.version, path: tool.program, says: chosen };
  }
  // What was chosen is mended by choosing otherwise.
  if (choice !== "")
    return { ...about, state: "unfit", says: whyNone(kind, choice, found), remedy: `Change ${setting}, or empty it.` };
  const says = refused.length === 0 ? "It was not found." : `None that was found will do: ${reasonsOf(found)}.`;
  const state = area === "editor" ? "note" : refused.length === 0 ? "missing" : "unfit";
  const orName = setting === undefined ? "" : ` or name one of your own in ${setting}`;
  return { ...about, state, says, remedy: `Install it${orName}.`, install };
}

function idOf(name: string): string {
  return IDS[name] ?? name;
}

const IDS: Readonly<Record<string, string>> = { [cc.name]: "cc", [gcc.name]: "gcc-bpf" };
