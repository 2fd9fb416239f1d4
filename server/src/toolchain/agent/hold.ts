/** Loads an object to stay, as long as somebody holds it: its programs and maps are pinned, and can be attached and detached. */

import { basename } from "node:path";
import type { Work } from "../choices.ts";
import { Cancelled, ToolProblem } from "../problem.ts";
import type { LongRun } from "../run.ts";
import { agentProgram } from "./agent.ts";
import {
  type Attached,
  type Detached,
  eventOf,
  type HeldMap,
  type HeldProgram,
  type HoldEvent,
  type InTheWay,
  type NotAttached,
  type NotLoaded,
  type Stays,
} from "./held.ts";
import { startHolder } from "./holder.ts";
import type { RootWish } from "./root.ts";

export interface HoldWish {
  /** Under which it is known; see `holdName`. */
  readonly name: string;
  /** Only these programs; all that are loaded by themselves where it is empty. */
  readonly programs: readonly string[];
}

/** What is loaded, until it is ended. */
export interface Holding {
  readonly name: string;
  readonly programs: readonly HeldProgram[];
  readonly maps: readonly HeldMap[];
  /** What is attached now. */
  readonly attached: readonly Attached[];
  attach(name: string, to: string): Promise<Attached | NotAttached>;
  detach(number: number): Promise<Detached>;
  /** Pins all that is needed for it to stay without anybody who holds it. */
  stay(): Promise<Stays | NotAttached>;
  /** Gives everything back. */
  end(): Promise<void>;
  /** When the process that holds it has ended; how many things it left, undefined where it was killed and took nothing back. */
  readonly ended: Promise<number | undefined>;
}

/** A holding, or why there is none. */
export type HoldResult = Holding | NotLoaded | InTheWay;

/** `my prog.bpf.o` is held as `my_prog`: bpffs takes no dots. */
export function holdName(object: string): string {
  const name = basename(object).replace(/(?:\.bpf)?\.o$/, "");
  return name.replaceAll(/[^\p{L}\p{N}_-]|^-/gu, "_").slice(0, 40) || "object";
}

/** @param source the folder with the agent's C files */
export async function holdObject(
  object: string,
  { name, programs }: HoldWish,
  source: string,
  root: RootWish,
  work: Work,
): Promise<HoldResult> {
  const agent = await agentProgram(source, work);
  const chosen = programs.flatMap((program) => ["--program", program]);
  work.tell("loading");
  const talk = new Talk();
  const holder = await startHolder(agent, ["--name", name, ...chosen, "--", object], root, work, talk.hear);
  const cancel = (): void => void holder.end().catch(() => undefined);
  work.signal.addEventListener("abort", cancel, { once: true });
  try {
    talk.listenTo(holder);
    const events: HoldEvent[] = [];
    for (;;) {
      const said = await talk.next();
      if (said === undefined) throw await silent(holder, work);
      events.push(said);
      if (said.event === "holding") break;
      if (said.event === "refused" || said.event === "problem" || said.event === "inTheWay") {
        await holder.end();
        return said;
      }
    }
    if (work.signal.aborted) {
      await holder.end();
      throw new Cancelled();
    }
    return holdingOf(name, events, talk, holder);
  } finally {
    work.signal.removeEventListener("abort", cancel);
  }
}

function holdingOf(name: string, events: readonly HoldEvent[], talk: Talk, holder: LongRun): Holding {
  let attached: readonly Attached[] = [];
  let turn: Promise<unknown> = Promise.resolve();
  const ask = async <T extends HoldEvent>(line: string, isAnswer: (said: HoldEvent) => said is T): Promise<T> => {
    // One after the other: answers come in the order of the questions.
    const mine = turn.then(async () => {
      holder.send(line);
      for (;;) {
        const said = await talk.next();
        if (said === undefined) throw new ToolProblem(`What held ${name} has ended.`);
        if (isAnswer(said)) return said;
      }
    });
    turn = mine.catch(() => undefined);
    return mine;
  };
  const left = holder.ended.then(
    () => talk.left,
    () => undefined,
  );
  return {
    name,
    programs: events.filter((one) => one.event === "program"),
    maps: events.filter((one) => one.event === "map"),
    get attached() {
      return attached;
    },
    attach: async (program, to) => {
      if (/[\n\r\0]/.test(program + to)) throw new ToolProblem("A place with a line break in its name cannot be used.");
      const said = await ask(`attach ${program}=${to}`, (one) => one.event === "attached" || one.event === "failed");
      if (said.event === "attached") attached = [...attached, said];
      return said;
    },
    detach: async (number) => {
      if (!attached.some((one) => one.number === number)) throw new ToolProblem("That is not attached any more.");
      const said = await ask(`detach ${number}`, (one) => one.event === "detached");
      attached = attached.filter((one) => one.number !== number);
      return said;
    },
    stay: () => ask("stay", (one) => one.event === "stays" || one.event === "failed"),
    end: async () => {
      await holder.end();
    },
    ended: left,
  };
}

async function silent(holder: LongRun, { signal }: Work): Promise<Error> {
  const { code, stderr } = await holder.ended;
  if (signal.aborted) return new Cancelled();
  const why = stderr.trim() || (code === undefined ? "it ended without an answer" : `exit code ${code}`);
  return new ToolProblem(`The agent that loads programs failed: ${why}.`, {}, stderr);
}

/** A line that was cut off is the last one, and its end is noticed by itself. */
function readable(line: string): HoldEvent | undefined {
  try {
    return eventOf<HoldEvent>(line);
  } catch {
    return undefined;
  }
}

/** What the agent says, in turn. */
class Talk {
  readonly #heard: HoldEvent[] = [];
  #wake: (() => void) | undefined;
  #isOver = false;
  /** How many things could not be taken back; undefined until it is known. */
  left: number | undefined;

  readonly hear = (line: string): void => {
    const said = readable(line);
    if (said === undefined) return;
    if (said.event === "gone") this.left = said.left;
    this.#heard.push(said);
    this.#wake?.();
  };

  listenTo({ ended }: LongRun): void {
    const over = (): void => {
      this.#isOver = true;
      this.#wake?.();
    };
    ended.then(over, over);
  }

  /** Undefined when nothing more will be said. */
  async next(): Promise<HoldEvent | undefined> {
    for (;;) {
      const said = this.#heard.shift();
      if (said !== undefined || this.#isOver) return said;
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }
}
