/** What can be made: languages, kinds of programs, and the files of each. */

import { cProject } from "./c.ts";
import { goProject } from "./go.ts";
import { kinds } from "./programs/all.ts";
import { rustProject } from "./rust.ts";
import { identifier, type ProjectFile, type Wish } from "./shared.ts";

export interface Language {
  /** What `hookpoint new --kind` calls it. */
  readonly id: string;
  readonly title: string;
  readonly files: (wish: Wish) => readonly ProjectFile[];
  /** The one to begin reading with. */
  readonly main: (name: string) => string;
}

export const languages: readonly Language[] = [
  { id: "c", title: "C with libbpf", files: cProject, main: (name) => `${name}.bpf.c` },
  { id: "go", title: "Go with cilium/ebpf", files: goProject, main: (name) => `bpf/${name}.bpf.c` },
  { id: "rust", title: "Rust with libbpf-rs", files: rustProject, main: (name) => `src/bpf/${identifier(name)}.bpf.c` },
];

export { kinds };
