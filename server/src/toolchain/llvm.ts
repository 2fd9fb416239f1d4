/** The names under which LLVM's programs are installed, and the one that takes things out of objects. */

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

export const strip: ToolKind = {
  name: "llvm-strip",
  purpose: "take debug information out of an object",
  setting: "hookpoint.tools.strip",
  install: "llvm",
  newest: true,
  candidates: () => llvmPrograms("llvm-strip"),
  probe: async (program, ask) => {
    const says = await ask(["--version"]);
    const version = /LLVM version (\d+(?:\.\d+)*)/.exec(says ?? "")?.[1];
    return version === undefined ? "does not say its version, as llvm-strip would" : { program, version };
  },
};
