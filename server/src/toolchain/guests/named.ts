/** The kernel that somebody means: `6.1`, `debian-6.12`, a whole release, a name of the person's own, or a path. */

import { resolve } from "node:path";
import type { Work } from "../choices.ts";
import { ToolProblem } from "../problem.ts";
import { type KernelOffer, megabytes, offeredKernels } from "./fetch.ts";
import { imageAt, type KernelImage, newestFirst } from "./images.ts";

/** @throws {ToolProblem} that says which there are, and how to get it */
export async function imageNamed(name: string, images: readonly KernelImage[], work: Work): Promise<KernelImage> {
  const found =
    images.find((one) => one.name === name) ??
    images.find((one) => one.release === name) ??
    newestFirst(images.filter((one) => isOfSeries(one.release, name)))[0];
  if (found !== undefined) return found;
  if (name.includes("/")) return imageAt(resolve(work.root, name));
  const known = images.map((one) => one.name).join(", ");
  const there = known === "" ? "No kernel image is known yet." : `There are: ${known}.`;
  const offer = (await offers(work)).find((one) => one.name === name || isOfSeries(one.release, name));
  const how =
    offer === undefined
      ? "A path of a bzImage or vmlinuz does as well."
      : `hookpoint kernels fetch ${offer.name} gets one (${megabytes(offer.bytes)}).`;
  throw new ToolProblem(`"${name}" names no kernel that is here. ${there} ${how}`);
}

/** `6.1` is the series of 6.1.0-56, and not of 6.12. */
function isOfSeries(release: string, series: string): boolean {
  return /^\d+\.\d+/.test(series) && release.startsWith(series) && /^[.-]/.test(release.slice(series.length));
}

async function offers(work: Work): Promise<readonly KernelOffer[]> {
  return offeredKernels(work).catch((error: unknown) => {
    if (error instanceof ToolProblem) return [];
    throw error;
  });
}
