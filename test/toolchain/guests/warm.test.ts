/** Who ends guests and who starts them may meet in one folder: the next guest is nobody's to take away. */

import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { readFile, symlink, writeFile } from "node:fs/promises";
import { connect, createServer, type Server } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { Closed, channelOver } from "../../../server/src/toolchain/guests/channel.ts";
import { endGuest, ensureRunning, killGuest, untilGone } from "../../../server/src/toolchain/guests/warm.ts";

const top = mkdtempSync(join(tmpdir(), "hookpoint warm "));
afterAll(() => rmSync(top, { recursive: true }));
const never = new AbortController().signal;

/** Starts nothing that would run: the next one who comes finds what is left of it. */
async function left(folder: string): Promise<string> {
  return (await ensureRunning(folder, never, () => writeFile(join(folder, "initrd"), "first"))).mark;
}

// Sockets with names stand in for QEMU's.
describe.skipIf(process.platform !== "linux")("guests of one folder", () => {
  test("what is left of one gives way to the next", async () => {
    const folder = join(top, "left");
    const first = await left(folder);
    const next = await ensureRunning(folder, never, () => writeFile(join(folder, "initrd"), "second"));
    expect(next.isOurs).toBe(true);
    expect(next.mark).not.toBe(first);
    expect(await readFile(join(folder, "initrd"), "utf8")).toBe("second");
  });

  test.each([
    ["end", endGuest],
    ["kill", async (folder: string, mark: string) => killGuest(folder, mark)],
  ])("to %s one leaves alone the next that somebody starts", async (_, over) => {
    const folder = join(top, `next ${_}`);
    const first = await left(folder);
    await ensureRunning(folder, never, async (mark) => {
      await over(folder, first);
      await writeFile(join(folder, "initrd"), "second");
      expect(mark).not.toBe(first);
    });
    expect(await readFile(join(folder, "initrd"), "utf8")).toBe("second");
  });

  test("whoever asked for the end takes away its own", async () => {
    const folder = join(top, "own");
    const mark = await left(folder);
    await endGuest(folder, mark);
    expect(existsSync(folder)).toBe(false);
    // What a version that left no mark has left goes, too.
    mkdirSync(folder);
    writeFileSync(join(folder, "initrd"), "");
    await endGuest(folder);
    expect(readdirSync(top).filter((name) => name.startsWith("own"))).toEqual([]);
  });

  test("a guest that is being ended is waited for, one that stays only for a while", async () => {
    const folder = join(top, "ending");
    let server: Server | undefined;
    const { mark } = await ensureRunning(folder, never, async () => {
      server = await listening(folder);
    });
    let isOver = false;
    const gone = untilGone(folder, mark, never).then(() => {
      isOver = true;
    });
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(isOver).toBe(false);
    server?.close();
    await gone;
    const next = await ensureRunning(folder, never, () => listening(folder).then(() => undefined));
    await untilGone(folder, next.mark, never);
    expect(existsSync(join(folder, "control"))).toBe(true);
    await endGuest(folder, next.mark);
    expect(existsSync(folder)).toBe(false);
  });

  test("a connection that was over before anybody listened to it is no reason to wait", async () => {
    const path = join(tmpdir(), `s${process.pid}-over`);
    const server = createServer((socket) => socket.destroy());
    await new Promise<void>((resolve) => server.listen(path, resolve));
    const socket = connect(path).resume();
    await new Promise((resolve) => socket.on("close", resolve));
    await expect(channelOver(socket).line()).rejects.toThrow(Closed);
    server.close();
  });

  test("many that start and end the same one never meet a folder that is gone", async () => {
    const folder = join(top, "many");
    let starts = 0;
    const worker = async (): Promise<void> => {
      for (let round = 0; round < 20; round++) {
        const { mark } = await ensureRunning(folder, never, async () => {
          starts++;
          await writeFile(join(folder, "initrd"), "ours");
          await symlink("image", join(folder, "kernel"));
          await listening(folder);
        });
        await new Promise((resolve) => setTimeout(resolve, 1));
        await endGuest(folder, mark);
      }
    };
    await Promise.all([worker(), worker(), worker(), worker()]);
    expect(starts).toBeGreaterThan(1);
    expect(existsSync(folder)).toBe(false);
  }, 30_000);
});

/** Answers as QEMU's control socket does: it ends when it is told to. */
async function listening(folder: string): Promise<Server> {
  const server = createServer((socket) => {
    socket.on("error", () => undefined);
    socket.on("data", (bytes) => {
      if (!bytes.includes("quit")) return;
      server.close();
      socket.destroy();
    });
  });
  const name = `s${process.pid}-${Math.random().toString(36).slice(2)}`;
  const path = join(tmpdir(), name);
  await new Promise<void>((resolve) => server.listen(path, resolve));
  // Its own name is short; that in the folder leads to it.
  await symlink(path, join(folder, "control"));
  return server;
}
