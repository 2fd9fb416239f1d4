/** A connection to a guest, read by lines and by lengths. */

import { constants } from "node:fs";
import { open } from "node:fs/promises";
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
 * A name of a socket is short, and folders may have long paths: what is open may be named by its number instead. The other
 * end may be gone by the time that we have it: `closed` says so, no event does any more.
 */
export async function openSocket(folder: string, name: string): Promise<Socket> {
  const handle = await open(folder, constants.O_RDONLY | constants.O_DIRECTORY).catch(() => undefined);
  if (handle === undefined) throw new Closed("no folder");
  try {
    return await new Promise((resolve, reject) => {
      const socket = connect(`/proc/self/fd/${handle.fd}/${name}`);
      socket.once("connect", () => resolve(socket));
      socket.once("error", (error: NodeJS.ErrnoException) => reject(new Closed(error.code)));
    });
  } finally {
    await handle.close();
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
