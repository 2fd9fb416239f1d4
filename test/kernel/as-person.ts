/** What test/kernel/root.test.ts runs as a person without rights: verifies an object, and tells what it was asked on the way. */

import { thisMachine } from "../../server/src/toolchain/agent/here.ts";
import type { RootWish } from "../../server/src/toolchain/agent/root.ts";
import { NO_CHOICES, type Work } from "../../server/src/toolchain/choices.ts";
import { run } from "../../server/src/toolchain/run.ts";

const [source = "", object = "", answer = "yes", terminal = "none"] = process.argv.slice(2);
const asked: (readonly string[])[] = [];
const typed: (readonly string[])[] = [];
const abort = new AbortController();
process.once("SIGUSR1", () => abort.abort());

const nothing = (): void => undefined;
const root = process.cwd();
const work: Work = { choices: NO_CHOICES, root, tell: nothing, log: nothing, signal: abort.signal };
const wish: RootWish = {
  mayUseRoot: async (command) => {
    asked.push(command);
    return answer === "yes";
  },
  ...(terminal === "none"
    ? {}
    : {
        inTerminal: async (command: readonly string[]) => {
          typed.push(command);
          const [program = "", ...args] = command;
          if (terminal === "typed") await run(program, args, { cwd: root });
        },
      }),
};

const told = await thisMachine(source, wish)
  .verify(object, { programs: [], visits: false }, work)
  .then(
    ({ programs }) => ({ programs: programs.map(({ program, error }) => [program, error]) }),
    (error: unknown) => ({ error: String(error) }),
  );
process.stdout.write(JSON.stringify({ uid: process.getuid?.(), asked, typed, ...told }));
