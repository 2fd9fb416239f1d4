/** What a project has in every language: the BPF program, its header, and Hookpoint's own file. */

import type { Kind } from "./programs/kind.ts";

export interface ProjectFile {
  /** From the project's folder, with slashes. */
  readonly path: string;
  readonly text: string;
}

/** What a person wants. */
export interface Wish {
  readonly name: string;
  readonly kind: Kind;
}

/** A name of C for the project: `exec-watch` → `exec_watch`. */
export function identifier(name: string): string {
  return name.replaceAll("-", "_");
}

/** @param keeps what a loader that is not in C needs to find in the object */
export function bpfSource({ name, kind }: Wish, keeps = ""): string {
  const headers = ["bpf/bpf_helpers.h", ...kind.includes].map((path) => `#include <${path}>`);
  return `/* The part of ${name} that runs in the kernel. It ${kind.does}. */
#include "vmlinux.h"
${headers.join("\n")}
#include "${name}.h"

${kind.source}
${keeps === "" ? "" : `\n${keeps}\n`}
/* Many helpers are for programs under the GPL alone. */
char LICENSE[] SEC("license") = "GPL";
`;
}

export function sharedHeader({ name, kind }: Wish): string {
  const guard = `${identifier(name).toUpperCase()}_H`;
  return `/* What ${name}.bpf.c and the program that loads it must agree on. */
#ifndef ${guard}
#define ${guard}

/* vmlinux.h has these types already. */
#ifndef __VMLINUX_H__
#include <linux/types.h>
#endif

${kind.header}

#endif
`;
}

interface Settings {
  /** As the setting `hookpoint.loader` calls it. */
  readonly loader: string;
  /** For the editor's own builds, which cannot read everything that a build file works out. */
  readonly build?: { readonly flags: readonly string[] };
}

export function projectSettings({ kind }: Wish, { loader, build }: Settings): string {
  return `${JSON.stringify({ target: [kind.since], loader, build }, undefined, 2)}\n`;
}
