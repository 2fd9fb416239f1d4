/** `hookpoint verify FILE…`: what a kernel says of each program, with the lines of the source. */

import { resolve } from "node:path";
import type { ProgramAnswer } from "../../analysis/verifier/answer.ts";
import { answerText, programText } from "../../analysis/verifier/answer-text.ts";
import { type Costs, compareCosts } from "../../analysis/verifier/costs.ts";
import { changesText, costsText } from "../../analysis/verifier/costs-text.ts";
import { kernelRows, kernelTable } from "../../analysis/verifier/kernel-table.ts";
import type { AskableKernel, VerifyWish } from "../../toolchain/agent/kernel-answer.ts";
import type { Work } from "../../toolchain/choices.ts";
import type { Verified } from "../../toolchain/verify.ts";
import { columnOf, type KernelSaid, verifyOn } from "../../toolchain/verify-on.ts";
import { BadUse, complain, print, show } from "../source.ts";
import { objectOf, short } from "./object-of.ts";
import { eachObject, formatOf } from "./objects.ts";
import { kernelsByOption, onOptions, onUsage } from "./on-option.ts";
import { placesInSource } from "./places-in-source.ts";
import { costsSince, type FormerCosts } from "./since.ts";
import { targetByOption } from "./target-option.ts";
import type { ToolCommand } from "./tool-command.ts";

export const verify: ToolCommand = {
  name: "verify",
  usage: `  hookpoint verify [OPTION]… FILE…                  load each program alone into the kernel, attach nothing unasked, keep nothing,
                                                   and explain what it refuses; FILE is a BPF C file or an object
    --program NAME     only this one; may be repeated
    --attach           also attach each by its section, where it runs for a moment, and take it off again
    --target FILE      the program that a freplace program replaces a function of, a BPF C file or an object; FILE:PROGRAM
                       where it is not the one that has the function
    --costs            also show the lines that the verifier looks at most
    --since FILE       and what became dearer since a run whose --costs --format json went into FILE
${onUsage}
    --sudo             use sudo where root is needed; it asks for the password itself`,
  options: {
    ...onOptions,
    program: { type: "string", multiple: true },
    attach: { type: "boolean" },
    target: { type: "string" },
    costs: { type: "boolean" },
    since: { type: "string" },
    sudo: { type: "boolean" },
  },
  run: async (names, { values, work }) => {
    if (names.length === 0) throw new BadUse("No file given.");
    const format = formatOf(values);
    const { program = [] } = values;
    const target = await targetByOption(values, work);
    if (target === "not built") return 1;
    const wish = {
      attach: values["attach"] === true,
      ...(target === undefined ? {} : { target }),
      programs: Array.isArray(program) ? program.map(String) : [],
      visits: values["costs"] === true || values["since"] !== undefined,
    };
    const before = await costsSince(values["since"]);
    const { kernels, end } = await kernelsByOption(values, work);
    try {
      return await verifyAll(names, kernels, { wish, format, before }, work);
    } finally {
      await end();
    }
  },
};

interface Asked {
  readonly wish: VerifyWish;
  readonly format: "json" | "text";
  readonly before: FormerCosts;
}

/** A log may have megabytes: once is enough. */
function shared(verified: Verified): object {
  return { ...verified, tried: verified.tried.map(({ log: _, visits: __, ...tried }) => tried) };
}

async function verifyAll(
  names: readonly string[],
  kernels: readonly AskableKernel[],
  { wish, format, before }: Asked,
  work: Work,
): Promise<number> {
  const files: object[] = [];
  let refused = false;
  const failed = await eachObject(names, async (name) => {
    const object = await objectOf(resolve(name), work);
    if (object === undefined) {
      refused = true;
      return;
    }
    const source = name.endsWith(".c") ? { source: () => placesInSource(resolve(name)) } : {};
    const said = await verifyOn(object, kernels, { ...wish, ...source }, work);
    const answers = said.flatMap((one) => ("verified" in one ? [one.verified] : []));
    refused ||= answers.some(isRefusal);
    files.push(...answers.map((verified) => ({ path: name, object, ...shared(verified) })));
    if (format === "text") show(kernels.length === 1 ? allText(name, answers, before) : comparisonText(name, said));
    const [first, ...others] = said.flatMap((one) => ("problem" in one ? [one.problem] : []));
    const without = answers.find(({ withoutLines }) => withoutLines !== undefined)?.withoutLines;
    if (without !== undefined) complain(`${name}: ${without}`);
    for (const { message } of others) complain(`hookpoint: ${message}`);
    if (first !== undefined) throw first;
  });
  if (format === "json") print(`${JSON.stringify({ format: 1, files }, null, 2)}\n`);
  return failed ? 2 : refused ? 1 : 0;
}

function isRefusal({ answers, programs }: Verified): boolean {
  return answers.length > 0 || programs.some(isRefused);
}

function isRefused({ verdict, attaching }: ProgramAnswer): boolean {
  return verdict === "refused" || attaching?.outcome === "refused";
}

function allText(name: string, all: readonly Verified[], before: FormerCosts = () => undefined): string {
  return all
    .flatMap(({ answers, programs, costs, kernel }) => [
      ...answers.map((answer) => `${name}: ${answerText(answer, short)}\n`),
      ...programs.map((program) => `${programText(program, short)}\n`),
      ...costTexts(costs, before(name, kernel)),
    ])
    .join("");
}

function costTexts(costs: Costs | undefined, before: Costs | undefined): readonly string[] {
  if (costs === undefined || costs.lines.length === 0) return [];
  const changes = before === undefined ? "" : changesText(compareCosts(before, costs), short);
  return [`${costsText(costs, short)}\n`, ...(changes === "" ? [] : [`${changes}\n`])];
}

/** First all in a table, then what each kernel that refuses has to say. */
function comparisonText(name: string, said: readonly KernelSaid[]): string {
  const refusals = said.flatMap((one) => {
    if ("problem" in one || !isRefusal(one.verified)) return [];
    const { kernel, release, programs } = one.verified;
    const refused = programs.filter(isRefused);
    const head = kernel === release ? kernel : `${kernel}, ${release}`;
    return [`\n${head}:\n${allText(name, [{ ...one.verified, programs: refused }])}`];
  });
  return `${kernelTable(kernelRows(said.map(columnOf)))}\n${refusals.join("")}`;
}
