/** What of ours is still in the kernel: by names of its own, since others load beside a test. */

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
  await expect.poll(look, { timeout: 5000 }).toEqual([]);
}

async function named(kind: "prog" | "map", prefix: string): Promise<readonly string[]> {
  const { code, stdout } = await run("bpftool", ["-j", kind, "show"], { cwd: "/" });
  expect(code).toBe(0);
  const all = JSON.parse(stdout) as readonly { readonly id: number; readonly name?: string }[];
  return all.flatMap(({ id, name = "" }) => (name.startsWith(prefix) ? [`${kind} ${id} ${name}`] : []));
}
