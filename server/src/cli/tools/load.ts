/** `hookpoint load FILE`: loads an object to stay, pins and attaches it, and holds it until Ctrl-C gives everything back. */

import { join, resolve } from "node:path";
import { programText } from "../../analysis/verifier/answer-text.ts";
import type { Attached, HeldProgram, InTheWay, NotAttached, NotLoaded } from "../../toolchain/agent/held.ts";
import { thisMachine } from "../../toolchain/agent/here.ts";
import { type Holding, holdName, holdObject } from "../../toolchain/agent/hold.ts";
import { inTheWayText } from "../../toolchain/agent/in-the-way.ts";
import { listLoaded } from "../../toolchain/agent/loaded.ts";
import { loadedText } from "../../toolchain/agent/loaded-text.ts";
import type { RootWish } from "../../toolchain/agent/root.ts";
import { isStructOps, placeText, waysOf, wordOf } from "../../toolchain/agent/ways.ts";
import { whyNotAttached } from "../../toolchain/agent/why-not-attached.ts";
import { whyNotLoaded } from "../../toolchain/agent/why-not-loaded.ts";
import type { Work } from "../../toolchain/choices.ts";
import { ToolProblem } from "../../toolchain/problem.ts";
import { verifyObject } from "../../toolchain/verify.ts";
import { BadUse, complain, print } from "../source.ts";
import { objectOf } from "./object-of.ts";
import { formatOf } from "./objects.ts";
import { rootByOption } from "./root-option.ts";
import type { ToolCommand, Values } from "./tool-command.ts";
import { short } from "./verify.ts";

export const load: ToolCommand = {
  name: "load",
  usage: `  hookpoint load [OPTION]… FILE                     load an object, pin it and hold it until Ctrl-C gives all back; FILE is a
                                                   BPF C file or an object
    --attach [NAME=]WHERE  also attach a program; may be repeated. WHERE is auto (as its section says), xdp:IFACE[:generic|native],
                       tc:IFACE:ingress|egress, tcx:IFACE:ingress|egress, cgroup:FOLDER, netns, tracepoint:GROUP:NAME,
                       raw_tracepoint:NAME, kprobe:FUNCTION, uprobe:FILE:FUNCTION, perf_event[:HZ], socket:IFACE, sockmap:MAP,
                       or iter, which is read once; without NAME it is what fits, and with auto all that do
    --program NAME     load only this one; may be repeated
    --name NAME        what it is to be called, instead of the object's name
    --stay             do not hold it: it stays until hookpoint unload
    --list             show what is loaded, and load nothing
    --sudo             use sudo where root is needed; it asks for the password itself`,
  options: {
    attach: { type: "string", multiple: true },
    program: { type: "string", multiple: true },
    name: { type: "string" },
    stay: { type: "boolean" },
    list: { type: "boolean" },
    sudo: { type: "boolean" },
  },
  run: async (names, { values, work }) => {
    const format = formatOf(values);
    const root = rootByOption(values, work);
    if (values["list"] === true) {
      if (names.length > 0) throw new BadUse("--list takes no file.");
      return list(root, format, work);
    }
    const [file, ...more] = names;
    if (file === undefined || more.length > 0) throw new BadUse("Give one file.");
    const object = await objectOf(resolve(file), work);
    if (object === undefined) return 1;
    const name = typeof values["name"] === "string" ? values["name"] : holdName(object);
    if (holdName(name) !== name) throw new BadUse(`"${name}" cannot be a name there. Use letters, digits, _ and -.`);
    const result = await holdObject(object, { name, programs: texts(values["program"]) }, agentSource(), root, work);
    if ("event" in result) return notHeld(result, object, root, work);
    return hold(result, values, format, work);
  },
};

export const agentSource = (): string => join(__dirname, "../agent");

async function list(root: RootWish, format: "json" | "text", work: Work): Promise<number> {
  const loaded = await listLoaded(agentSource(), root, work);
  if (format === "json") print(`${JSON.stringify({ format: 1, loaded }, null, 2)}\n`);
  else print(loaded.length === 0 ? "Nothing of Hookpoint's is loaded.\n" : loaded.map(loadedText).join(""));
  return 0;
}

async function notHeld(said: NotLoaded | InTheWay, object: string, root: RootWish, work: Work): Promise<number> {
  if (said.event === "inTheWay")
    throw new ToolProblem(
      `${inTheWayText(said)}. Remove it first with hookpoint unload ${said.name}, or give this another --name.`,
    );
  if (said.event === "problem") throw new ToolProblem(`${whyNotLoaded(said)}.`);
  complain(`hookpoint: ${whyNotLoaded(said)}.`);
  // Which program, and where in it, is a question to each of them alone.
  const wish = { programs: [], visits: false };
  const { programs } = await verifyObject(object, thisMachine(agentSource(), root), wish, work);
  for (const one of programs) if (one.verdict === "refused") print(`${programText(one, short)}\n`);
  return 1;
}

