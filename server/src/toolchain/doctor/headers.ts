/** Doctor: the headers and libraries that builds include and link. */

import { existsSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import type { Work } from "../choices.ts";
import { findLibbpf, installHeaders, type Libbpf, type LibbpfSearch } from "../libbpf.ts";
import { machineOf } from "../machine.ts";
import { ToolProblem } from "../problem.ts";
import { findVmlinux } from "../vmlinux-header.ts";
import { filesBelow, firstFile, startOf } from "../workspace-files.ts";
import type { Check } from "./report.ts";

/** A project with more sources is judged by these. */
const MOST_SOURCES = 100;
/** Nobody includes it after more than this of a source. */
const INCLUDES_WITHIN = 64 * 1024;

export async function checkHeaders(work: Work): Promise<readonly Check[]> {
  const sources = await filesBelow(work.root, /\.bpf\.c$/, MOST_SOURCES);
  return [
    await checkLibbpf(sources[0] === undefined ? work.root : dirname(sources[0]), work),
    await checkKernelHeaders(work),
    await checkVmlinux(sources, work),
    await checkLibraries(work),
  ];
}

async function checkLibbpf(folder: string, work: Work): Promise<Check> {
  const about = {
    id: "libbpf",
    area: "build",
    name: "libbpf's headers",
    purpose: "include <bpf/bpf_helpers.h>",
  } as const;
  let search: LibbpfSearch;
  try {
    search = await findLibbpf(folder, work);
  } catch (error) {
    if (!(error instanceof ToolProblem)) throw error;
    return { ...about, state: "unfit", says: error.message };
  }
  const { found, sources } = search;
  if (found !== undefined) {
    const { origin, version, include } = found;
    const says = whence(origin, sources === undefined ? undefined : relative(work.root, sources));
    return { ...about, state: "good", path: include, version, says };
  }
  if (sources === undefined)
    return {
      ...about,
      state: "missing",
      says: "bpf/bpf_helpers.h was found neither in the workspace nor on the system.",
      remedy: "Install libbpf's development files, or name a folder in hookpoint.build.libbpf.",
      install: "libbpf",
    };
  const place = relative(work.root, sources);
  return {
    ...about,
    state: "missing",
    says: `The workspace has libbpf's sources in ${place}, where no program can include the headers as <bpf/…>.`,
    remedy: `Install them into the workspace: ${installHeaders(place)}`,
  };
}

function whence(origin: Libbpf["origin"], sources: string | undefined): string | undefined {
  if (origin === "setting") return "They are named in hookpoint.build.libbpf.";
  if (origin === "workspace") return "They are the workspace's own.";
  if (sources === undefined) return undefined;
  return `The workspace has sources in ${sources} that are not installed; to build with these: ${installHeaders(sources)}`;
}

/** Sources that include no vmlinux.h take the kernel's types from here. */
async function checkKernelHeaders({ choices }: Work): Promise<Check> {
  const about = {
    id: "kernel-headers",
    area: "build",
    name: "the kernel's headers",
    purpose: "include <linux/bpf.h> in sources without vmlinux.h",
  } as const;
  const { triple } = machineOf(choices.arch);
  const header = await firstFile(["/usr/include/linux/bpf.h"]);
  const asm = await firstFile([`/usr/include/${triple}/asm/types.h`, "/usr/include/asm/types.h"]);
  if (header !== undefined && asm !== undefined)
    return { ...about, state: "good", path: dirname(dirname(header)), says: `asm/ is in ${dirname(dirname(asm))}.` };
  const lacking = header === undefined ? "linux/bpf.h" : `asm/types.h for ${machineOf(choices.arch).name}`;
  // Elsewhere nobody can install them.
  const remedy = process.platform === "linux" ? { remedy: "Install them.", install: "libbpf" as const } : {};
  return {
    ...about,
    state: process.platform === "linux" ? "missing" : "note",
    says: `There is no ${lacking}.`,
    ...remedy,
  };
}

async function checkVmlinux(sources: readonly string[], work: Work): Promise<Check> {
  const about = { id: "vmlinux.h", area: "build", name: "vmlinux.h", purpose: "use the kernel's types" } as const;
  const remedy = "Make it with hookpoint vmlinux, or eBPF: Generate vmlinux.h in the editor.";
  const includers = await allOf(sources, includesVmlinux);
  const without = await allOf(includers, async (source) => (await findVmlinux(dirname(source), work)) === undefined);
  const [first] = without;
  if (first !== undefined) {
    const others = without.length === 1 ? "includes" : `and ${without.length - 1} more include`;
    const says = `${relative(work.root, first)} ${others} it, and it is in no folder where projects keep it.`;
    return { ...about, state: "missing", says, remedy };
  }
  const path = await findVmlinux(includers[0] === undefined ? work.root : dirname(includers[0]), work);
  if (path !== undefined) return { ...about, state: "good", path };
  return { ...about, state: "note", says: "There is none in the workspace, and no source that includes it." };
}

async function includesVmlinux(source: string): Promise<boolean> {
  const text = (await startOf(source, INCLUDES_WITHIN)) ?? "";
  return /^[ \t]*#[ \t]*include[ \t]*["<](?:[^">\n]*\/)?vmlinux\.h[">]/m.test(text);
}

async function allOf(paths: readonly string[], fits: (path: string) => Promise<boolean>): Promise<readonly string[]> {
  const answers = await Promise.all(paths.map(fits));
  return paths.filter((_, n) => answers[n]);
}

/** What `-lbpf -lelf -lz` asks for. */
async function checkLibraries({ choices }: Work): Promise<Check> {
  const about = {
    id: "libraries",
    area: "loader",
    name: "libbpf, libelf and zlib to link",
    purpose: "link C programs that load objects",
  } as const;
  const { triple } = machineOf(choices.arch);
  const folders = [`/usr/lib/${triple}`, "/usr/lib64", "/usr/lib", "/lib", "/usr/local/lib64", "/usr/local/lib"];
  const where = (name: string): string | undefined =>
    folders.find((folder) => [".so", ".a"].some((ending) => existsSync(join(folder, `${name}${ending}`))));
  const lacking = ["libbpf", "libelf", "libz"].filter((name) => where(name) === undefined);
  const path = where("libbpf");
  if (lacking.length === 0 && path !== undefined) return { ...about, state: "good", path };
  const says = `There is no ${lacking.join(" and no ")} to link with.`;
  if (process.platform !== "linux") return { ...about, state: "note", says };
  return { ...about, state: "missing", says, remedy: "Install libbpf's development files.", install: "libbpf" };
}
