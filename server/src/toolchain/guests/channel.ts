/** A connection to a guest, read by lines and by lengths. */

import { closeSync, constants, openSync } from "node:fs";
import { connect, type Socket } from "node:net";

/** The other end is not there, or no more. */
export class Closed extends Error {
  constructor(reason = "closed") {
    super(reason);
    this.name = "Closed";
  }
}

export interface Channel {
  send(bytes: string | Uint8Array): void;
  /** The next line, without its end. */
  line(): Promise<string>;
  /** The next bytes, so many. */
  take(length: number): Promise<Buffer>;
  close(): void;
}

/**
 * A name of a socket is short, and folders may have long paths: what is open may be named by its number instead. It is closed
 * without a turn of the loop: in one the other end might go, and nobody would be told.
 */
export async function openSocket(folder: string, name: string): Promise<Socket> {
  const open = openFolder(folder);
  try {
    return await new Promise((resolve, reject) => {
      const socket = connect(`/proc/self/fd/${open}/${name}`);
      socket.once("connect", () => resolve(socket));
      socket.once("error", (error: NodeJS.ErrnoException) => reject(new Closed(error.code)));
    });
  } finally {
    closeSync(open);
  }
}

function openFolder(folder: string): number {
  try {
    return openSync(folder, constants.O_RDONLY | constants.O_DIRECTORY);
  } catch {
    throw new Closed("no folder");
  }
}

export function channelOver(socket: Socket): Channel {
  let bytes: Buffer = Buffer.alloc(0);
  let closed = socket.closed;
  let wake: (() => void) | undefined;
  socket.on("data", (more: Buffer) => {
    bytes = Buffer.concat([bytes, more]);
    wake?.();
  });
  // What is wrong with it is followed by its end.
  socket.on("error", () => undefined);
  socket.on("close", () => {
    closed = true;
    wake?.();
  });
  const more = async (): Promise<void> => {
    if (closed) throw new Closed();
    await new Promise<void>((resolve) => {
      wake = resolve;
    });
  };
  const take = async (length: number): Promise<Buffer> => {
    while (bytes.length < length) await more();
    const taken = bytes.subarray(0, length);
    bytes = bytes.subarray(length);
    return taken;
  };
  return {
    send: (what) => void socket.write(what),
    line: async () => {
      let from = 0;
      for (;;) {
        const end = bytes.indexOf(10, from);
        if (end >= 0) return (await take(end + 1)).toString("latin1", 0, end);
        from = bytes.length;
        await more();
      }
    },
    take,
    close: () => void socket.destroy(),
  };
}
