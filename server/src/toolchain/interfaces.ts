/** The network interfaces of this machine, as the kernel lists them: those that are down or have no address too. */

import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";

export interface NetworkInterface {
  readonly name: string;
  /** Where that is not known, it is taken to be. */
  readonly isUp: boolean;
  readonly isLoopback: boolean;
  /** Whether it is one end of a pair, of which the other is on this machine too. */
  readonly isPair: boolean;
}

const IFF_UP = 1;
const IFF_LOOPBACK = 8;

/** @param top in which `proc` and `sys` lie */
export async function networkInterfaces(top = "/"): Promise<readonly NetworkInterface[]> {
  // Of our network; what lies in /sys may be another's.
  const list = await readFile(join(top, "proc/self/net/dev"), "latin1").catch(() => "");
  const names = list.split("\n").flatMap((line) => /^\s*([^\s:]+):/.exec(line)?.[1] ?? []);
  return Promise.all(names.sort().map((name) => about(name, join(top, "sys/class/net", name))));
}

async function about(name: string, folder: string): Promise<NetworkInterface> {
  const number = async (file: string): Promise<number> => {
    const text = await readFile(join(folder, file), "latin1").catch(() => "");
    return Number(text.trim() || Number.NaN);
  };
  const [flags, own, peer] = await Promise.all([number("flags"), number("ifindex"), number("iflink")]);
  if (Number.isNaN(flags)) return { name, isUp: true, isLoopback: name === "lo", isPair: false };
  const files = await readdir(folder).catch(() => []);
  // A pair's other end has another number; what lies on top of an interface has that too, and says on which.
  const isPair = own !== peer && !files.some((file) => file.startsWith("lower_"));
  return { name, isUp: (flags & IFF_UP) !== 0, isLoopback: (flags & IFF_LOOPBACK) !== 0, isPair };
}
