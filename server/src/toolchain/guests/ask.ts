/** Talks with the agent in a guest: serve.c is at the other end, and says what goes over the line. */

import { randomInt } from "node:crypto";
import { promisify } from "node:util";
import { deflate, inflate } from "node:zlib";
import type { Channel } from "./channel.ts";

export interface GuestAnswer {
  /** The exit code of the agent, or 128 and the signal that ended it. */
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface GuestObjects {
  readonly object: Uint8Array;
  readonly target?: Uint8Array;
}

/** As `serve.c` takes it at once. */
const PIECE = 16_384;
/** What is said while the guest starts is lost. */
const AGAIN_MS = 500;

/** Waits until the guest says that it is there. */
export async function greet(channel: Channel, idleSeconds: number): Promise<void> {
  const id = newId();
  const hello = (): void => channel.send(`hello ${id} ${idleSeconds}\n`);
  hello();
  const again = setInterval(hello, AGAIN_MS);
  try {
    while ((await channel.line()) !== `ready ${id}`);
  } finally {
    clearInterval(again);
  }
}

/**
 * Lets the agent do what the arguments say.
 * @param object lies at {@link GUEST_OBJECT} while it does
 * @param target lies at {@link GUEST_TARGET}, where there is one
 */
export async function ask(
  channel: Channel,
  args: readonly string[],
  { object, target = new Uint8Array() }: GuestObjects,
  idleSeconds: number,
): Promise<GuestAnswer> {
  const id = newId();
  const words = Buffer.from(args.map((arg) => `${arg}\0`).join(""));
  const body = Buffer.concat([words, object, target]);
  const packed = await promisify(deflate)(body);
  channel.send(`ask ${id} ${idleSeconds} ${words.length} ${object.length} ${body.length} ${packed.length}\n`);
  let sent = 0;
  for (;;) {
    // What answers somebody else, who did not wait for it, is skipped.
    const [word, to, ...numbers] = (await channel.line()).split(" ");
    if (to !== String(id)) continue;
    if (word === "more") {
      channel.send(packed.subarray(sent, sent + PIECE));
      sent += PIECE;
    } else if (word === "answer") {
      const [status = 0, output = 0, , size = 0] = numbers.map(Number);
      const both = await promisify(inflate)(await channel.take(size));
      return { status, stdout: both.toString("utf8", 0, output), stderr: both.toString("utf8", output) };
    } else if (word === "nothing") {
      return { status: 1, stdout: "", stderr: "the guest could not take the object" };
    }
  }
}

export const GUEST_OBJECT = "/object";
export const GUEST_TARGET = "/target";

function newId(): number {
  return randomInt(1, 2 ** 31);
}
