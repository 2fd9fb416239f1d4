/** Command: shows the lowest kernel that the open file's programs need, and why. */

import * as vscode from "vscode";
import { MINIMUM_REQUEST, type MinimumAnswer, type MinimumParams } from "../../../server/src/protocol.ts";
import { showPage } from "../report-page.ts";
import type { Command } from "./command.ts";

export const showMinimumKernel: Command = {
  id: "hookpoint.showMinimumKernel",
  title: "Show Minimum Kernel",
  needs: "nothing",
  offered: "bpf",
  run: async (context, { session, argument }) => {
    // A lens names its file.
    const uri =
      typeof argument === "string" ? vscode.Uri.parse(argument) : vscode.window.activeTextEditor?.document.uri;
    if (uri === undefined) return void vscode.window.showErrorMessage("Open the BPF C file first.");
    const { client } = await session();
    const params: MinimumParams = { textDocument: { uri: client.code2ProtocolConverter.asUri(uri) } };
    const answer = await client.sendRequest<MinimumAnswer | null>(MINIMUM_REQUEST, params);
    const name = uri.path.slice(uri.path.lastIndexOf("/") + 1);
    if (answer === null) vscode.window.showErrorMessage(`${name} is no BPF C file that Hookpoint can read.`);
    else await showPage(`Minimum Kernel of ${name}`, answer.page, context, "beside");
  },
};
