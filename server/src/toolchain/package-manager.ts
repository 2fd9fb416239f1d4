/** What is known of a distribution's way to install things. */

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

/** As people call the system: "Debian GNU/Linux 12 (bookworm)". */
export function nameOf(os: OsRelease): string {
  return os["PRETTY_NAME"] ?? os["NAME"] ?? "This system";
}

export const tooOld = (os: OsRelease): string =>
  `${nameOf(os)} has no clang and bpftool that are new enough. Work in a container or virtual machine of a newer release, or name tools of your own in the settings hookpoint.tools.*.`;
