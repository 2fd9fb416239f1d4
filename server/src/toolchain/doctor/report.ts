/** What a look at the toolchain came to: one record per thing, good or not, with what to do about it. */

import type { Installable } from "../problem.ts";

/** What a thing is for, in the order in which it is needed. */
export const AREAS = {
  build: "To build objects",
  skeleton: "For skeletons and the kernel's types",
  inspect: "To look into objects",
  loader: "To build programs that load objects",
  load: "To load programs into this kernel",
  editor: "Beside Hookpoint",
} as const;

export interface Check {
  /** For scripts. */
  readonly id: string;
  readonly area: keyof typeof AREAS;
  /** What people call it. */
  readonly name: string;
  /** `unfit`: it is there and will not do; `note`: it is not there and need not be. */
  readonly state: "good" | "missing" | "unfit" | "note";
  readonly version?: string | undefined;
  readonly path?: string | undefined;
  /** What else is to be said of it: sentences. */
  readonly says?: string | undefined;
  /** What it is for, to complete "it is needed to". */
  readonly purpose: string;
  /** What to do: sentences. */
  readonly remedy?: string | undefined;
  readonly install?: Installable | undefined;
}

export interface Report {
  readonly hookpoint: string;
  /** "VS Code 1.91.0", where there is one. */
  readonly editor?: string | undefined;
  readonly system: { readonly name: string; readonly kernel?: string | undefined; readonly machine: string };
  /** Whether all that is needed to build is there. */
  readonly ready: boolean;
  readonly checks: readonly Check[];
  /** What would install what is missing. */
  readonly install?: { readonly command: string | undefined; readonly advice: string } | undefined;
}

export function isBad({ state }: Check): boolean {
  return state === "missing" || state === "unfit";
}
