/** Kernel images that guests can start: those that the person names, those of this machine, those that were fetched. */

import type { Dirent } from "node:fs";
import { access, readdir, stat } from "node:fs/promises";
import { basename, join, resolve } from "node:path";
import { cacheFolder } from "../cache-folder.ts";
import { compareVersions } from "../tool.ts";
import { isFile } from "../workspace-files.ts";
import { releaseOf } from "./kernel-image.ts";

export interface KernelImage {
  /** What it is called by: `debian-6.1`, `6.12.117+deb12-cloud-amd64`, a name of the person's own. */
  readonly name: string;
  /** The path of the file. */
  readonly image: string;
  readonly release: string;
  readonly from: "settings" | "this machine" | "fetched" | "path";
}

/** As in `hookpoint.kernels.images`: a path, or one with a name. */
export type NamedImage = string | { readonly name: string; readonly image: string };

export interface Images {
  readonly images: readonly KernelImage[];
  /** Sentences about those named that cannot be used. */
  readonly problems: readonly string[];
}

/** @param top in which `boot` and `usr/lib/modules` lie */
export async function kernelImages(named: readonly NamedImage[], root: string, top = "/"): Promise<Images> {
  const problems: string[] = [];
  const own = await Promise.all(
    named.map((one) => namedImage(one, root).catch((error: Error) => void problems.push(error.message))),
  );
  const fetched = await fetchedImages();
  const installed = await installedImages(top);
  const images = [...own.filter((one) => one !== undefined), ...fetched, ...installed];
  return {
    images: images.filter(({ image }, n) => images.findIndex((other) => other.image === image) === n),
    problems,
  };
}

/** A path means the image or, for a folder, what a build has left in it. */
export async function imageAt(path: string): Promise<KernelImage> {
  const image = (await isFolder(path)) ? join(path, "arch/x86/boot/bzImage") : path;
  const release = await releaseOf(image);
  return { name: release, image, release, from: "path" };
}

/** Where an image that was fetched lies. */
export function fetchedFolder(): string {
  return cacheFolder("kernels");
}

async function namedImage(one: NamedImage, root: string): Promise<KernelImage> {
  const { name, image } = typeof one === "string" ? { name: "", image: one } : one;
  const found = await imageAt(resolve(root, image));
  return { ...found, from: "settings", ...(name === "" ? {} : { name }) };
}

async function fetchedImages(): Promise<readonly KernelImage[]> {
  const folders = await entries(fetchedFolder());
  const paths = folders
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => join(fetchedFolder(), name, "vmlinuz"));
  const found = await those(paths);
  return newestFirst(found.map((one) => ({ ...one, name: basename(join(one.image, "..")), from: "fetched" })));
}

async function installedImages(top: string): Promise<readonly KernelImage[]> {
  const boot = (await entries(join(top, "boot"))).filter(({ name }) => name.startsWith("vmlinuz-"));
  const modules = await entries(join(top, "usr/lib/modules"));
  const found = await those([
    ...boot.map(({ name }) => join(top, "boot", name)),
    ...modules.map(({ name }) => join(top, "usr/lib/modules", name, "vmlinuz")),
  ]);
  const single = found.filter(({ release }, n) => found.findIndex((other) => other.release === release) === n);
  return newestFirst(single.map((one) => ({ ...one, from: "this machine" })));
}

/** The readable ones that are kernels: Ubuntu's in /boot are for root's eyes alone. */
async function those(paths: readonly string[]): Promise<readonly KernelImage[]> {
  const found = await Promise.all(
    paths.map(async (path) => {
      try {
        if (!(await isFile(path))) return undefined;
        await access(path);
        return await imageAt(path);
      } catch {
        return undefined;
      }
    }),
  );
  return found.filter((one) => one !== undefined);
}

export function newestFirst<T extends { readonly release: string }>(images: readonly T[]): readonly T[] {
  return [...images].sort((a, b) => compareVersions(numbers(b.release), numbers(a.release)));
}

/** `6.1.0-56-cloud-amd64` as `6.1.0.56`. */
function numbers(release: string): string {
  return /^\d+(?:[.-]\d+)*/.exec(release)?.[0].replaceAll("-", ".") ?? "0";
}

async function entries(folder: string): Promise<readonly Dirent[]> {
  return readdir(folder, { withFileTypes: true }).catch(() => []);
}

async function isFolder(path: string): Promise<boolean> {
  return stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  );
}
