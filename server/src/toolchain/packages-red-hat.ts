/** What Fedora, Red Hat's family and Amazon Linux call their packages. */

import { type OsRelease, type PackageManager, tooOld } from "./package-manager.ts";

const RED_HAT: PackageManager["packages"] = {
  clang: ["clang"],
  llvm: ["llvm"],
  clangd: ["clang-tools-extra"],
  bpftool: ["bpftool"],
  libbpf: ["libbpf-devel", "elfutils-libelf-devel", "zlib-devel"],
  cc: ["gcc"],
  make: ["make"],
  go: ["golang"],
  cargo: ["cargo"],
  // On RHEL there is only qemu-kvm, which is the same.
  qemu: ["qemu-kvm"],
  ssh: ["openssh-clients"],
};

export function fedora(os: OsRelease): PackageManager {
  if (os["OSTREE_VERSION"] !== undefined) {
    const advice = "This system is changed as a whole: restart it when the command is done.";
    return { command: ["rpm-ostree", "install"], needsRoot: true, packages: RED_HAT, advice };
  }
  const packages = { ...RED_HAT, "gcc-bpf": ["gcc-bpf-unknown-none"] };
  return { command: ["dnf", "install"], needsRoot: true, packages };
}

export function redHat(os: OsRelease, machine: string): PackageManager | string {
  const major = Number.parseInt(os["VERSION_ID"] ?? "", 10);
  if (major < 8) return tooOld(os);
  const libbpf = [`--enablerepo=${redHatRepository(os["ID"] ?? "", major, machine)}`];
  return { command: ["dnf", "install"], needsRoot: true, packages: RED_HAT, options: { libbpf } };
}

/** libbpf's headers are in a repository of their own, whose name differs. */
function redHatRepository(id: string, major: number, machine: string): string {
  if (id === "rhel") return `codeready-builder-for-rhel-${major}-${machine}-rpms`;
  if (id === "ol") return `ol${major}_codeready_builder`;
  return major === 8 ? "powertools" : "crb";
}

export function amazon(os: OsRelease): PackageManager | string {
  if (os["VERSION_ID"] === "2") return tooOld(os);
  return { command: ["dnf", "install"], needsRoot: true, packages: RED_HAT };
}
