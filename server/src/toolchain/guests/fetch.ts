/** Kernels out of the packages of the distribution: offered by name and size, fetched only when the person says so, never installed. */

import { cp, mkdir, mkdtemp, readdir, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import type { Work } from "../choices.ts";
import { readOsRelease } from "../install.ts";
import { lookUp } from "../look-up.ts";
import { ToolProblem } from "../problem.ts";
import type { RunResult } from "../run.ts";
import { step } from "../step.ts";
import { thisSystem } from "../system.ts";
import { isFile } from "../workspace-files.ts";
import { fetchedFolder, imageAt, type KernelImage, newestFirst } from "./images.ts";

export interface KernelOffer {
  /** `debian-6.12` */
  readonly name: string;
  readonly release: string;
  readonly package: string;
  /** Of the package. */
  readonly version: string;
  /** To download. */
  readonly bytes: number;
}

/** The newest of each series that the package lists have. */
export async function offeredKernels(work: Work): Promise<readonly KernelOffer[]> {
  const found = await apt("apt-cache", ["search", "--names-only", "^linux-(image|binary)-[0-9]"], work, work.root);
  const packages = newestFirst(found.stdout.split("\n").flatMap(kernelPackage));
  const newest = packages.filter(({ series }, n) => packages.findIndex((other) => other.series === series) === n);
  if (newest.length === 0)
    throw new ToolProblem("The package lists have no kernels. Run sudo apt-get update, then try again.");
  const about = await apt(
    "apt-cache",
    ["show", "--no-all-versions", ...newest.map((one) => one.name)],
    work,
    work.root,
  );
  const records = about.stdout.split(/\n\n+/).map(fields);
  const distribution = readOsRelease((await thisSystem()).osRelease)["ID"] ?? "linux";
  return newest.flatMap(({ name, series, release }) => {
    const record = records.find((one) => one.get("Package") === name);
    const version = record?.get("Version");
    if (version === undefined) return [];
    return [{ name: `${distribution}-${series}`, release, package: name, version, bytes: Number(record?.get("Size")) }];
  });
}

/** @param name of an offer, `debian-6.12`, or its series */
export async function fetchKernel(name: string, work: Work): Promise<KernelImage> {
  const offers = await offeredKernels(work);
  const offer = offers.find((one) => one.name === name || one.release === name || one.name.endsWith(`-${name}`));
  if (offer === undefined)
    throw new ToolProblem(`No package has a kernel "${name}". There are: ${offers.map((one) => one.name).join(", ")}.`);
  await mkdir(fetchedFolder(), { recursive: true });
  const folder = await mkdtemp(join(fetchedFolder(), ".fetching-"));
  try {
    return await fetchInto(offer, folder, work);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** @returns whether it was there */
export async function removeKernel(name: string): Promise<boolean> {
  const folder = join(fetchedFolder(), name);
  if (!/^[\w.+-]+$/.test(name) || name.startsWith(".") || !(await isFile(join(folder, "vmlinuz")))) return false;
  await rm(folder, { recursive: true });
  return true;
}

export function megabytes(bytes: number): string {
  return `${Math.ceil(bytes / 1024 / 1024)} MB`;
}

async function fetchInto(offer: KernelOffer, folder: string, work: Work): Promise<KernelImage> {
  work.tell(`downloading ${offer.package}, ${megabytes(offer.bytes)}`);
  await apt("apt-get", ["download", `${offer.package}=${offer.version}`], work, folder);
  const archive = (await readdir(folder)).find((name) => name.endsWith(".deb"));
  if (archive === undefined) throw new ToolProblem(`apt-get has left no package of ${offer.package}.`);
  work.tell(`unpacking ${offer.package}`);
  await apt("dpkg-deb", ["-x", archive, "all"], work, folder);
  const image = await imageIn(join(folder, "all"), offer);
  const made = join(folder, "made");
  await mkdir(made);
  await cp(image, join(made, "vmlinuz"));
  const place = join(fetchedFolder(), offer.name);
  await replace(place, made);
  return { ...(await imageAt(join(place, "vmlinuz"))), name: offer.name, from: "fetched" };
}

/** Others may be fetching the same. */
async function replace(place: string, made: string): Promise<void> {
  try {
    await rm(place, { recursive: true, force: true });
    await rename(made, place);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOTEMPTY") throw error;
  }
}

/** Where Debian and Ubuntu have it, and where newer ones do. */
async function imageIn(folder: string, { release, package: name }: KernelOffer): Promise<string> {
  for (const path of [
    `boot/vmlinuz-${release}`,
    `usr/lib/modules/${release}/vmlinuz`,
    `lib/modules/${release}/vmlinuz`,
  ])
    if (await isFile(join(folder, path))) return join(folder, path);
  throw new ToolProblem(`The package ${name} has no kernel image where one is expected.`);
}

interface KernelPackage {
  readonly name: string;
  readonly release: string;
  readonly series: string;
}

/** Cloud kernels are the smallest of Debian's; Ubuntu has generic ones. Both have their types built in. */
function kernelPackage(line: string): readonly KernelPackage[] {
  const [, name = "", release = "", series = ""] =
    /^(linux-(?:image|binary)-((\d+\.\d+)\.\d\S*-(?:cloud-amd64|generic))) - /.exec(line) ?? [];
  return name === "" ? [] : [{ name, release, series }];
}

/** A record as apt shows it; only what stands on one line counts. */
function fields(record: string): ReadonlyMap<string, string> {
  return new Map([...record.matchAll(/^([\w-]+): (.*)$/gm)].map(([, name = "", value = ""]) => [name, value]));
}

async function apt(program: string, args: readonly string[], work: Work, cwd: string): Promise<RunResult> {
  const [path] = await lookUp(program, work.root);
  if (path === undefined)
    throw new ToolProblem(
      `Kernels are fetched with apt-get, and there is no ${program} on this system. Name an image of your own in hookpoint.kernels.images, or on the command line by its path.`,
    );
  const result = await step(path, args, work, { cwd, env: { LC_ALL: "C" } });
  if (result.code === 0) return result;
  const said = /^E: (.*)$/m.exec(result.stderr)?.[1] ?? result.stderr.trim().split("\n").at(-1) ?? "";
  throw new ToolProblem(
    `${program} failed: ${said}. Where the package lists are old, sudo apt-get update helps.`,
    {},
    result.stderr,
  );
}
