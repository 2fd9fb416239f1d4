/** Kernels in guests: started when they are first asked, kept warm, and ended with whoever started them. */

import { readFile } from "node:fs/promises";
import { agentBundle } from "../agent/bundle.ts";
import type { AskableKernel } from "../agent/kernel-answer.ts";
import { readTried } from "../agent/read-tried.ts";
import { verifyArguments } from "../agent/verify-arguments.ts";
import type { Work } from "../choices.ts";
import { Cancelled, ToolProblem } from "../problem.ts";
import { ask, GUEST_OBJECT, type GuestAnswer, greet } from "./ask.ts";
import { type Channel, Closed, channelOver, openSocket } from "./channel.ts";
import type { KernelImage } from "./images.ts";
import { type Acceleration, ASK, consoleOf, startGuest } from "./qemu.ts";
import { endGuest, ensureRunning, guestFolder, sweep } from "./warm.ts";
import { withoutDebug } from "./without-debug.ts";

export interface GuestOptions {
  /** The folder with the agent's C files. */
  readonly source: string;
  readonly acceleration: Acceleration;
  /** A guest that nobody asks for so long ends by itself. */
  readonly idleSeconds: number;
}

export interface Guests {
  kernel(image: KernelImage): AskableKernel;
  /** Ends those that were started by us. */
  end(): Promise<void>;
}

/** Software emulation on a busy machine takes its time; a kernel that says nothing for so long will not. */
const BOOT_MS = 120_000;
/** Others may have ended the guest while we waited for it. */
const ATTEMPTS = 3;

export function guests(options: GuestOptions): Guests {
  const started = new Set<string>();
  return {
    kernel: (image) => ({
      name: image.name,
      verify: async (object, wish, work) => {
        const bytes = withoutDebug(await readFile(object));
        const answer = await answerOf(image, verifyArguments(GUEST_OBJECT, wish), bytes, options, started, work);
        if (answer.status !== 0)
          throw new ToolProblem(
            `The agent in the guest ${image.name} failed: ${answer.stderr.trim() || `exit code ${answer.status}`}.`,
          );
        return readTried(answer.stdout);
      },
    }),
    end: async () => {
      await Promise.all([...started].map(endGuest));
      started.clear();
    },
  };
}

async function answerOf(
  image: KernelImage,
  args: readonly string[],
  object: Uint8Array,
  options: GuestOptions,
  started: Set<string>,
  work: Work,
): Promise<GuestAnswer> {
  const bundle = await agentBundle(options.source, work);
  const folder = await guestFolder(image.image, bundle, options.acceleration);
  for (let attempt = 1; ; attempt++) {
    const isOurs = await ensureRunning(folder, work.signal, async () => {
      await sweep();
      work.tell(`starting ${image.name} in a guest`);
      await startGuest(folder, image.image, bundle, options.acceleration, work);
      started.add(folder);
      await talk(folder, image, work, BOOT_MS, (channel) => greet(channel, options.idleSeconds));
    });
    work.tell(`asking ${image.name}`);
    try {
      return await talk(folder, image, work, undefined, async (channel) => {
        await greet(channel, options.idleSeconds);
        return ask(channel, args, object, options.idleSeconds);
      });
    } catch (error) {
      // Whoever was cut off half-way has left the guest in the middle of something.
      if (isOurs || error instanceof Cancelled || attempt === ATTEMPTS) {
        await endGuest(folder);
        throw error;
      }
    }
  }
}

/** One connection: others wait meanwhile. */
async function talk<T>(
  folder: string,
  image: KernelImage,
  { signal }: Work,
  limitMs: number | undefined,
  about: (channel: Channel) => Promise<T>,
): Promise<T> {
  if (signal.aborted) throw new Cancelled();
  let channel: Channel | undefined;
  let late = false;
  const stop = (): void => channel?.close();
  const timer = setTimeout(() => {
    late = limitMs !== undefined;
    stop();
  }, limitMs ?? LONGEST_MS);
  signal.addEventListener("abort", stop);
  try {
    channel = channelOver(await openSocket(folder, ASK));
    if (signal.aborted) throw new Cancelled();
    return await about(channel);
  } catch (error) {
    if (signal.aborted) throw new Cancelled();
    if (!(error instanceof Closed)) throw error;
    throw await whyOver(folder, image, late);
  } finally {
    clearTimeout(timer);
    signal.removeEventListener("abort", stop);
    channel?.close();
  }
}

/** What takes longer has no end. */
const LONGEST_MS = 30 * 60_000;

async function whyOver(folder: string, { name }: KernelImage, late: boolean): Promise<ToolProblem> {
  const last = await consoleOf(folder);
  const said = last === "" ? "It said nothing." : `The last that it said:\n${last}`;
  return new ToolProblem(
    late ? `The kernel ${name} does not get up in a guest. ${said}` : `The guest of ${name} ended. ${said}`,
    {},
    last,
  );
}
