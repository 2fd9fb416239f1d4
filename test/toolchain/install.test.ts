/** The command that installs, for each distribution. */

import { expect, test } from "vitest";
import { commandText, installation, readOsRelease, systemName } from "../../server/src/toolchain/install.ts";
import type { Installable } from "../../server/src/toolchain/problem.ts";

const BUILD: readonly Installable[] = ["clang", "libbpf", "bpftool"];

const linux = (osRelease: string) => ({ platform: "linux", machine: "x86_64", osRelease });

/** What is typed in by somebody who is not root. */
const typed = (wanted: readonly Installable[], osRelease: string) =>
  commandText(installation(wanted, linux(osRelease)), false);

const ubuntu = (version: string, code: string) =>
  `ID=ubuntu\nID_LIKE=debian\nVERSION_ID="${version}"\nUBUNTU_CODENAME=${code}`;
const debian = (version: string, code: string) => `ID=debian\nVERSION_ID="${version}"\nVERSION_CODENAME=${code}`;

test.each([
  ["Debian 11", debian("11", "bullseye"), "sudo apt-get install clang-13 libbpf-dev linux-libc-dev"],
  ["Debian 12", debian("12", "bookworm"), "sudo apt-get install clang-19 libbpf-dev linux-libc-dev bpftool"],
  ["Debian 13", debian("13", "trixie"), "sudo apt-get install clang libbpf-dev linux-libc-dev bpftool"],
  ["Debian sid", "ID=debian\nVERSION_CODENAME=sid", "sudo apt-get install clang libbpf-dev linux-libc-dev bpftool"],
  [
    "Ubuntu 20.04",
    ubuntu("20.04", "focal"),
    "sudo apt-get install clang-12 libbpf-dev linux-libc-dev linux-tools-common linux-tools-generic-hwe-20.04",
  ],
  [
    "Ubuntu 22.04",
    ubuntu("22.04", "jammy"),
    "sudo apt-get install clang-15 libbpf-dev linux-libc-dev linux-tools-common linux-tools-generic",
  ],
  [
    "Ubuntu 24.04",
    ubuntu("24.04", "noble"),
    "sudo apt-get install clang libbpf-dev linux-libc-dev linux-tools-common linux-tools-generic",
  ],
  ["Ubuntu 26.04", ubuntu("26.04", "r"), "sudo apt-get install clang libbpf-dev linux-libc-dev bpftool"],
  [
    "Linux Mint 21",
    'ID=linuxmint\nID_LIKE="ubuntu debian"\nVERSION_ID="21.3"\nUBUNTU_CODENAME=jammy',
    "sudo apt-get install clang-15 libbpf-dev linux-libc-dev linux-tools-common linux-tools-generic",
  ],
  [
    "Fedora",
    "ID=fedora\nVERSION_ID=43",
    "sudo dnf install clang libbpf-devel elfutils-libelf-devel zlib-devel bpftool",
  ],
  [
    "Fedora Silverblue",
    "ID=fedora\nVERSION_ID=43\nOSTREE_VERSION=43.1",
    "sudo rpm-ostree install clang libbpf-devel elfutils-libelf-devel zlib-devel bpftool",
  ],
  [
    "RHEL 9",
    'ID="rhel"\nID_LIKE="fedora"\nVERSION_ID="9.4"',
    "sudo dnf install --enablerepo=codeready-builder-for-rhel-9-x86_64-rpms clang libbpf-devel elfutils-libelf-devel zlib-devel bpftool",
  ],
  [
    "CentOS Stream 9",
    'ID="centos"\nID_LIKE="rhel fedora"\nVERSION_ID="9"',
    "sudo dnf install --enablerepo=crb clang libbpf-devel elfutils-libelf-devel zlib-devel bpftool",
  ],
  [
    "Rocky 8",
    'ID="rocky"\nID_LIKE="rhel centos fedora"\nVERSION_ID="8.10"',
    "sudo dnf install --enablerepo=powertools clang libbpf-devel elfutils-libelf-devel zlib-devel bpftool",
  ],
  [
    "AlmaLinux 10",
    'ID="almalinux"\nID_LIKE="rhel centos fedora"\nVERSION_ID="10.0"',
    "sudo dnf install --enablerepo=crb clang libbpf-devel elfutils-libelf-devel zlib-devel bpftool",
  ],
  [
    "Oracle Linux 9",
    'ID="ol"\nID_LIKE="fedora"\nVERSION_ID="9.5"',
    "sudo dnf install --enablerepo=ol9_codeready_builder clang libbpf-devel elfutils-libelf-devel zlib-devel bpftool",
  ],
  [
    "Amazon Linux 2023",
    'ID="amzn"\nID_LIKE="fedora"\nVERSION_ID="2023"',
    "sudo dnf install clang libbpf-devel elfutils-libelf-devel zlib-devel bpftool",
  ],
  [
    "openSUSE Leap",
    'ID="opensuse-leap"\nID_LIKE="suse opensuse"\nVERSION_ID="15.6"',
    "sudo zypper install clang libbpf-devel libelf-devel zlib-devel bpftool",
  ],
  [
    "Tumbleweed",
    'ID="opensuse-tumbleweed"\nID_LIKE="opensuse suse"',
    "sudo zypper install clang libbpf-devel libelf-devel zlib-devel bpftool",
  ],
  ["SLES", 'ID="sles"\nID_LIKE="suse"', "sudo zypper install clang libbpf-devel libelf-devel zlib-devel bpftool"],
  ["Arch", "ID=arch", "sudo pacman -S --needed clang libbpf bpf"],
  ["Manjaro", "ID=manjaro\nID_LIKE=arch", "sudo pacman -S --needed clang libbpf bpf"],
  ["Alpine", "ID=alpine", "sudo apk add clang libbpf-dev linux-headers elfutils-dev zlib-dev bpftool"],
  ["NixOS", "ID=nixos", "nix-shell -p llvmPackages.clang-unwrapped pkg-config libbpf elfutils zlib bpftools"],
])("%s", (_, osRelease, command) => {
  expect(typed(BUILD, osRelease)).toBe(command);
});

