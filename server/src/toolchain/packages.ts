/** What distributions call the packages that builds need, and how each installs them. */

import type { Installable } from "./problem.ts";

export interface PackageManager {
  readonly command: readonly string[];
  readonly needsRoot: boolean;
  /** Not here: what the distribution lacks, or has too old. */
  readonly packages: Readonly<Partial<Record<Installable, readonly string[]>>>;
  /** Options that packages need: a repository that is not asked unless it is named. */
  readonly options?: Readonly<Partial<Record<Installable, readonly string[]>>>;
  /** What else there is to do or to know. */
  readonly advice?: string;
}

/** The fields of `/etc/os-release`. */
export type OsRelease = Readonly<Record<string, string>>;

type Packages = PackageManager["packages"];

/** The package manager of a Linux distribution, or why there is none to use. */
export function packageManager(os: OsRelease, machine: string): PackageManager | string {
  const names = [os["ID"] ?? "", ...(os["ID_LIKE"] ?? "").split(" ")];
  // The nearest relative that is known.
  for (const name of names) {
    const manager = FAMILIES[name]?.(os, machine);
    if (manager !== undefined) return manager;
  }
  return "Hookpoint does not know how this system installs software: use its package manager.";
}

type Family = (os: OsRelease, machine: string) => PackageManager | string;

const FAMILIES: Readonly<Record<string, Family>> = {
  debian,
  ubuntu: debian,
  fedora: (os) => (os["ID"] === "fedora" ? fedora(os) : undefined) ?? redHat(os, ""),
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

const TOO_OLD = (system: string): string =>
  `${system} has no clang and bpftool that are new enough. Work in a container or virtual machine of a newer release, or name tools of your own in the settings hookpoint.tools.*.`;

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

function debian(os: OsRelease): PackageManager | string {
  // Those that are made of Ubuntu have a code name of their own.
  const code = os["UBUNTU_CODENAME"] ?? os["DEBIAN_CODENAME"] ?? os["VERSION_CODENAME"] ?? "";
  if (OLD_DEBIAN.has(code)) return TOO_OLD(nameOf(os));
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

const RED_HAT: Packages = {
  clang: ["clang"],
  llvm: ["llvm"],
  clangd: ["clang-tools-extra"],
  bpftool: ["bpftool"],
  libbpf: ["libbpf-devel", "elfutils-libelf-devel", "zlib-devel"],
  cc: ["gcc"],
  make: ["make"],
  go: ["golang"],
  cargo: ["cargo"],
};

function fedora(os: OsRelease): PackageManager {
  if (os["OSTREE_VERSION"] !== undefined) {
    const advice = "This system is changed as a whole: restart it when the command is done.";
    return { command: ["rpm-ostree", "install"], needsRoot: true, packages: RED_HAT, advice };
  }
  const packages = { ...RED_HAT, "gcc-bpf": ["gcc-bpf-unknown-none"] };
  return { command: ["dnf", "install"], needsRoot: true, packages };
}

function redHat(os: OsRelease, machine: string): PackageManager | string {
  const major = Number.parseInt(os["VERSION_ID"] ?? "", 10);
  if (major < 8) return TOO_OLD(nameOf(os));
  const libbpf = [`--enablerepo=${redHatRepository(os["ID"] ?? "", major, machine)}`];
  return { command: ["dnf", "install"], needsRoot: true, packages: RED_HAT, options: { libbpf } };
}

/** libbpf's headers are in a repository of their own, whose name differs. */
function redHatRepository(id: string, major: number, machine: string): string {
  if (id === "rhel") return `codeready-builder-for-rhel-${major}-${machine}-rpms`;
  if (id === "ol") return `ol${major}_codeready_builder`;
  return major === 8 ? "powertools" : "crb";
}

function amazon(os: OsRelease): PackageManager | string {
  if (os["VERSION_ID"] === "2") return TOO_OLD(nameOf(os));
  return { command: ["dnf", "install"], needsRoot: true, packages: RED_HAT };
}

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
    },
  };
}

/** As people call the system: "Debian GNU/Linux 12 (bookworm)". */
export function nameOf(os: OsRelease): string {
  return os["PRETTY_NAME"] ?? os["NAME"] ?? "This system";
}
