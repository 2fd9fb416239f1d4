/** Command: runs a program of the open file once on a packet or a context, attached to nothing. */

import { writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import * as vscode from "vscode";
import { bytesOfHex, ranSentence, ranText } from "../../../server/src/toolchain/agent/ran-text.ts";
import { changeOf } from "../../../server/src/toolchain/agent/returned.ts";
import { type Ran, type RunWish, runProgram } from "../../../server/src/toolchain/agent/run-program.ts";
import { whyNotLoaded } from "../../../server/src/toolchain/agent/why-not-loaded.ts";
import { whyNotRun } from "../../../server/src/toolchain/agent/why-not-run.ts";
import { programsOnDisk } from "../../../server/src/toolchain/object.ts";
import { inTemporaryFolder } from "../../../server/src/toolchain/temporary.ts";
import { rootInEditor } from "../kernel/ask-root.ts";
import { verifyInEditor } from "../kernel/verify.ts";
import { agentSource } from "../loading/agent-place.ts";
import { chosenOrActive, objectOf } from "../object-file.ts";
import { withWork } from "../work.ts";
import type { Command } from "./command.ts";

export const runOnce: Command = {
  id: "hookpoint.runOnce",
  title: "Run Once…",
  needs: "node",
  offered: "bpf",
  run: async (context, { argument, session }) => {
    const file = await chosenOrActive(argument);
    if (file === undefined) return;
    const object = await withWork(`Building ${basename(file.fsPath)}`, file, (work) => objectOf(file, work));
    if (object === undefined) return;
    const program = await askProgram(object);
    const input = program === undefined ? undefined : await askInput(program);
    if (program === undefined || input === undefined) return;
    const ran = await withWork(`Running ${program}`, file, (work) =>
      inTemporaryFolder(async (folder) => {
        const data = input.bytes === undefined ? input.data : join(folder, "packet");
        if (input.bytes !== undefined && data !== undefined) await writeFile(data, input.bytes);
        const wish: RunWish = { program, data, context: input.context, repeat: 1 };
        return runProgram(object, wish, agentSource(context), rootInEditor(work.signal), work);
      }),
    );
    if (ran === undefined) return;
    if (ran.event === "ran") tell(ran);
    else
      vscode.window
        .showErrorMessage(`${whyNotLoaded(ran)}.`, ...(ran.event === "refused" ? [EXPLAIN] : []))
        .then((choice) => (choice === undefined ? undefined : verifyInEditor({ file }, context, session)));
  },
};

const EXPLAIN = "Explain";
const SHOW = "Show Bytes";

async function askProgram(object: string): Promise<string | undefined> {
  const programs = await programsOnDisk(object);
  const [first, ...others] = programs;
  if (first === undefined) {
    vscode.window.showErrorMessage(`There is no program in ${basename(object)}.`);
    return undefined;
  }
  if (others.length === 0) return first.name;
  const items = programs.map(({ name, section }) => ({ label: name, description: section }));
  return (await vscode.window.showQuickPick(items, { title: "Run Once (1/2): Which Program?" }))?.label;
}

interface Input {
  readonly bytes?: Uint8Array;
  readonly data: string | undefined;
  readonly context: string | undefined;
}

const NOTHING: Input = { data: undefined, context: undefined };

/** Undefined where the person has left. */
async function askInput(program: string): Promise<Input | undefined> {
  const items = [
    {
      label: "The usual input",
      detail: "A TCP packet of 64 bytes, or a context of zeros, as the program's type wants it.",
      ask: async () => NOTHING,
    },
    { label: "A packet in hex…", detail: "From its Ethernet header on.", ask: askHex },
    { label: "A packet in a file…", detail: "Its bytes, from the Ethernet header on.", ask: () => askFile("data") },
    { label: "A context in a file…", detail: "Its bytes, as the program sees them.", ask: () => askFile("context") },
  ];
  const chosen = await vscode.window.showQuickPick(items, { title: `Run Once (2/2): On What Is ${program} to Run?` });
  return chosen?.ask();
}

async function askHex(): Promise<Input | undefined> {
  const text = await vscode.window.showInputBox({
    title: "The Packet in Hex",
    placeHolder: "ff ff ff ff ff ff 02 00 00 00 00 01 08 00 …",
    ignoreFocusOut: true,
    validateInput: (value) => (bytesOfHex(value) === undefined ? "Write bytes of two hex digits each." : undefined),
  });
  const bytes = text === undefined ? undefined : bytesOfHex(text);
  return bytes && { ...NOTHING, bytes, data: "" };
}

async function askFile(what: "data" | "context"): Promise<Input | undefined> {
  const title = what === "data" ? "The Packet" : "The Context";
  const [file] = (await vscode.window.showOpenDialog({ title, openLabel: "Use" })) ?? [];
  return file && { ...NOTHING, [what]: file.fsPath };
}

function tell(ran: Ran): void {
  const why = whyNotRun(ran);
  if (why !== undefined) {
    vscode.window.showErrorMessage(`${why}.`);
    return;
  }
  const change = changeOf(ran);
  const message = `${ranSentence(ran)}${change === undefined ? "" : `; ${change}`}.`;
  vscode.window.showInformationMessage(message, SHOW).then(async (choice) => {
    if (choice === undefined) return;
    const document = await vscode.workspace.openTextDocument({ content: ranText(ran) });
    await vscode.window.showTextDocument(document, { preview: true });
  });
}
