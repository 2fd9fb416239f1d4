/** Runs a program on input of ours without attaching it, where its kernel can. */

import type { Work } from "../choices.ts";
import { agentProgram } from "./agent.ts";
import { eventsOf, type NotLoaded } from "./held.ts";
import { type RootWish, runAgent } from "./root.ts";

export interface RunWish {
  readonly program: string;
  /** A file with the packet; a packet of ours where there is none. */
  readonly data: string | undefined;
  /** A file with the context. */
  readonly context: string | undefined;
  readonly repeat: number;
}

/** Bytes are written in hex. */
export interface Ran {
  readonly event: "ran";
  readonly program: string;
  readonly section: string;
  readonly type: number;
  readonly attachType: number;
  /** 0, or why the kernel did not run it: 524 where it cannot. */
  readonly error: number;
  readonly why: string;
  readonly returned: number;
  /** Of one run on the average; only of runs on packets. */
  readonly nanoseconds?: number;
  /** The packet that went in, and what became of it. */
  readonly input: string;
  readonly data?: string;
  /** What became of the context. */
  readonly context?: string;
}

/** @param source the folder with the agent's C files */
export async function runProgram(
  object: string,
  { program, data, context, repeat }: RunWish,
  source: string,
  root: RootWish,
  work: Work,
): Promise<Ran | NotLoaded> {
  const agent = await agentProgram(source, work);
  const files = [
    ...(data === undefined ? [] : ["--data", data]),
    ...(context === undefined ? [] : ["--context", context]),
  ];
  const args = ["run", "--program", program, ...files, "--repeat", String(repeat), "--", object];
  work.tell(`running ${program}`);
  const [said] = eventsOf<Ran | NotLoaded>(await runAgent(agent, args, root, work));
  return said ?? { event: "problem", error: 0, why: "the agent gave no answer", words: "" };
}
