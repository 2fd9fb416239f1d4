/** Tools of the system in tests: which there are, and the work they are given. */

import type { TestContext } from "vitest";
import { type Choices, NO_CHOICES, type Work } from "../../server/src/toolchain/choices.ts";
import { OLDER_CLANGS } from "../system-packages.mjs";
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

/** The newest clang here and an older one: what they say of the same code differs. */
export function clangs(ctx?: Pick<TestContext, "skip">): readonly string[] {
  needTool("clang", ctx);
  const older = findProgram(...OLDER_CLANGS);
  if (older === undefined) {
    if (process.env["CI"] || ctx === undefined) throw new Error(`none of ${OLDER_CLANGS.join(", ")}`);
    ctx.skip("no older clang");
  }
  return [findClang() ?? "", older ?? ""];
}

/** On CI every tool must be there; elsewhere what needs one is skipped. */
export function needTool(name: string, ctx?: Pick<TestContext, "skip">): void {
  const found = name === "clang" ? findClang() : findProgram(name);
  if (found) return;
  if (process.env["CI"] || ctx === undefined) throw new Error(`no ${name}`);
  ctx.skip(`no ${name}`);
}