test.each([
  ["Ubuntu 18.04", `PRETTY_NAME="Ubuntu 18.04.6 LTS"\n${ubuntu("18.04", "bionic")}`, "Ubuntu 18.04.6 LTS has no clang"],
  ["Debian 10", debian("10", "buster"), "has no clang and bpftool that are new enough"],
  ["RHEL 7", 'ID="rhel"\nVERSION_ID="7.9"', "has no clang and bpftool that are new enough"],
  ["Amazon Linux 2", 'ID="amzn"\nID_LIKE="centos rhel fedora"\nVERSION_ID="2"', "has no clang and bpftool"],
  ["a Flatpak", "ID=org.freedesktop.platform", "VS Code runs in a Flatpak sandbox"],
  ["an unknown one", "ID=hobby", "use its package manager"],
  ["one with an odd name", "ID=constructor\nID_LIKE=__proto__", "use its package manager"],
  ["one that says nothing", "", "use its package manager"],
])("%s has no command, and why is said", (_, osRelease, advice) => {
  const how = installation(BUILD, linux(osRelease));
  expect([how.command, how.advice]).toEqual([undefined, expect.stringContaining(advice)]);
});

test("what a distribution lacks is said beside the command for the rest", () => {
  const { command, advice } = installation(["llvm", "bpftool"], linux(debian("11", "bullseye")));
  expect(command).toEqual(["apt-get", "install", "llvm-13"]);
  expect(advice).toContain(
    "no package of bpftool that would do. The sources are at https://github.com/libbpf/bpftool.",
  );
});

test("GCC for BPF is installed where it is new enough, by each distribution's name", () => {
  expect(typed(["gcc-bpf"], debian("12", "bookworm"))).toBeUndefined();
  expect(typed(["gcc-bpf"], debian("13", "trixie"))).toBe("sudo apt-get install gcc-bpf");
  expect(typed(["gcc-bpf"], "ID=fedora\nVERSION_ID=43")).toBe("sudo dnf install gcc-bpf-unknown-none");
});

test("macOS has a command for what runs there, and the rest needs Linux; so does all on Windows", () => {
  const mac = installation(["clang", "go", "bpftool"], { platform: "darwin", machine: "arm64", osRelease: "" });
  expect(commandText(mac, false)).toBe("brew install llvm go");
  expect(mac.advice).toContain("no package of bpftool for macOS");
  const windows = installation(BUILD, { platform: "win32", machine: "x86_64", osRelease: "" });
  expect([windows.command, windows.advice]).toEqual([undefined, expect.stringContaining("wsl --install")]);
});

test("one command installs everything once, and root needs no sudo", () => {
  const how = installation(["clang", "clangd", "clang", "cc", "make", "llvm", "go", "cargo"], linux("ID=arch"));
  expect(commandText(how, true)).toBe("pacman -S --needed clang gcc make llvm go rust");
});

test("os-release is read as a shell would", () => {
  const text = '# comment\nID=\'a b\'\r\nNAME="x \\"\nEMPTY=\nPRETTY_NAME="Debian GNU/Linux 12 (bookworm)"\n';
  expect(readOsRelease(text)).toMatchObject({ ID: "a b", EMPTY: "", PRETTY_NAME: "Debian GNU/Linux 12 (bookworm)" });
  expect(systemName(linux(text))).toBe("Debian GNU/Linux 12 (bookworm)");
});
