/** Has clangd itself say whether it can read a configuration and, with it, a source. */

import { writeFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import type { Work } from "../choices.ts";
import { ToolProblem } from "../problem.ts";
import { step } from "../step.ts";
import { inTemporaryFolder } from "../temporary.ts";

/** Throws where a `.clangd` with this text would be refused: nothing is to be written then. */
export async function tryConfiguration(text: string, program: string, work: Work): Promise<void> {
  await inTemporaryFolder(async (folder) => {
    await writeFile(join(folder, ".clangd"), text);
    await writeFile(join(folder, "x.bpf.c"), "int x;\n");
    const said = await ask(join(folder, "x.bpf.c"), program, work);
    const [, line, reason] = /config error at .*?\.clangd:(\d+):\d+: (.*)/.exec(said) ?? [];
    if (line === undefined) return;
    throw new ToolProblem(
      `.clangd cannot be added to, since clangd cannot read it: line ${line}: ${reason}. Mend that first.`,
    );
  });
}

/** The errors that clangd shows in a source; none is what one hopes for. */
export async function errorsIn(source: string, program: string, work: Work): Promise<readonly string[]> {
  work.tell(`trying ${basename(source)}`);
  const said = await ask(source, program, work);
  const errors = [...said.matchAll(/^E\[[^\]]*\] \[\w*\] (Line \d+: .*)$/gm)].map(([, error = ""]) => error);
  if (errors.length > 0 || /All checks completed, 0 errors/.test(said)) return errors;
  return [/^E\[[^\]]*\] (.*)$/m.exec(said)?.[1] ?? "clangd could not read it"];
}

async function ask(source: string, program: string, work: Work): Promise<string> {
  const args = [`--check=${source}`, "--check-lines=1-1"];
  const { stdout, stderr } = await step(program, args, work, { cwd: dirname(source), timeoutMs: 120_000 });
  return stdout + stderr;
}
