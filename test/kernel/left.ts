/** What of ours is still in the kernel: by names of its own, since others load beside a test. */

import { readdirSync, readFileSync } from "node:fs";
import { basename } from "node:path";
import { expect } from "vitest";
import { run } from "../../server/src/toolchain/run.ts";

/** Programs and maps whose names begin so; a program goes a moment after its last owner. */
export async function left(prefix: string): Promise<readonly string[]> {
  let found: readonly string[] = [];
  for (let again = 0; again < 20; again++) {
    found = [...(await named("prog", prefix)), ...(await named("map", prefix))];
    if (found.length === 0) return found;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  return found;
}

/** Waits until there is nothing any more. */
export async function settled(look: () => readonly unknown[]): Promise<void> {
  await expect.poll(look, { timeout: 30_000 }).toEqual([]);
}

/** The ids of processes of a program that were given all of these words. */
export function processesWith(program: string, ...words: readonly string[]): readonly number[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .filter((pid) => {
      const [first = "", ...given] = commandOf(pid);
      return basename(first) === program && words.every((word) => given.includes(word));
    })
    .map(Number);
}

/** Empty for one that has just ended. */
function commandOf(pid: string): readonly string[] {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, "utf8").split("\0");
  } catch {
    return [];
  }
}

async function named(kind: "prog" | "map", prefix: string): Promise<readonly string[]> {
  const { code, stdout } = await run("bpftool", ["-j", kind, "show"], { cwd: "/" });
  expect(code).toBe(0);
  const all = JSON.parse(stdout) as readonly { readonly id: number; readonly name?: string }[];
  return all.flatMap(({ id, name = "" }) => (name.startsWith(prefix) ? [`${kind} ${id} ${name}`] : []));
}
