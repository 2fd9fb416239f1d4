/** What Debian, Ubuntu and those made of them call their packages, release by release. */

import { type OsRelease, type PackageManager, tooOld } from "./package-manager.ts";

/** Where the plain package is older than it need be: the newest that the release has, by its code name. */
const DEBIAN_LLVM: Readonly<Record<string, string>> = {
  bullseye: "-13",
  bookworm: "-19",
  focal: "-12",
  jammy: "-15",
};
/** They have GCC's BPF back end from before 14. */
const OLD_GCC = new Set(["bullseye", "bookworm", "focal", "jammy"]);
const OLD_DEBIAN = new Set(["stretch", "buster", "trusty", "xenial", "bionic"]);

export function debian(os: OsRelease): PackageManager | string {
  // Those that are made of Ubuntu have a code name of their own.
  const code = os["UBUNTU_CODENAME"] ?? os["DEBIAN_CODENAME"] ?? os["VERSION_CODENAME"] ?? "";
  if (OLD_DEBIAN.has(code)) return tooOld(os);
  const llvm = DEBIAN_LLVM[code] ?? "";
  const bpftool = debianBpftool(os, code);
  return {
    command: ["apt-get", "install"],
    needsRoot: true,
    advice: "If a package is not found, run apt-get update first.",
    packages: {
      clang: [`clang${llvm}`],
      llvm: [`llvm${llvm}`],
      clangd: [`clangd${llvm}`],
      ...(bpftool === undefined ? {} : { bpftool }),
      libbpf: ["libbpf-dev", "linux-libc-dev"],
      cc: ["gcc", "libc6-dev"],
      make: ["make"],
      go: ["golang-go"],
      cargo: ["cargo"],
      qemu: ["qemu-system-x86"],
      ssh: ["openssh-client"],
      ...(OLD_GCC.has(code) ? {} : { "gcc-bpf": ["gcc-bpf"] }),
    },
  };
}

/** Ubuntu's came with the tools of a kernel until 25.04, and that of 20.04's first kernel makes no objects. */
function debianBpftool(os: OsRelease, code: string): readonly string[] | undefined {
  const isUbuntu = os["ID"] === "ubuntu" || os["UBUNTU_CODENAME"] !== undefined;
  if (code === "bullseye") return undefined;
  if (!isUbuntu) return ["bpftool"];
  if (code === "focal") return ["linux-tools-common", "linux-tools-generic-hwe-20.04"];
  if (os["ID"] === "ubuntu" && Number.parseFloat(os["VERSION_ID"] ?? "") >= 25.04) return ["bpftool"];
  return ["linux-tools-common", "linux-tools-generic"];
}
