/** `vmlinux.h`, the kernel's types as C: where projects keep theirs. */

import { join } from "node:path";
import type { Work } from "./choices.ts";
import { machineOf } from "./machine.ts";
import { firstFile, foldersUp } from "./workspace-files.ts";

export const VMLINUX = "vmlinux.h";

/** @param folder of the source that includes it */
export async function findVmlinux(
  folder: string,
  { choices, root }: Pick<Work, "choices" | "root">,
): Promise<string | undefined> {
  const { name, target } = machineOf(choices.arch);
  const places = foldersUp(folder, root).flatMap((above) => [
    above,
    ...PLACES.flatMap((place) => [place, join(place, target), join(place, name)]).map((place) => join(above, place)),
  ]);
  return firstFile(places.map((place) => join(place, VMLINUX)));
}

const PLACES = [
  "vmlinux",
  "include",
  "include/vmlinux",
  "headers",
  ".output",
  "build",
  "bpf",
  "src",
  "src/bpf",
  "vmlinux.h/include",
  "libbpf/include/vmlinux",
  "third_party/vmlinux",
  "vendor/vmlinux",
];
