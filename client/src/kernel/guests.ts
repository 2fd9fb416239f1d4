/** The editor's guests: kept warm while the window is open and somebody asks them now and then, ended with it. */

import * as vscode from "vscode";
import { type Guests, guests } from "../../../server/src/toolchain/guests/guests.ts";
import { agentFolder } from "../loading/agent-place.ts";

/** So soon they end by themselves when the editor was killed. */
const ORPHAN_SECONDS = 90;
const REMIND_MS = 30_000;
/** So soon when nobody asks for anything. */
const IDLE_MS = 600_000;

let own: Guests | undefined;
let lastAsked = 0;

export function guestsInEditor({ extensionUri, subscriptions }: vscode.ExtensionContext): Guests {
  lastAsked = Date.now();
  if (own !== undefined) return own;
  const started = guests({
    source: agentFolder({ extensionUri }),
    acceleration: vscode.workspace.getConfiguration("hookpoint").get("kernels.acceleration") === "off" ? "off" : "auto",
    idleSeconds: ORPHAN_SECONDS,
  });
  const remind = setInterval(() => {
    if (Date.now() - lastAsked < IDLE_MS) void started.keepAlive();
  }, REMIND_MS);
  subscriptions.push({
    dispose: () => {
      clearInterval(remind);
      started.endNow();
    },
  });
  own = started;
  return started;
}
