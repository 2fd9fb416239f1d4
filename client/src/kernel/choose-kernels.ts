/** Asks which kernels are meant: this machine's, images that are here, or such as are fetched first, when the person agrees. */

import * as vscode from "vscode";
import type { Work } from "../../../server/src/toolchain/choices.ts";
import { type KernelOffer, megabytes, offeredKernels } from "../../../server/src/toolchain/guests/fetch.ts";
import { type KernelImage, kernelImages, type NamedImage } from "../../../server/src/toolchain/guests/images.ts";
import { ToolProblem } from "../../../server/src/toolchain/problem.ts";
import { choicesFor, outputChannel, rootOf } from "../work.ts";

export type ChosenKernel =
  | { readonly kind: "here" }
  | { readonly kind: "image"; readonly image: KernelImage }
  | { readonly kind: "offer"; readonly offer: KernelOffer };

const HERE: ChosenKernel = { kind: "here" };

interface Item extends vscode.QuickPickItem {
  readonly kernel?: ChosenKernel;
}

/** The names that were chosen last in this workspace. */
const KEY = "hookpoint.kernels";

/** Undefined where the person has left. */
export async function chooseKernels(
  file: vscode.Uri,
  { workspaceState }: vscode.ExtensionContext,
): Promise<readonly ChosenKernel[] | undefined> {
  const before = workspaceState.get<readonly string[]>(KEY, []);
  const chosen = await vscode.window.showQuickPick(itemsFor(file, before), {
    title: "Verify on Kernels",
    placeHolder: "Which kernels?",
    canPickMany: true,
    matchOnDescription: true,
  });
  const kernels = chosen?.flatMap(({ kernel }) => kernel ?? []) ?? [];
  if (kernels.length === 0) return undefined;
  await workspaceState.update(
    KEY,
    chosen?.map(({ label }) => label),
  );
  const offers = kernels.flatMap((one) => (one.kind === "offer" ? [one.offer] : []));
  return offers.length === 0 || (await mayFetch(offers)) ? kernels : undefined;
}

async function itemsFor(file: vscode.Uri, before: readonly string[]): Promise<readonly Item[]> {
  const work = quietWork(file);
  const settings = vscode.workspace.getConfiguration("hookpoint", file);
  const named = settings.get<readonly NamedImage[]>("kernels.images", []);
  const host = settings.get<string>("verify.host", "").trim();
  const { images, problems } = await kernelImages(named, work.root);
  for (const problem of problems) outputChannel().appendLine(problem);
  const offers = (await offersOrNone(work)).filter(({ name }) => !images.some((image) => image.name === name));
  const items: readonly Item[] = [
    ...(host === "" && process.platform !== "linux"
      ? []
      : [{ label: host === "" ? "This machine" : host, description: "its own kernel", kernel: HERE }]),
    ...images.map(
      (image): Item => ({ label: image.name, description: describe(image), kernel: { kind: "image", image } }),
    ),
    ...(offers.length === 0 ? [] : [{ label: "To download", kind: vscode.QuickPickItemKind.Separator }]),
    ...offers.map(
      (offer): Item => ({
        label: offer.name,
        description: `${offer.release}, ${megabytes(offer.bytes)} to download`,
        kernel: { kind: "offer", offer },
      }),
    ),
  ];
  return items.map((item) => (before.includes(item.label) ? { ...item, picked: true } : item));
}

function describe({ name, release, from }: KernelImage): string {
  return `${name === release ? "" : `${release}, `}${from === "this machine" ? "of this machine, in a guest" : "in a guest"}`;
}

async function mayFetch(offers: readonly KernelOffer[]): Promise<boolean> {
  const detail = `${offers.map((one) => `${one.package}, ${megabytes(one.bytes)}`).join("\n")}\n\nThey come from the packages of this distribution and are kept in your cache folder. Nothing is installed.`;
  const question = offers.length === 1 ? "Download this kernel?" : `Download these ${offers.length} kernels?`;
  return (await vscode.window.showInformationMessage(question, { modal: true, detail }, "Download")) !== undefined;
}

/** No package manager, or old lists: then there is nothing to offer. */
async function offersOrNone(work: Work): Promise<readonly KernelOffer[]> {
  return offeredKernels(work).catch((error: unknown) => {
    if (!(error instanceof ToolProblem)) throw error;
    outputChannel().appendLine(error.message);
    return [];
  });
}

function quietWork(file: vscode.Uri): Work {
  const nothing = (): void => undefined;
  const { signal } = new AbortController();
  return { choices: choicesFor(file), root: rootOf(file), tell: nothing, log: nothing, signal };
}
