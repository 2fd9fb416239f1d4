/** bpftool: skeletons, types of kernels, linking, loading. */

import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { compareVersions, type ToolKind } from "./tool.ts";

/** The first that links objects, which skeletons are made of. */
const OLDEST = "5.13";

export const bpftool: ToolKind = {
  name: "bpftool",
  purpose: "make skeletons and read the kernel's types",
  setting: "hookpoint.tools.bpftool",
  install: "bpftool",
  newest: true,
  candidates: async () => ["bpftool", ...(await ubuntuPrograms())],
  probe: async (program, ask) => {
    const says = await ask(["version"]);
    const version = /bpftool v(\d+(?:\.\d+)*)/.exec(says ?? "")?.[1];
    // Ubuntu's is a script that looks for the one of the running kernel.
    if (version === undefined) return "does not say its version, as bpftool would";
    // That of RHEL 8 goes by the version of its kernel, 4.18, and can do much more.
    if (compareVersions(version, OLDEST) < 0 && !/\bgen object\b/.test((await ask(["gen", "help"])) ?? ""))
      return `is version ${version}, and ${OLDEST} is the oldest that will do`;
    return { program, version };
  },
};

const LINUX_TOOLS = "/usr/lib/linux-tools";

/** Ubuntu has one per kernel, and finds none where the kernel is another's, in a container or WSL: any of them will do. */
async function ubuntuPrograms(): Promise<readonly string[]> {
  try {
    return (await readdir(LINUX_TOOLS)).map((name) => join(LINUX_TOOLS, name, "bpftool"));
  } catch {
    return [];
  }
}
