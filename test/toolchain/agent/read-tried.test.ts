/** What the agent prints, read: also by whoever only says that it is the agent. */

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { readTried } from "../../../server/src/toolchain/agent/read-tried.ts";
import { AGENT_VERSION } from "../../../server/src/toolchain/agent/tried.ts";
import { root } from "../../support/paths.ts";

const hello = { agent: AGENT_VERSION, release: "6.1", machine: "x86_64", libbpf: "v1.1" };
const program = { program: "p", section: "xdp", type: 6, attachType: 37, instructions: 2, error: 0, milliseconds: 1 };
const lines = (...all: readonly object[]) => all.map((one) => `${JSON.stringify(one)}\n`).join("");

test("the agent and its reader have one version", () => {
  const header = readFileSync(join(root, "server/src/toolchain/agent/agent.h"), "utf8");
  expect(Number(/#define AGENT_VERSION (\d+)/.exec(header)?.[1])).toBe(AGENT_VERSION);
});

test("a whole answer is read, any other is a problem in words", () => {
  const whole = { ...program, log: "", words: "" };
  expect(readTried(lines(hello, whole)).programs).toEqual([whole]);
  const other = "What answers is not the agent that loads programs, or one of another version.";
  expect(() => readTried(lines({ ...hello, agent: AGENT_VERSION + 1 }))).toThrow(other);
  expect(() => readTried(lines(hello, program))).toThrow(other);
  expect(() => readTried(lines(hello, { ...whole, log: 7 }))).toThrow(other);
  expect(() => readTried(lines(hello, { ...whole, visits: "many" }))).toThrow(other);
  expect(() => readTried("")).toThrow("gave no answer");
});
