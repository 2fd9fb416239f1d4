/** Kernels in guests: started when they are first asked, kept warm, and ended with whoever started them. */

import { readFile } from "node:fs/promises";
import type { Socket } from "node:net";
import { agentBundle, type Bundle } from "../agent/bundle.ts";
import type { AskableKernel, VerifyWish } from "../agent/kernel-answer.ts";
import { readTried } from "../agent/read-tried.ts";
import { verifyArguments } from "../agent/verify-arguments.ts";
import type { Work } from "../choices.ts";
import { Cancelled, ToolProblem } from "../problem.ts";
import { ask, GUEST_OBJECT, GUEST_TARGET, type GuestAnswer, type GuestObjects, greet } from "./ask.ts";
import { type Channel, Closed, channelOver, openSocket } from "./channel.ts";
import { quit } from "./control.ts";
import type { KernelImage } from "./images.ts";
import { type Acceleration, type Accelerator, ASK, accelerators, consoleOf, prepareGuest, startGuest } from "./qemu.ts";
import { endGuest, ensureRunning, guestFolder, killGuest, sweep, untilGone } from "./warm.ts";
import { withoutDebug } from "./without-debug.ts";

export interface GuestOptions {
  /** The folder with the agent's C files. */
  readonly source: string;
  readonly acceleration: Acceleration;
  /** A guest that nobody asks for so long ends by itself. */
  readonly idleSeconds: number;
  /** How long a kernel may take to start. */
  readonly bootMs?: number;
}

export interface Guests {
  kernel(image: KernelImage): AskableKernel;
  /** Puts off the end of those that were started by us, and that nobody asks. */
  keepAlive(): Promise<void>;
  /** Ends those that were started by us. */
  end(): Promise<void>;
  /** The same for whoever is about to be ended and can wait for nothing. */
  endNow(): void;
}

/** Software emulation on a busy machine takes its time; a kernel that says nothing for so long will not. */
const BOOT_MS = 120_000;
/** Others may have ended the guest while we waited for it. */
const ATTEMPTS = 3;

export function guests(options: GuestOptions): Guests {
  /** Their folders, with what sets them apart from others there. */
  const started = new Map<string, string>();
  return {
    kernel: (image) => ({
      name: image.name,
      verify: async (object, wish, work) => {
        const objects = await objectsOf(object, wish);
        const args = verifyArguments(GUEST_OBJECT, wish, GUEST_TARGET);
        const answer = await answerOf(image, args, objects, options, started, work);
        if (answer.status !== 0)
          throw new ToolProblem(
            `The agent in the guest ${image.name} failed: ${answer.stderr.trim() || `exit code ${answer.status}`}.`,
          );
        return readTried(answer.stdout);
      },
    }),
    keepAlive: async () => {
      await Promise.all([...started.keys()].map((folder) => remind(folder, options.idleSeconds)));
    },
    end: async () => {
      await Promise.all([...started].map(([folder, mark]) => endGuest(folder, mark)));
      started.clear();
    },
    endNow: () => {
      for (const [folder, mark] of started) killGuest(folder, mark);
      started.clear();
    },
  };
}

async function objectsOf(path: string, { target }: VerifyWish): Promise<GuestObjects> {
  const object = withoutDebug(await readFile(path));
  return target === undefined ? { object } : { object, target: withoutDebug(await readFile(target.object)) };
}

