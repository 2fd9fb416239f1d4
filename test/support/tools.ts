/** Tools of the system in tests: which there are, and the work they are given. */

import type { TestContext } from "vitest";
import { type Choices, NO_CHOICES, type Work } from "../../server/src/toolchain/choices.ts";
import { findClang, findProgram } from "../vscode/process.mjs";

/** Work in a folder as the person's own, with nobody to tell. */
export function workIn(root: string, choices: Partial<Choices> = {}): Work {
  const nothing = (): void => undefined;
  return {
    choices: { ...NO_CHOICES, ...choices },
    root,
    tell: nothing,
    log: nothing,
    signal: new AbortController().signal,
  };
}

/** On CI every tool must be there; elsewhere what needs one is skipped. */
export function needTool(name: string, ctx?: Pick<TestContext, "skip">): void {
  const found = name === "clang" ? findClang() : findProgram(name);
  if (found) return;
  if (process.env["CI"] || ctx === undefined) throw new Error(`no ${name}`);
  ctx.skip(`no ${name}`);
}
