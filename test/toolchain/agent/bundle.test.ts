/** The agent runs where nothing of this system is. */

import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { agentBundle, type Bundle, bundleOf } from "../../../server/src/toolchain/agent/bundle.ts";
import { run } from "../../../server/src/toolchain/run.ts";
import { root } from "../../support/paths.ts";
import { needTool, workIn } from "../../support/tools.ts";

const source = join(root, "server/src/toolchain/agent");
let folder: string;
let bundle: Bundle;
beforeAll(async () => {
  needTool("cc");
  folder = await mkdtemp(join(tmpdir(), "hookpoint bundle-"));
  bundle = await agentBundle(source, workIn(folder));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

test("it starts from its folder, with its own libraries alone", async () => {
  const place = join(folder, "elsewhere, with $(spaces)");
  await mkdir(place);
  for (const { name, bytes, mode } of bundle.files) await writeFile(join(place, name), bytes, { mode });
  const [program = "", ...args] = bundle.command;
  const options = { cwd: place, env: { LD_DEBUG: "files" } };
  const { code, stderr } = await run(join(place, program), [...args, "nothing"], options);
  expect(stderr).toContain("agent: unknown command");
  expect(code).toBe(2);
  const loaded = [...stderr.matchAll(/calling init: (.+)/g)].map(([, path = ""]) => path);
  expect(loaded.some((path) => path.includes("libbpf"))).toBe(true);
  expect(loaded.filter((path) => path.startsWith("/") && !path.startsWith(place))).toEqual([]);
});

test("a program that has all in itself is alone", async () => {
  const c = join(folder, "alone.c");
  await writeFile(c, "int main(void) { return 0; }\n");
  const { code } = await run("cc", ["-static", "-o", join(folder, "alone"), c], { cwd: folder });
  expect(code).toBe(0);
  const { files, command } = await bundleOf(join(folder, "alone"), workIn(folder));
  expect(files.map(({ name }) => name)).toEqual(["agent"]);
  expect(command).toEqual(["./agent"]);
});
