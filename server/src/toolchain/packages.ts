/** What distributions call the packages that builds need, and how each installs them. */

import type { OsRelease, PackageManager } from "./package-manager.ts";
import { debian } from "./packages-debian.ts";
import { amazon, fedora, redHat } from "./packages-red-hat.ts";

/** The package manager of a Linux distribution, or why there is none to use. */
export function packageManager(os: OsRelease, machine: string): PackageManager | string {
  const names = [os["ID"] ?? "", ...(os["ID_LIKE"] ?? "").split(" ")];
  // The nearest relative that is known.
  for (const name of names) {
    const manager = Object.hasOwn(FAMILIES, name) ? FAMILIES[name]?.(os, machine) : undefined;
    if (manager !== undefined) return manager;
  }
  return "Hookpoint does not know how this system installs software: use its package manager.";
}

type Family = (os: OsRelease, machine: string) => PackageManager | string;

const FAMILIES: Readonly<Record<string, Family>> = {
  debian,
  ubuntu: debian,
  fedora: (os, machine) => (os["ID"] === "fedora" ? fedora(os) : redHat(os, machine)),
  rhel: redHat,
  centos: redHat,
  amzn: amazon,
  suse,
  opensuse: suse,
  "opensuse-leap": suse,
  "opensuse-tumbleweed": suse,
  sles: suse,
  arch,
  alpine,
  nixos,
  "org.freedesktop.platform": () =>
    "VS Code runs in a Flatpak sandbox, which sees none of this system's tools. Install VS Code from its own package, or work in a dev container.",
};

function suse(): PackageManager {
  return {
    command: ["zypper", "install"],
    needsRoot: true,
    packages: {
      clang: ["clang"],
      llvm: ["llvm"],
      clangd: ["clang"],
      bpftool: ["bpftool"],
      libbpf: ["libbpf-devel", "libelf-devel", "zlib-devel"],
      cc: ["gcc"],
      make: ["make"],
      go: ["go"],
      cargo: ["cargo"],
      qemu: ["qemu-x86"],
      ssh: ["openssh-clients"],
    },
  };
}

function arch(): PackageManager {
  return {
    command: ["pacman", "-S", "--needed"],
    needsRoot: true,
    packages: {
      clang: ["clang"],
      llvm: ["llvm"],
      clangd: ["clang"],
      bpftool: ["bpf"],
      libbpf: ["libbpf"],
      cc: ["gcc"],
      make: ["make"],
      go: ["go"],
      cargo: ["rust"],
      qemu: ["qemu-system-x86"],
      ssh: ["openssh"],
    },
  };
}

function alpine(): PackageManager {
  return {
    command: ["apk", "add"],
    needsRoot: true,
    packages: {
      clang: ["clang"],
      llvm: ["llvm"],
      clangd: ["clang-extra-tools"],
      bpftool: ["bpftool"],
      libbpf: ["libbpf-dev", "linux-headers", "elfutils-dev", "zlib-dev"],
      cc: ["gcc", "musl-dev"],
      make: ["make"],
      go: ["go"],
      cargo: ["cargo"],
      qemu: ["qemu-system-x86_64"],
      ssh: ["openssh-client"],
    },
  };
}

function nixos(): PackageManager {
  return {
    command: ["nix-shell", "-p"],
    needsRoot: false,
    advice: "The command opens a shell that has them: start VS Code, or hookpoint, from there.",
    packages: {
      // The wrapper hardens programs with flags that BPF has not.
      clang: ["llvmPackages.clang-unwrapped"],
      llvm: ["llvm"],
      clangd: ["clang-tools"],
      bpftool: ["bpftools"],
      libbpf: ["pkg-config", "libbpf", "elfutils", "zlib"],
      cc: ["gcc"],
      make: ["gnumake"],
      go: ["go"],
      cargo: ["cargo"],
      qemu: ["qemu"],
      ssh: ["openssh"],
    },
  };
}
