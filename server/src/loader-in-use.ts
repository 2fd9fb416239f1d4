/** What loads the programs of a source where no setting says it: the files in which projects name what they are made of. */

import type { Host } from "./host.ts";
import { parentOf } from "./project.ts";

interface Mark {
  readonly file: string;
  readonly says: RegExp;
  /** As the setting `hookpoint.loader`. */
  readonly loader: string;
}

/** What a package of a package needs loads nothing of the project's own. */
const goModule = (name: string): RegExp => new RegExp(`\\bgithub\\.com/${name}\\b(?!.*// indirect)`);

/** Of those in one folder the first counts: a manager is used beside what it stands on. */
const MARKS: readonly Mark[] = [
  { file: "gadget.yaml", says: /^/, loader: "cilium/ebpf" },
  { file: "go.mod", says: goModule("DataDog/ebpf-manager"), loader: "ebpf-manager" },
  { file: "go.mod", says: goModule("cilium/ebpf"), loader: "cilium/ebpf" },
  { file: "go.mod", says: goModule("aquasecurity/libbpfgo"), loader: "libbpfgo" },
  { file: "Cargo.toml", says: /^\s*(?:\[[\w.-]*dependencies\.)?aya\b/m, loader: "aya" },
  { file: "Cargo.toml", says: /\blibbpf-(?:cargo|rs|sys)\b/, loader: "libbpf" },
  // The packages of a workspace may name it, and the workspace not.
  { file: "Cargo.lock", says: /^name = "aya"$/m, loader: "aya" },
];

const FILES: readonly string[] = [...new Set(MARKS.map(({ file }) => file))];
/** Longer ones were written by no person, and by no tool for a project that is one. */
const MAX_LENGTH = 4 * 1024 * 1024;

export const LOADER_MARKS = `**/{${FILES.join(",")}}`;

export function marksLoader(uri: string): boolean {
  return FILES.includes(uri.slice(uri.lastIndexOf("/") + 1));
}

export interface LoadersInUse {
  /** Undefined where nothing says it. */
  of(uri: string): Promise<string | undefined>;
  /** Forgets what was read. */
  clear(): void;
}

/** The nearest folder counts that says something. */
export function loadersInUse(host: Pick<Host, "readText">): LoadersInUse {
  const byFolder = new Map<string, Promise<string | undefined>>();
  const inFolder = (folder: string): Promise<string | undefined> => {
    const known = byFolder.get(folder);
    if (known !== undefined) return known;
    const above = parentOf(folder);
    const found = markIn(folder, host).then((loader) => loader ?? (above === undefined ? undefined : inFolder(above)));
    byFolder.set(folder, found);
    return found;
  };
  return {
    of: async (uri) => {
      const folder = parentOf(uri);
      return folder === undefined ? undefined : inFolder(folder);
    },
    clear: () => byFolder.clear(),
  };
}

async function markIn(folder: string, { readText }: Pick<Host, "readText">): Promise<string | undefined> {
  const read = FILES.map(async (file) => [file, await readText(`${folder}/${file}`, MAX_LENGTH)] as const);
  const texts = new Map(await Promise.all(read));
  return MARKS.find(({ file, says }) => {
    const text = texts.get(file);
    return text !== undefined && says.test(text);
  })?.loader;
}
