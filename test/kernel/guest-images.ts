/** Kernels of other releases for tests: out of the distribution's packages, in the cache folder that everybody has, fetched once. */

import { fetchKernel } from "../../server/src/toolchain/guests/fetch.ts";
import { type KernelImage, kernelImages } from "../../server/src/toolchain/guests/images.ts";
import { imageNamed } from "../../server/src/toolchain/guests/named.ts";
import { workIn } from "../support/tools.ts";
import { findProgram } from "../vscode/process.mjs";
import { whyNotHere } from "./toolbox.mjs";

/** An older one and a newer one; the packages of Debian 12 have both. */
export const SERIES = ["6.1", "6.12"] as const;

// Software emulation everywhere: what a test says must not depend on the processor it runs on.
process.env["HOOKPOINT_ACCELERATION"] = "off";

export function whyNoGuests(): string | undefined {
  const here = whyNotHere();
  if (here !== undefined) return here;
  if (process.arch !== "x64") return "needs x86-64";
  return findProgram("qemu-system-x86_64") ? undefined : "needs qemu-system-x86_64";
}

const images = new Map<string, Promise<KernelImage>>();

/** The same however many ask at once. */
export function testImage(series: string): Promise<KernelImage> {
  const image = images.get(series) ?? findOrFetch(series);
  images.set(series, image);
  return image;
}

async function findOrFetch(series: string): Promise<KernelImage> {
  const work = workIn("/");
  const fetched = (await kernelImages([], work.root)).images.filter(({ from }) => from === "fetched");
  return imageNamed(series, fetched, work).catch(() => fetchKernel(series, work));
}