async function answerOf(
  image: KernelImage,
  args: readonly string[],
  objects: GuestObjects,
  options: GuestOptions,
  started: Map<string, string>,
  work: Work,
): Promise<GuestAnswer> {
  const bundle = await agentBundle(options.source, work);
  const folder = await guestFolder(image.image, bundle, options.acceleration);
  for (let attempt = 1; ; attempt++) {
    const { mark, isOurs } = await ensureRunning(folder, work.signal, async (own) => {
      await sweep();
      work.tell(`starting ${image.name} in a guest`);
      started.set(folder, own);
      await prepareGuest(folder, image.image, bundle);
      await boot(folder, image, bundle, options, work);
    });
    work.tell(`asking ${image.name}`);
    try {
      const answer = await talk(folder, image, work, undefined, async (channel) => {
        await greet(channel, options.idleSeconds);
        return ask(channel, args, objects, options.idleSeconds);
      });
      if (answer.status > SIGNAL) throw await afterCrash(folder, mark, image, answer.status - SIGNAL);
      return answer;
    } catch (error) {
      // Whoever was cut off half-way has left the guest in the middle of something.
      if (isOurs || error instanceof Cancelled || attempt === ATTEMPTS) {
        await endGuest(folder, mark);
        throw error;
      }
      await untilGone(folder, mark, work.signal);
    }
  }
}

/** Where KVM is there and no good, as in some virtual machines, the processor is emulated. */
async function boot(
  folder: string,
  image: KernelImage,
  bundle: Bundle,
  { acceleration, bootMs = BOOT_MS, idleSeconds }: GuestOptions,
  work: Work,
): Promise<void> {
  const usable = (await accelerators(acceleration)).filter((name) => !NO_GOOD.has(name));
  for (const [n, accelerator] of usable.entries()) {
    try {
      await startGuest(folder, bundle, accelerator, work);
      return await talk(folder, image, work, bootMs, (channel) => greet(channel, idleSeconds));
    } catch (error) {
      if (!(error instanceof ToolProblem) || n + 1 === usable.length) throw error;
      work.log(`With ${accelerator} the guest does not start; it is tried without.\n${error.message}\n`);
      await quit(folder);
      NO_GOOD.add(accelerator);
    }
  }
}

/** What did not work once is not tried again, as long as we run. */
const NO_GOOD = new Set<Accelerator>();

/** Of a program that was ended by a signal, as shells count. */
const SIGNAL = 128;

/** The kernel has ended what was loading: it has met a fault of its own, and is not asked again. */
async function afterCrash(folder: string, mark: string, { name }: KernelImage, signal: number): Promise<ToolProblem> {
  const last = await consoleOf(folder);
  await endGuest(folder, mark);
  return new ToolProblem(`Loading was ended by signal ${signal} on ${name}.${said(last)}`, {}, last);
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
    channel = channelOver(await freeSocket(folder, signal));
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

/** One that works just now is not idle; one that is gone is nobody's loss. */
async function remind(folder: string, idleSeconds: number): Promise<void> {
  const socket = await openSocket(folder, ASK).catch(() => undefined);
  if (socket === undefined) return;
  const late = setTimeout(() => socket.destroy(), REMIND_MS);
  try {
    await greet(channelOver(socket), idleSeconds);
  } catch (error) {
    if (!(error instanceof Closed)) throw error;
  } finally {
    clearTimeout(late);
    socket.destroy();
  }
}

const REMIND_MS = 5000;

/** QEMU lets but a few wait. */
async function freeSocket(folder: string, signal: AbortSignal): Promise<Socket> {
  for (;;) {
    try {
      return await openSocket(folder, ASK);
    } catch (error) {
      if (!(error instanceof Closed) || error.message !== "EAGAIN" || signal.aborted) throw error;
      await new Promise((resolve) => setTimeout(resolve, AGAIN_MS));
    }
  }
}

const AGAIN_MS = 50;

/** What takes longer has no end. */
const LONGEST_MS = 30 * 60_000;

async function whyOver(folder: string, { name }: KernelImage, late: boolean): Promise<ToolProblem> {
  const last = await consoleOf(folder);
  return new ToolProblem(
    late ? `The kernel ${name} does not get up in a guest.${said(last)}` : `The guest of ${name} ended.${said(last)}`,
    {},
    last,
  );
}

function said(last: string): string {
  return last === "" ? " It said nothing." : ` The last that it said:\n${last}`;
}
