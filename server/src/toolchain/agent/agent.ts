/** Our agent, compiled on this machine when it is first needed, and kept as long as its source and the compiler stay. */

import { createHash } from "node:crypto";
import { mkdir, readdir, readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { cacheFolder } from "../cache-folder.ts";
import { cc } from "../cc.ts";
import type { Work } from "../choices.ts";
import { ToolProblem } from "../problem.ts";
import { step } from "../step.ts";
import { need } from "../tool.ts";
import { isFile } from "../workspace-files.ts";
import { intoPlace } from "../write.ts";

/**
 * @param source the folder with its C files, in `dist/agent`
 * @returns the program's path
 */
export async function agentProgram(source: string, work: Work): Promise<string> {
  const compiler = await need(cc, "", work.root, work.signal);
  const files = (await readdir(source)).filter((name) => /\.[ch]$/.test(name)).sort();
  const hash = createHash("sha256").update(`${compiler.program} ${compiler.version}`);
  for (const name of files) hash.update(name).update(await readFile(join(source, name)));
  const folder = join(cacheFolder("agent"), hash.digest("hex").slice(0, 16));
  await mkdir(folder, { recursive: true, mode: 0o700 }).catch(() => undefined);
  await expectOurs(cacheFolder("agent"));
  await expectOurs(folder);
  const program = join(folder, "agent");
  if ((await isFile(program)) && (await isOurs(program))) return program;
  work.tell("compiling the agent that loads programs");
  await intoPlace(program, async (half) => {
    const sources = files.filter((name) => name.endsWith(".c"));
    const args = ["-O2", "-o", half, ...sources, "-lbpf", "-lz"];
    const { code, stderr } = await step(compiler.program, args, work, { cwd: source });
    if (code !== 0) throw whyNot(stderr);
  });
  return program;
}

/** It is run as root: what others could have put there must not be. */
async function expectOurs(folder: string): Promise<void> {
  if (await isOurs(folder)) return;
  throw new ToolProblem(
    `The agent that loads programs is kept in ${folder}, which others can write to. Remove that folder, or take the right to write from them.`,
  );
}

/** A link counts as what it leads to; where nothing can be found, nobody else has put anything. */
async function isOurs(path: string): Promise<boolean> {
  const { uid, mode } = (await stat(path).catch(() => undefined)) ?? { uid: 0, mode: 0 };
  const us = process.getuid?.();
  // Who has become root by sudo keeps a cache folder of before, when the environment is kept.
  const before = us === 0 ? Number(process.env["SUDO_UID"] ?? "0") : 0;
  return us === undefined || ([0, us, before].includes(uid) && (mode & 0o002) === 0);
}

/** By what compilers and linkers print. */
export function lacksLibbpf(output: string): boolean {
  return /bpf\/(?:lib)?bpf\.h['"]?: No such file|cannot find -l(?:bpf|z)\b|zlib\.h['"]?: No such file|'zlib\.h' file not found|'bpf\/\w+\.h' file not found|unable to find library -l(?:bpf|z)\b/.test(
    output,
  );
}

function whyNot(output: string): ToolProblem {
  if (lacksLibbpf(output))
    return new ToolProblem(
      "libbpf and its headers are needed to load programs, and were not found.",
      { install: "libbpf" },
      output,
    );
  if (/libbpf 1\.0 or newer is needed/.test(output))
    return new ToolProblem(
      "libbpf 1.0 or newer is needed to load programs; the one here is older.",
      { install: "libbpf" },
      output,
    );
  return new ToolProblem(
    "The program that loads BPF objects could not be compiled; the output says why.",
    { install: "cc" },
    output,
  );
}
