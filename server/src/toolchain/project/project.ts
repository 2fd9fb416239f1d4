/** What can be made: languages, kinds of programs, and the files of each. */

import { cProject } from "./c.ts";
import { kinds } from "./programs/all.ts";
import type { ProjectFile, Wish } from "./shared.ts";

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
];

export { kinds };
