/** Looks at everything that builds need, and says of each thing whether it is there, and what to do when it is not. */

import type { Work } from "../choices.ts";
import { commandText, installation, systemName } from "../install.ts";
import { readKernel } from "../kernel.ts";
import { Cancelled, type Installable } from "../problem.ts";
import { type System, thisSystem } from "../system.ts";
import { anonymous } from "./anonymous.ts";
import { checkHeaders } from "./headers.ts";
import { checkKernel } from "./kernel.ts";
import { asProjectWants } from "./project.ts";
import { AREAS, type Check, isBad, type Report } from "./report.ts";
import { checkTools } from "./tools.ts";
import { checkTrial } from "./trial.ts";

/** Who asks: versions for whoever reads the report. */
export interface Asker {
  readonly hookpoint: string;
  readonly editor?: string;
}

/** The report names neither users nor machines: it is made to be shown to others. */
export async function examine(asked: Work, asker: Asker): Promise<Report> {
  const { tell, signal, root } = asked;
  const { work, wrong } = await asProjectWants(asked);
  tell("looking at tools");
  const system = await thisSystem();
  const kernel = await readKernel();
  const parts = await Promise.all([checkTools(work), checkHeaders(work), checkKernel(kernel, system.platform)]);
  if (signal.aborted) throw new Cancelled();
  const checks = [...wrong, ...parts.flat()];
  if (!checks.some((check) => check.area === "build" && isBad(check))) {
    tell("building a small program");
    checks.push(await checkTrial(work));
  }
  return anonymous(
    {
      ...asker,
      system: { name: systemName(system), kernel: kernel.release, machine: system.machine },
      ready: !checks.some((check) => isNeeded(check) && isBad(check)),
      checks: Object.keys(AREAS).flatMap((area) => checks.filter((check) => check.area === area)),
      install: toInstall(checks, system),
    },
    root,
  );
}

/** Sources with vmlinux.h build without the kernel's headers. */
function isNeeded({ area, id }: Check): boolean {
  return area === "build" && id !== "kernel-headers";
}

function toInstall(checks: readonly Check[], system: System): Report["install"] {
  const wanted = wantedOf(checks);
  if (wanted.length === 0) return undefined;
  const how = installation(wanted, system);
  return { command: commandText(how, isRoot()), advice: how.advice };
}

function wantedOf(checks: readonly Check[]): readonly Installable[] {
  return [...new Set(checks.filter(isBad).flatMap(({ install }) => (install === undefined ? [] : [install])))];
}

/** In a container a user may have no name, and then `userInfo` fails. */
function isRoot(): boolean {
  return process.getuid?.() === 0;
}
