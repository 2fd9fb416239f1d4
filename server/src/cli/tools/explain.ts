/** `hookpoint explain LOG`: what a kernel or a loader said, in words; also what is known of a family of messages. */

import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { relative, resolve } from "node:path";
import { rules } from "../../analysis/rules/index.ts";
import { nearest } from "../../analysis/spelling.ts";
import type { LoadAnswer } from "../../analysis/verifier/answer.ts";
import { answerText, programText } from "../../analysis/verifier/answer-text.ts";
import { families } from "../../analysis/verifier/families/index.ts";
import { familyList, familyPage } from "../../analysis/verifier/family-page.ts";
import { instructionPlaces } from "../../analysis/verifier/instruction-places.ts";
import { placeAnswers } from "../../analysis/verifier/place-answers.ts";
import type { SourceText } from "../../analysis/verifier/place-by-text.ts";
import type { PlacesOf } from "../../analysis/verifier/read-load.ts";
import { explainLog } from "../../toolchain/log-file.ts";
import { openOnDisk } from "../../toolchain/object.ts";
import { ToolProblem } from "../../toolchain/problem.ts";
import { BadUse, complain, print, show } from "../source.ts";
import { formatOf } from "./objects.ts";
import { placesInSource } from "./places-in-source.ts";
import type { ToolCommand } from "./tool-command.ts";

export const explain: ToolCommand = {
  name: "explain",
  usage: `  hookpoint explain [OPTION]… LOG|-                 explain what a verifier or a loader printed; - reads what is piped
  hookpoint explain FAMILY                         what is known of a family of messages; --list names all
    --object OBJECT    the object that was loaded: its lines for logs of kernels that name none
    --source FILE      the C file that it was made of: for such logs without the object, and for what loaders say of names
    --program NAME     which of its programs, where the log does not say`,
  options: {
    object: { type: "string" },
    source: { type: "string" },
    program: { type: "string" },
    list: { type: "boolean" },
  },
  run: async (names, { values, work }) => {
    if (values["list"] === true) {
      print(familyList());
      return 0;
    }
    const [name, ...others] = names;
    if (name === undefined) throw new BadUse("No log given; - reads what is piped.");
    if (others.length > 0) throw new BadUse("One log at a time.");
    const format = formatOf(values);
    if (name !== "-" && !existsSync(resolve(name))) return page(name);
    const { object, program } = values;
    const source = typeof values["source"] === "string" ? await sourceAt(resolve(values["source"])) : undefined;
    const placesOf = typeof object === "string" ? await placesIn(resolve(object), program) : () => undefined;
    const path = name === "-" ? undefined : resolve(name);
    const read = await explainLog(path, placesOf, work.signal, source);
    const answer = source === undefined ? read : placeAnswers(read, await placesInSource(source.file));
    if (format === "json") print(`${JSON.stringify({ format: 1, path: name, ...answer }, null, 2)}\n`);
    else tell(answer);
    const { programs, answers } = answer;
    return answers.length > 0 || programs.some(({ verdict }) => verdict === "refused") ? 1 : 0;
  },
};

function page(name: string): number {
  const known = familyPage(name);
  if (known !== undefined) {
    print(known);
    return 0;
  }
  if (rules.some(({ meta }) => meta.id === name))
    throw new BadUse(`"${name}" is a rule; hookpoint check --explain ${name} says what it finds.`);
  const meant = nearest(
    name,
    families.map(({ id }) => id),
  );
  throw new BadUse(
    `There is no file and no family of messages "${name}".${meant === undefined ? "" : ` Did you mean ${meant}?`}`,
  );
}

async function sourceAt(file: string): Promise<SourceText> {
  if (!existsSync(file)) throw new ToolProblem(`${file} cannot be read: there is no such file.`);
  return { file, text: await readFile(file, "utf8") };
}

async function placesIn(path: string, chosen: unknown): Promise<PlacesOf> {
  const open = await openOnDisk(path);
  const names = open.functions.filter(({ isProgram }) => isProgram).map((one) => one.name);
  if (typeof chosen === "string" && !names.includes(chosen))
    throw new BadUse(`The object has no program "${chosen}"; it has ${names.join(", ")}.`);
  return (program = typeof chosen === "string" ? chosen : names.length === 1 ? names[0] : undefined) => {
    if (program !== undefined) return instructionPlaces(open, program);
    complain("hookpoint: the log does not say which program it is of; name it with --program for the source lines.");
    return undefined;
  };
}

function tell({ programs, answers }: LoadAnswer): void {
  for (const program of programs) show(`${programText(program, short)}\n`);
  for (const answer of answers) show(`${answerText(answer, short)}\n`);
  if (programs.length === 0 && answers.length === 0)
    complain("hookpoint: this is no verifier's log, and no failure of a loader that is known here.");
}

function short(file: string): string {
  const near = relative(process.cwd(), file);
  return near.startsWith("..") || !file.startsWith("/") ? file : near;
}
