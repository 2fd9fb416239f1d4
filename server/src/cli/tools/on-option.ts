/** `--on NAME` and `--host NAME`: which kernels are asked, this machine's, others in guests, other machines'. */

import { existsSync } from "node:fs";
import { join } from "node:path";
import { bySsh } from "../../toolchain/agent/by-ssh.ts";
import { thisMachine } from "../../toolchain/agent/here.ts";
import type { AskableKernel } from "../../toolchain/agent/kernel-answer.ts";
import type { Work } from "../../toolchain/choices.ts";
import { guests } from "../../toolchain/guests/guests.ts";
import { kernelImages } from "../../toolchain/guests/images.ts";
import { imageNamed } from "../../toolchain/guests/named.ts";
import { qemu } from "../../toolchain/guests/qemu.ts";
import { need } from "../../toolchain/tool.ts";
import { BadUse } from "../source.ts";
import { rootByOption } from "./root-option.ts";
import type { ToolOption, Values } from "./tool-command.ts";

export const onOptions: Readonly<Record<string, ToolOption>> = {
  on: { type: "string", multiple: true },
  host: { type: "string", multiple: true },
  keep: { type: "string" },
};

export const onUsage = `    --on KERNEL        on this kernel in a guest: 6.1, debian-6.12, the path of a bzImage, or host for this machine;
                       may be repeated, or several with commas; hookpoint kernels lists them
    --host NAME        on another machine, by its name for your ssh; may be repeated
    --keep MINUTES     let guests run on for so long after they were last asked; else they end with the command`;

export interface ChosenKernels {
  readonly kernels: readonly AskableKernel[];
  /** To be called when all is done, whatever happened. */
  readonly end: () => Promise<void>;
}

/** Guests whose command was killed end by themselves after this. */
const ORPHAN_SECONDS = 120;

/** This machine's alone where the option is not given. */
export async function kernelsByOption(values: Values, work: Work): Promise<ChosenKernels> {
  const source = join(__dirname, "../agent");
  const root = rootByOption(values, work);
  const here = thisMachine(source, root);
  const hosts = [values["host"] ?? []].flat().map((name) => bySsh(String(name), source, root));
  const names = [values["on"] ?? []]
    .flat()
    .flatMap(namesIn)
    .filter((name) => name !== "");
  const keep = minutesOf(values);
  if (names.length === 0) return { kernels: hosts.length > 0 ? hosts : [here], end: async () => undefined };
  // Said once, and with the command that installs it, before anything is built.
  if (names.some((name) => !isHere(name))) await need(qemu, "", work.root, work.signal);
  const { images } = await kernelImages([], work.root);
  const all = guests({ source, acceleration: "auto", idleSeconds: keep === undefined ? ORPHAN_SECONDS : keep * 60 });
  const kernels: AskableKernel[] = [];
  for (const name of new Set(names))
    kernels.push(isHere(name) ? here : all.kernel(await imageNamed(name, images, work)));
  return { kernels: [...kernels, ...hosts], end: keep === undefined ? all.end : async () => undefined };
}

/** A path may have commas. */
function namesIn(names: string | boolean): readonly string[] {
  return existsSync(String(names)) ? [String(names)] : String(names).split(",");
}

function isHere(name: string): boolean {
  return name === "host" || name === "here";
}

function minutesOf({ keep }: Values): number | undefined {
  if (keep === undefined) return undefined;
  const minutes = Number(keep);
  if (!(minutes > 0 && minutes <= 24 * 60)) throw new BadUse("--keep takes a number of minutes, at most 1440.");
  return minutes;
}