async function hold(holding: Holding, values: Values, format: "json" | "text", work: Work): Promise<number> {
  const failed = await attachAll(holding, texts(values["attach"]));
  if (failed.length > 0) {
    for (const one of failed) complain(`hookpoint: ${await whyNotAttached(one)}.`);
    await holding.end();
    complain("Nothing was left loaded.");
    return 1;
  }
  const stays = values["stay"] === true;
  if (stays) {
    const said = await holding.stay();
    if (said.event === "failed") {
      await holding.end();
      throw new ToolProblem(`${await whyNotAttached(said)}. Nothing was left loaded.`);
    }
  }
  print(format === "json" ? asJson(holding, stays) : asText(holding));
  if (stays) {
    complain(`It stays. Remove it with: hookpoint unload ${holding.name}`);
    return 0;
  }
  complain("Ctrl-C gives everything back.");
  await untilEnd(holding, work);
  await holding.end();
  const left = await holding.ended;
  if (left === 0) return 0;
  complain(
    left === undefined
      ? `hookpoint: What held it was killed. hookpoint unload ${holding.name} takes back what was left.`
      : `hookpoint: ${left} of what was made could not be taken back. hookpoint load --list shows it.`,
  );
  return 1;
}

function untilEnd({ ended }: Holding, { signal }: Work): Promise<unknown> {
  const aborted = new Promise<void>((resolve) => {
    if (signal.aborted) resolve();
    signal.addEventListener("abort", () => resolve(), { once: true });
  });
  return Promise.race([ended, aborted]);
}

async function attachAll(holding: Holding, wishes: readonly string[]): Promise<readonly NotAttached[]> {
  const failed: NotAttached[] = [];
  for (const wish of wishes)
    for (const [name, to] of placesOf(holding, wish)) {
      const said: Attached | NotAttached = await holding.attach(name, to);
      if (said.event === "failed") failed.push(said);
    }
  return failed;
}

/** A wish without a program is for the one that fits. */
function placesOf({ name, programs, maps }: Holding, wish: string): readonly (readonly [string, string])[] {
  const named = /^(\w+)=(.*)$/s.exec(wish);
  if (named !== null) return [[named[1] ?? "", named[2] ?? ""]];
  const word = wordOf(wish);
  const automatic = (program: HeldProgram): boolean => /^(?:auto|iter)$/.test(waysOf(program)[0]?.word ?? "");
  if (word === "auto") {
    const all = [...programs.filter(automatic), ...maps.filter(isStructOps)];
    if (all.length === 0) throw new BadUse(`No program of ${name} has a section that says where it is to be attached.`);
    return all.map((one) => [one.name, "auto"]);
  }
  const fits = programs.filter((program) => waysOf(program).some((way) => way.word === word));
  const [first, ...others] = fits.length === 0 && programs.length === 1 ? programs : fits;
  if (first !== undefined && others.length === 0) return [[first.name, wish]];
  const which = first === undefined ? "None of" : "More than one of";
  throw new BadUse(
    `${which} the programs can be meant by --attach ${wish}. Say which: --attach NAME=${wish}; there are ${programs.map((one) => one.name).join(", ")}.`,
  );
}

function asJson({ name, programs, maps, attached }: Holding, stays: boolean): string {
  return `${JSON.stringify({ format: 1, name, stays, programs, maps, attached })}\n`;
}

function asText({ name, programs, maps, attached }: Holding): string {
  const lines = [
    `${name} is loaded`,
    ...programs.map(({ name: program, id, pinned }) => `  program ${program} (id ${id})${at(pinned)}`),
    ...maps.map(({ name: map, id, pinned }) => `  map ${map} (id ${id})${at(pinned)}`),
    ...attached.flatMap(({ name: program, to, output }) => [
      `  ${program} is attached ${placeText("to", to)}`,
      ...(output === undefined
        ? []
        : output
            .trimEnd()
            .split("\n")
            .map((line) => `    ${line}`)),
    ]),
  ];
  return `${lines.join("\n")}\n`;
}

function at(pinned: string): string {
  return pinned === "" ? "" : ` ${pinned}`;
}

export function texts(value: Values[string]): readonly string[] {
  return Array.isArray(value) ? value.map(String) : [];
}
