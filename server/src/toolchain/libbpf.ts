/** libbpf's headers, which BPF programs include as `<bpf/bpf_helpers.h>`: the workspace's own, or the installed ones. */

import { join, resolve } from "node:path";
import type { Work } from "./choices.ts";
import { lookUp } from "./look-up.ts";
import { ToolProblem } from "./problem.ts";
import { run } from "./run.ts";
import { quoted } from "./step.ts";
import { entries, firstFile, foldersUp, folderWith, isFile, startOf } from "./workspace-files.ts";

export interface Libbpf {
  /** The folder that `bpf/bpf_helpers.h` lies in. */
  readonly include: string;
  readonly origin: "setting" | "workspace" | "pkg-config" | "system";
  /** `1.1`, as the headers say it; undefined in those before 0.6. */
  readonly version: string | undefined;
}

export interface LibbpfSearch {
  readonly found: Libbpf | undefined;
  /** libbpf's sources in the workspace: their headers lie in no folder `bpf` before they are installed somewhere. */
  readonly sources: string | undefined;
}

type Looking = Pick<Work, "choices" | "root" | "signal">;

const HEADER = join("bpf", "bpf_helpers.h");
/** Below these projects keep libraries and what they build. */
const KEPT_IN = [
  ...[".output", "build", "_build", "out", "include", "headers", "third_party", "third-party", "3rdparty", "vendor"],
  ...["external", "extern", "deps", "lib", "libs", "libbpf", "src", "bpf"],
];
/** These are searched by compilers without being told. */
const SEARCHED = process.platform === "win32" ? [] : ["/usr/local/include", "/usr/include"];
const INSTALLED = [...SEARCHED, "/opt/homebrew/include", "/home/linuxbrew/.linuxbrew/include"];
const VERSION_HEADER_BYTES = 4096;
const PKG_CONFIG_TIMEOUT_MS = 10_000;

/** What a compiler must be told for `<bpf/bpf_helpers.h>`: nothing where it looks by itself, and nothing where there is none. */
export async function libbpfIncludes(folder: string, work: Looking): Promise<readonly string[]> {
  const { found } = await findLibbpf(folder, work);
  return found === undefined || SEARCHED.includes(found.include) ? [] : [found.include];
}

/** @param folder of the source that is to be built */
export async function findLibbpf(folder: string, work: Looking): Promise<LibbpfSearch> {
  const { choices, root } = work;
  if (choices.libbpf !== "")
    return { found: await at(await chosen(choices.libbpf, root), "setting"), sources: undefined };
  const folders = foldersUp(folder, root);
  const own = await firstOf(folders, ownInclude);
  if (own !== undefined) return { found: await at(own, "workspace"), sources: undefined };
  const sources = await firstOf(folders, ownSources);
  const asked = await fromPkgConfig(work);
  if (asked !== undefined) return { found: await at(asked, "pkg-config"), sources };
  const header = await firstFile(INSTALLED.map((include) => join(include, HEADER)));
  if (header === undefined) return { found: undefined, sources };
  return { found: await at(resolve(header, "../.."), "system"), sources };
}

/** What puts the headers of libbpf's sources where they are found. For a shell in the root: make itself works beside the sources. */
export function installHeaders(sources: string): string {
  return `make -C ${quoted(sources)} install_headers DESTDIR="$PWD/build/libbpf"`;
}

async function chosen(setting: string, root: string): Promise<string> {
  const include = resolve(root, setting);
  if (await isFile(join(include, HEADER))) return include;
  throw new ToolProblem(
    `"${setting}", named in hookpoint.build.libbpf, has no bpf/bpf_helpers.h in it. Name the folder that has, or none, to have it looked for.`,
    { setting: "hookpoint.build.libbpf" },
  );
}

async function at(include: string, origin: Libbpf["origin"]): Promise<Libbpf> {
  return { include, origin, version: await versionOf(include) };
}

async function versionOf(include: string): Promise<string | undefined> {
  const text = (await startOf(join(include, "bpf", "libbpf_version.h"), VERSION_HEADER_BYTES)) ?? "";
  const [major, minor] = ["MAJOR", "MINOR"].map(
    (part) => new RegExp(`#define\\s+LIBBPF_${part}_VERSION\\s+(\\d+)`).exec(text)?.[1],
  );
  return major === undefined || minor === undefined ? undefined : `${major}.${minor}`;
}

async function firstOf<T>(
  folders: readonly string[],
  look: (folder: string) => Promise<T | undefined>,
): Promise<T | undefined> {
  for (const folder of folders) {
    const found = await look(folder);
    if (found !== undefined) return found;
  }
  return undefined;
}

async function ownInclude(folder: string): Promise<string | undefined> {
  if (await isFile(join(folder, HEADER))) return folder;
  const below = await firstOf(KEPT_IN, (name) => folderWith(HEADER, join(folder, name)));
  return below ?? (await fromCargo(folder));
}

/** Cargo builds libbpf-sys in a folder whose name nobody knows before. */
async function fromCargo(folder: string): Promise<string | undefined> {
  for (const profile of ["debug", "release"]) {
    const built = join(folder, "target", profile, "build");
    for (const { name } of await entries(built)) {
      const include = join(built, name, "out", "include");
      if (name.startsWith("libbpf-sys-") && (await isFile(join(include, HEADER)))) return include;
    }
  }
  return undefined;
}

/** Its own repository and the kernel's keep the headers beside the sources. */
async function ownSources(folder: string): Promise<string | undefined> {
  const below = ["libbpf", "third_party/libbpf", "vendor/libbpf", "external/libbpf", "deps/libbpf", "lib/libbpf"];
  const places = [...below, "src/libbpf", "../libbpf"].map((place) => join(folder, place, "src"));
  const header = await firstFile(places.map((place) => join(place, "bpf_helpers.h")));
  return header === undefined ? undefined : resolve(header, "..");
}

/** Undefined where there is no pkg-config, or it knows none. */
async function fromPkgConfig({ root, signal }: Looking): Promise<string | undefined> {
  const [program] = [...(await lookUp("pkg-config", root)), ...(await lookUp("pkgconf", root))];
  if (program === undefined) return undefined;
  // Otherwise it leaves out those that compilers search anyway.
  const env = { PKG_CONFIG_ALLOW_SYSTEM_CFLAGS: "1" };
  try {
    const options = { cwd: root, env, signal, timeoutMs: PKG_CONFIG_TIMEOUT_MS };
    const { code, stdout } = await run(program, ["--cflags-only-I", "libbpf"], options);
    if (code !== 0) return undefined;
    const header = await firstFile(includesIn(stdout).map((include) => join(include, HEADER)));
    return header === undefined ? undefined : resolve(header, "../..");
  } catch {
    return undefined;
  }
}

/** A space in a path has a backslash before it. */
function includesIn(flags: string): readonly string[] {
  return [...flags.matchAll(/-I((?:\\.|[^\s\\])+)/g)].map(([, path = ""]) => path.replaceAll(/\\(.)/g, "$1"));
}
