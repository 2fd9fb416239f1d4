/** What the host reads from this machine for the server. */

import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import type { Host } from "../server/src/host.ts";

const folder = mkdtempSync(join(tmpdir(), "hookpoint files-"));
afterAll(() => rmSync(folder, { recursive: true }));

let host: Host;
beforeAll(async () => {
  vi.stubGlobal("HOOKPOINT_VERSION", "test");
  const { nodeHost } = await import("../server/src/files.ts");
  host = nodeHost(folder);
});

const uriOf = (name: string): string => pathToFileURL(join(folder, name)).href;

test("a text is read without its byte order mark, and not when it is longer than asked for", async () => {
  writeFileSync(join(folder, "a b.h"), "\ufeffint a;\n");
  expect(await host.readText(uriOf("a b.h"))).toBe("int a;\n");
  expect(await host.readText(uriOf("a b.h"), 10)).toBe("int a;\n");
  expect(await host.readText(uriOf("a b.h"), 9)).toBeUndefined();
});

test("what is no file is not there", async () => {
  mkdirSync(join(folder, "folder.h"));
  for (const name of ["none.h", "folder.h", "a b.h/below.h"])
    expect(await host.readText(uriOf(name)), name).toBeUndefined();
  expect(await host.readText("untitled:Untitled-1")).toBeUndefined();
});

test.runIf(process.platform !== "win32")("a pipe that nobody writes to is not waited for", async () => {
  execFileSync("mkfifo", [join(folder, "pipe.h")]);
  expect(await host.readText(uriOf("pipe.h"), 1000)).toBeUndefined();
  expect(await host.readBytes(uriOf("pipe.h"))).toBeUndefined();
});
