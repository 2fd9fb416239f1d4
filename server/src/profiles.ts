/** Targets that must be looked at: this machine's kernel, and kernels that a feature probe's file describes. */

import { btfNames } from "./analysis/btf/names.ts";
import { readFeatureProbe } from "./analysis/knowledge/feature-probe.ts";
import { type KernelProfile, labelsIn, namesProfile } from "./analysis/knowledge/target.ts";
import type { Host } from "./host.ts";
import { encoded } from "./uris.ts";

type Profiles = ReadonlyMap<string, KernelProfile | string>;

export interface ProfileReader {
  /** The profiles that a setting asks for; relative files lie beside `base`, a URI that ends with a slash. */
  of(setting: unknown, base: string): Promise<Profiles>;
  /** Forgets what was read. */
  clear(): void;
}

export function profileReader(host: Pick<Host, "readText" | "readBytes">): ProfileReader {
  const known = new Map<string, Promise<KernelProfile | string>>();
  const read = (label: string, base: string): Promise<KernelProfile | string> => {
    const uri = label === "host" ? label : fileUri(label, base);
    const found = known.get(uri) ?? (label === "host" ? hostProfile(host) : probeProfile(uri, host));
    known.set(uri, found);
    return found;
  };
  return {
    of: async (setting, base) => {
      const labels = labelsIn(setting)
        .map((label) => label.replace(/^>=\s*/, ""))
        .filter(namesProfile);
      return new Map(await Promise.all(labels.map(async (label) => [label, await read(label, base)] as const)));
    },
    clear: () => known.clear(),
  };
}

function fileUri(path: string, base: string): string {
  try {
    return new URL(path.startsWith("/") ? `file://${encoded(path)}` : encoded(path), base).href;
  } catch {
    return path;
  }
}

async function probeProfile(uri: string, { readText }: Pick<Host, "readText">): Promise<KernelProfile | string> {
  const text = await readText(uri);
  if (text === undefined) return "there is no such file. Make it with bpftool feature probe -j > probe.json, as root.";
  const probe = readFeatureProbe(text);
  return typeof probe === "string" ? probe : { probe };
}

async function hostProfile(host: Pick<Host, "readText" | "readBytes">): Promise<KernelProfile | string> {
  const release = (await host.readText("file:///proc/sys/kernel/osrelease"))?.trim();
  if (release === undefined)
    return "this machine has no Linux kernel to look at. Name a release or a distribution instead.";
  const [btf, config] = await Promise.all([
    host.readBytes("file:///sys/kernel/btf/vmlinux"),
    kernelConfig(release, host),
  ]);
  const names = btf && btfNames(btf);
  return { release, ...(names && { names }), ...(config && { config }) };
}

async function kernelConfig(
  release: string,
  { readText, readBytes }: Pick<Host, "readText" | "readBytes">,
): Promise<ReadonlyMap<string, string> | undefined> {
  const packed = await readBytes("file:///proc/config.gz");
  const text = packed === undefined ? await readText(`file:///boot/config-${release}`) : await unpacked(packed);
  if (text === undefined) return undefined;
  return new Map([...text.matchAll(/^(CONFIG_\w+)=(.*)$/gm)].map(([, name = "", value = ""]) => [name, value]));
}

async function unpacked(bytes: Uint8Array): Promise<string | undefined> {
  try {
    const stream = new Blob([new Uint8Array(bytes)]).stream().pipeThrough(new DecompressionStream("gzip"));
    return await new Response(stream).text();
  } catch {
    return undefined;
  }
}
