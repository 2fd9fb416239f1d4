/** The README of a project: what it does, what it needs, how it is built and run, what the files are. */

import { placeOf } from "./programs/kind.ts";
import type { Wish } from "./shared.ts";

export interface ReadmeParts {
  /** Beside the kernel. */
  readonly needs: readonly string[];
  /** Shell lines. */
  readonly build: readonly string[];
  readonly run: string;
  readonly files: readonly (readonly [string, string])[];
}

export function readme({ name, kind }: Wish, { needs, build, run, files }: ReadmeParts): string {
  const provoke =
    kind.provoke === undefined
      ? ""
      : `\nIn another terminal, to have something reported:\n\n\`\`\`sh\n${kind.provoke}\n\`\`\`\n`;
  return `# ${name}

An eBPF program: it ${kind.does}.

## Build

It needs

${[...needs, KERNEL].map((line) => `- ${line}`).join("\n")}

\`\`\`sh
${build.join("\n")}
\`\`\`

## Run

\`\`\`sh
${run}
\`\`\`

Root is needed, and Linux ${kind.since} or newer${NOTES[kind.id] ?? ""}. ${PLACES[placeOf(kind) ?? "nowhere"]}
${provoke}
## Files

${files.map(([path, what]) => `- \`${path}\`: ${what}`).join("\n")}
`;
}

const KERNEL = "a kernel with type information: `/sys/kernel/btf/vmlinux` is there";

const PLACES = {
  nowhere: "Ctrl-C ends it and takes the program out of the kernel.",
  interface:
    "Name the network interface whose packets count; `ip link` lists them. Ctrl-C ends it and takes the program out of the kernel.",
  cgroup:
    "It watches all tasks below `/sys/fs/cgroup`; another cgroup (version 2) can be named on the command line. Ctrl-C ends it and takes the program out of the kernel.",
} as const;

const NOTES: Readonly<Record<string, string>> = {
  tracepoint: ", with tracefs mounted (`mount -t tracefs tracefs /sys/kernel/tracing`)",
  kprobe: " with kprobes",
  fentry: " (on arm64 6.0)",
  lsm: " (on arm64 6.0), with `bpf` among the security modules: `cat /sys/kernel/security/lsm` lists them, and `lsm=…,bpf` on the kernel's command line adds it",
};
