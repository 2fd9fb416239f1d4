/** Which system we run on. */

import { readFile } from "node:fs/promises";
import { machine } from "node:os";

export interface System {
  readonly platform: string;
  /** What `/etc/os-release` says, or nothing. */
  readonly osRelease: string;
  /** As `uname -m` says it: x86_64. */
  readonly machine: string;
}

export async function thisSystem(): Promise<System> {
  return { platform: process.platform, osRelease: await osRelease(), machine: machine() };
}

async function osRelease(): Promise<string> {
  for (const path of ["/etc/os-release", "/usr/lib/os-release"]) {
    try {
      return await readFile(path, "utf8");
    } catch {
      // The next one may be there.
    }
  }
  return "";
}
