// @ts-check
// The programs the tests need from the system: looks for each, and on Debian and Ubuntu installs the missing ones.
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { findChromium } from "./vscode/find-chromium.mjs";
import { findClang, findProgram, mustRun, run } from "./vscode/process.mjs";

/**
 * @typedef {object} Need
 * @property {string} name
 * @property {() => unknown} isThere
 * @property {readonly string[]} packages the first of these that the distribution has is installed
 */

/** What compilers say differs from release to release. */
export const OLDER_CLANGS = [14, 15, 16, 17].map((version) => `clang-${version}`);

/** @type {readonly Need[]} */
const needs = [
  {
    name: "clang 14 or newer",
    isThere: findClang,
    packages: [19, 22, 21, 20, 18, 17, 16, 15, 14].map((version) => `clang-${version}`),
  },
  // the oldest that everything we write must build with
  { name: "gcc-bpf", isThere: () => findProgram("bpf-gcc", "bpf-unknown-none-gcc"), packages: ["gcc-bpf"] },
  { name: "clang-14", isThere: () => findProgram("clang-14"), packages: ["clang-14"] },
  { name: "ip", isThere: () => findProgram("ip"), packages: ["iproute2"] },
  { name: "llvm", isThere: () => findVersioned("llvm-strip"), packages: ["llvm"] },
  { name: "clangd", isThere: findClangd, packages: ["clangd-19", "clangd"] },
  // in Ubuntu it comes with the tools of the kernel
  { name: "bpftool", isThere: () => findProgram("bpftool"), packages: ["bpftool", "linux-tools-generic"] },
  { name: "libbpf", isThere: () => existsSync("/usr/include/bpf/bpf_helpers.h"), packages: ["libbpf-dev"] },
  { name: "chromium", isThere: findChromium, packages: ["chromium", "chromium-browser"] },
  // VS Code's log module is compiled, see vscode/setup.mjs
  { name: "a C++ compiler", isThere: () => findProgram("g++", "c++"), packages: ["g++"] },
  { name: "pkg-config", isThere: () => findProgram("pkg-config"), packages: ["pkgconf", "pkg-config"] },
  { name: "git", isThere: () => findProgram("git"), packages: ["git"] },
  { name: "make", isThere: () => findProgram("make"), packages: ["make"] },
  { name: "sshd", isThere: () => existsSync("/usr/sbin/sshd"), packages: ["openssh-server"] },
  { name: "qemu", isThere: () => findProgram("qemu-system-x86_64"), packages: ["qemu-system-x86"] },
  // Tests fetch kernels from them.
  { name: "lists of packages", isThere: () => !isDebian() || hasPackageLists(), packages: [] },
  { name: "python3", isThere: () => findProgram("python3"), packages: ["python3"] },
];

/** @returns {Promise<boolean>} whether everything is there now; if not, what to do has been said */
export async function installSystemPackages() {
  const missing = needs.filter(({ isThere }) => !isThere());
  if (missing.length === 0) return true;
  console.log(`Missing on this system: ${missing.map(({ name }) => name).join(", ")}.`);
  if (!isDebian()) {
    console.log("Please install these with your package manager, then run this again.");
    return false;
  }
  const admin = await adminCommand();
  if (!admin) {
    const names = missing.flatMap(({ packages }) => packages[0] ?? []).join(" ");
    console.log("Please run this, then start again:");
    console.log(`  sudo apt-get update && sudo apt-get install -y --no-install-recommends ${names}`);
    return false;
  }
  await mustRun("env", [...admin, "apt-get", "update", "-q"], { quiet: true });
  const lacking = missing.filter(({ packages }) => packages.length > 0);
  if (lacking.length === 0) return true;
  const names = await Promise.all(lacking.map(({ packages }) => firstAvailable(packages)));
  console.log(`Installing ${names.join(" ")} with apt-get.`);
  const install = ["apt-get", "install", "-q", "-y", "--no-install-recommends", ...names];
  await mustRun("env", [...admin, "DEBIAN_FRONTEND=noninteractive", ...install], { quiet: true });
  const still = needs.filter(({ isThere }) => !isThere());
  if (still.length > 0) console.log(`Still missing: ${still.map(({ name }) => name).join(", ")}.`);
  return still.length === 0;
}

export function findClangd() {
  return findVersioned("clangd");
}

/** @param {string} name */
function findVersioned(name) {
  return findProgram(name, ...[22, 21, 20, 19, 18, 17, 16, 15, 14].map((version) => `${name}-${version}`));
}

function hasPackageLists() {
  const folder = "/var/lib/apt/lists";
  return existsSync(folder) && readdirSync(folder).some((name) => /_Packages(?:\.\w+)?$/.test(name));
}

function isDebian() {
  const release = existsSync("/etc/os-release") ? readFileSync("/etc/os-release", "utf8") : "";
  return /^ID(_LIKE)?=.*\b(debian|ubuntu)\b/m.test(release) && findProgram("apt-get") !== undefined;
}

/** What to put before a command that needs root, or undefined when that needs a password. */
async function adminCommand() {
  if (process.getuid?.() === 0) return [];
  const { code } = await run("sudo", ["-n", "true"], { quiet: true });
  return code === 0 ? ["sudo", "-n"] : undefined;
}

/** @param {readonly string[]} packages */
async function firstAvailable(packages) {
  for (const name of packages) {
    const { output } = await run("apt-cache", ["policy", name], { quiet: true });
    if (/Candidate: (?!\(none\))/.test(output)) return name;
  }
  return packages[0] ?? "";
}
