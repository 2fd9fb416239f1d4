/** The network interfaces of this machine, as the kernel lists them: those that are down or have no address too. */

import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";

export interface NetworkInterface {
  readonly name: string;
  readonly isUp: boolean;
  /** Whether it goes nowhere but here: the loopback, or one end of a pair. */
  readonly isLocal: boolean;
}

const IFF_UP = 1;
const IFF_LOOPBACK = 8;

/** @param folder in which each has a folder of its name */
export async function networkInterfaces(folder = "/sys/class/net"): Promise<readonly NetworkInterface[]> {
  const names = await readdir(folder).catch(() => []);
  const all = await Promise.all(names.map((name) => about(name, join(folder, name))));
  return all.flatMap((one) => one ?? []).sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** Undefined for what is none: bonding has a file of its own there. */
async function about(name: string, folder: string): Promise<NetworkInterface | undefined> {
  const number = async (file: string): Promise<number> => {
    const text = await readFile(join(folder, file), "latin1").catch(() => "");
    return Number(text.trim() || Number.NaN);
  };
  const [flags, own, peer] = await Promise.all([number("flags"), number("ifindex"), number("iflink")]);
  if (Number.isNaN(flags)) return undefined;
  const files = await readdir(folder).catch(() => []);
  // A pair's other end has another number; what lies on top of an interface has that too, and says on which.
  const isPair = own !== peer && !files.some((file) => file.startsWith("lower_"));
  return { name, isUp: (flags & IFF_UP) !== 0, isLocal: (flags & IFF_LOOPBACK) !== 0 || isPair };
}
