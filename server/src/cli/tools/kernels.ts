/** `hookpoint kernels`: which kernels can be started in guests, fetching and removing them. */

import type { Work } from "../../toolchain/choices.ts";
import {
  fetchKernel,
  type KernelOffer,
  megabytes,
  offeredKernels,
  removeKernel,
} from "../../toolchain/guests/fetch.ts";
import { kernelImages } from "../../toolchain/guests/images.ts";
import { endGuest, runningGuests } from "../../toolchain/guests/warm.ts";
import { ToolProblem } from "../../toolchain/problem.ts";
import { BadUse, complain, print, show } from "../source.ts";
import { formatOf } from "./objects.ts";
import type { ToolCommand } from "./tool-command.ts";

export const kernels: ToolCommand = {
  name: "kernels",
  usage: `  hookpoint kernels [--format text|json] [list]    kernels that verify --on can start in guests, and those that can be fetched
  hookpoint kernels fetch NAME…                    download one from the distribution's packages; nothing is installed
  hookpoint kernels remove NAME…                   take away what was fetched
  hookpoint kernels stop                           end the guests that run
    HOOKPOINT_ACCELERATION=off in the environment emulates the processor even where KVM may be used`,
  options: {},
  run: async ([what = "list", ...names], { values, work }) => {
    const format = formatOf(values);
    if (what === "list" && names.length === 0) return list(format, work);
    if (what === "stop" && names.length === 0) return stop();
    if (what === "fetch" && names.length > 0) return fetch(names, work);
    if (what === "remove" && names.length > 0) return remove(names);
    throw new BadUse(`hookpoint kernels knows list, fetch NAME, remove NAME and stop.`);
  },
};

async function list(format: "json" | "text", work: Work): Promise<number> {
  const { images } = await kernelImages([], work.root);
  const { offers, problem } = await offersOrWhyNot(work);
  const guests = (await runningGuests()).length;
  if (format === "json") {
    print(`${JSON.stringify({ format: 1, kernels: images, offers, guests }, null, 2)}\n`);
    return 0;
  }
  const lines = [
    images.length === 0 ? "No kernel image is here." : "Here:",
    ...images.map(({ name, release, from, image }) => `  ${name.padEnd(28)} ${release.padEnd(28)} ${from}: ${image}`),
    ...(problem === undefined ? ["Can be fetched with hookpoint kernels fetch NAME:"] : [problem]),
    ...offers.map(({ name, release, bytes }) => `  ${name.padEnd(28)} ${release.padEnd(28)} ${megabytes(bytes)}`),
    ...(guests === 0 ? [] : [`Guests that run: ${guests}; hookpoint kernels stop ends them.`]),
  ];
  show(`${lines.join("\n")}\n`);
  return 0;
}

async function offersOrWhyNot(work: Work): Promise<{ offers: readonly KernelOffer[]; problem?: string }> {
  try {
    return { offers: await offeredKernels(work) };
  } catch (error) {
    if (error instanceof ToolProblem) return { offers: [], problem: error.message };
    throw error;
  }
}

async function fetch(names: readonly string[], work: Work): Promise<number> {
  for (const name of names) {
    const { name: called, release, image } = await fetchKernel(name, { ...work, tell: (what) => complain(what) });
    show(`${called}: ${release}, ${image}\n`);
  }
  return 0;
}

async function remove(names: readonly string[]): Promise<number> {
  for (const name of names) {
    if (!(await removeKernel(name))) throw new ToolProblem(`No kernel "${name}" was fetched.`);
    print(`${name} is removed.\n`);
  }
  return 0;
}

async function stop(): Promise<number> {
  const folders = await runningGuests();
  await Promise.all(folders.map((folder) => endGuest(folder)));
  print(`${folders.length} ${folders.length === 1 ? "guest" : "guests"} ended.\n`);
  return 0;
}
