/** The names under which LLVM's programs are installed, and those of them that look into objects. */

import type { ToolKind } from "./tool.ts";

const NEWEST = 23;
const OLDEST = 11;

/** As distributions, Homebrew and Android's NDK name them. */
export function llvmPrograms(name: string): readonly string[] {
  const ndk = process.env["ANDROID_NDK_HOME"];
  return [
    name,
    ...Array.from({ length: NEWEST - OLDEST + 1 }, (_, i) => `${name}-${NEWEST - i}`),
    ...Array.from({ length: NEWEST - OLDEST + 1 }, (_, i) => `/usr/lib/llvm-${NEWEST - i}/bin/${name}`),
    `/opt/homebrew/opt/llvm/bin/${name}`,
    `/usr/local/opt/llvm/bin/${name}`,
    ...(ndk === undefined ? [] : [`${ndk}/toolchains/llvm/prebuilt/${process.platform}-x86_64/bin/${name}`]),
  ];
}

function llvmTool(name: string, purpose: string, setting: string): ToolKind {
  return {
    name,
    purpose,
    setting,
    install: "llvm",
    newest: true,
    candidates: () => llvmPrograms(name),
    probe: async (program, ask) => {
      const says = await ask(["--version"]);
      const version = /LLVM version (\d+(?:\.\d+)*)/.exec(says ?? "")?.[1];
      return version === undefined ? `does not say its version, as ${name} would` : { program, version };
    },
  };
}

export const objdump = llvmTool("llvm-objdump", "show the instructions of an object", "hookpoint.tools.objdump");
export const strip = llvmTool("llvm-strip", "take debug information out of an object", "hookpoint.tools.strip");
