/** QEMU's own socket of a guest: whether it runs, and how it is ended. */

import { Closed, openSocket } from "./channel.ts";

export const CONTROL = "control";

/** How long QEMU may take to end before its socket is no sign of life any more. */
const PATIENCE_MS = 5000;

export async function isRunning(folder: string): Promise<boolean> {
  try {
    (await openSocket(folder, CONTROL)).destroy();
    return true;
  } catch (error) {
    // Others are asking the same just now.
    return error instanceof Closed && error.message === "EAGAIN";
  }
}

/** Resolves when QEMU has ended, or was not there. */
export async function quit(folder: string): Promise<void> {
  for (const deadline = Date.now() + PATIENCE_MS; Date.now() < deadline && (await askToQuit(folder)); );
}

/** Whether there was somebody to ask. */
async function askToQuit(folder: string): Promise<boolean> {
  const socket = await openSocket(folder, CONTROL).catch(() => undefined);
  if (socket === undefined) return false;
  await new Promise<void>((resolve) => {
    const late = setTimeout(() => socket.destroy(), PATIENCE_MS);
    socket.on("error", () => undefined);
    socket.on("close", () => {
      clearTimeout(late);
      resolve();
    });
    socket.resume();
    socket.write('{"execute":"qmp_capabilities"}\n{"execute":"quit"}\n');
  });
  return true;
}
