/** `--sudo`: root on the command line is used when it is asked for, and said when it is used. */

import type { RootWish } from "../../toolchain/agent/root.ts";
import type { Work } from "../../toolchain/choices.ts";
import { ToolProblem } from "../../toolchain/problem.ts";
import { run } from "../../toolchain/run.ts";
import { quoted } from "../../toolchain/step.ts";
import { complain } from "../source.ts";
import type { Values } from "./tool-command.ts";

export function rootByOption({ sudo }: Values, { signal }: Work): RootWish {
  const wish: RootWish = {
    mayUseRoot: async (command) => {
      const line = command.map(quoted).join(" ");
      if (sudo !== true)
        throw new ToolProblem(
          `Loading programs needs root. Add --sudo to have this run, or run hookpoint as root:\n  ${line}`,
        );
      complain(`As root: ${line}`);
      return true;
    },
  };
  if (!process.stdin.isTTY) return wish;
  return {
    ...wish,
    inTerminal: async ([program = "", ...args]) => {
      const { stderr } = await run(program, args, { cwd: process.cwd(), signal, inOurTerminal: true });
      if (stderr !== "") complain(stderr.trimEnd());
    },
  };
}
