/** What test/kernel/hold-root.test.ts runs as a person without rights: holds an object, attaches a program, and ends when it is told to. */

import { once } from "node:events";
import { holdObject } from "../../server/src/toolchain/agent/hold.ts";
import { listLoaded } from "../../server/src/toolchain/agent/loaded.ts";
import type { RootWish } from "../../server/src/toolchain/agent/root.ts";
import { NO_CHOICES, type Work } from "../../server/src/toolchain/choices.ts";
import { run } from "../../server/src/toolchain/run.ts";

const [source = "", object = "", answer = "yes", cancelled = "never"] = process.argv.slice(2);
const asked: (readonly string[])[] = [];
const abort = new AbortController();
const nothing = (): void => undefined;
const root = process.cwd();
const work: Work = { choices: NO_CHOICES, root, tell: nothing, log: nothing, signal: abort.signal };
const wish: RootWish = {
  mayUseRoot: async (command) => {
    asked.push(command);
    return answer === "yes";
  },
  inTerminal: async ([program = "", ...args]) => {
    await run(program, args, { cwd: root });
  },
};
const say = (what: object): void => void process.stdout.write(`${JSON.stringify(what)}\n`);

if (cancelled !== "never") setTimeout(() => abort.abort(), Number(cancelled));
try {
  const held = await holdObject(object, { name: "person", programs: [] }, source, wish, work);
  if ("event" in held) throw new Error(held.event);
  // A machine that is quicker than the cancelling.
  if (cancelled !== "never") await held.end();
  if (cancelled !== "never") throw new Error("too late");
  const attached = await held.attach("hkhr_pass", "xdp:lo");
  const listed = await listLoaded(source, wish, work);
  say({ uid: process.getuid?.(), asked, attached, listed, programs: held.programs });
  await Promise.race([once(process.stdin, "data"), held.ended]);
  await held.end();
  say({ left: await held.ended });
} catch (error) {
  say({ asked, error: String(error) });
}
process.exit(0);
