/** The first answer comes from a bundle of its own: what is sent with the first request, or before it, must not notice. */

import { spawn } from "node:child_process";
import { join } from "node:path";
import { expect, test } from "vitest";
import { StreamMessageReader } from "vscode-languageserver/node";
import { dist } from "../support/paths.ts";

interface Answer {
  readonly id: number;
  readonly result?: unknown;
  readonly error?: { readonly code: number; readonly message: string };
}

/** Writes all messages at once; gives the answers to those that have an id, in the order in which they came. */
function answersTo(...messages: readonly object[]): Promise<readonly Answer[]> {
  const child = spawn(process.execPath, [join(dist, "server", "node.js"), "--stdio"], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  const wanted = messages.filter((message) => "id" in message).length;
  return new Promise((resolve, reject) => {
    const answers: Answer[] = [];
    child.on("error", reject);
    new StreamMessageReader(child.stdout).listen((message) => {
      if (!("id" in message) || "method" in message) return;
      answers.push(message as unknown as Answer);
      if (answers.length < wanted) return;
      child.kill();
      resolve(answers);
    });
    const framed = messages.map((message) => {
      const body = JSON.stringify({ jsonrpc: "2.0", ...message });
      return `Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`;
    });
    child.stdin.write(framed.join(""));
  });
}

const textDocument = { uri: "file:///nowhere/a.bpf.c" };
const program = (name: string): string => `SEC("xdp") int ${name}(struct xdp_md *ctx) { return XDP_PASS; }\n`;
const INITIALIZE = { id: 1, method: "initialize", params: { processId: null, rootUri: null, capabilities: {} } };
const OPEN = {
  method: "textDocument/didOpen",
  params: { textDocument: { ...textDocument, languageId: "c", version: 1, text: program("first") } },
};
const CHANGE = {
  method: "textDocument/didChange",
  params: { textDocument: { ...textDocument, version: 2 }, contentChanges: [{ text: program("second") }] },
};
const symbols = (id: number) => ({ id, method: "textDocument/documentSymbol", params: { textDocument } });
const namesIn = (answers: readonly Answer[], id: number): unknown =>
  (answers.find((answer) => answer.id === id)?.result as readonly { name: string }[] | undefined)?.map(
    ({ name }) => name,
  );

test("what comes in one piece with the first request is answered in its order", async () => {
  const newName = "no name";
  const position = { line: 0, character: program("").indexOf("(struct") };
  const answers = await answersTo(
    INITIALIZE,
    { method: "initialized", params: {} },
    OPEN,
    symbols(2),
    CHANGE,
    { id: 3, method: "textDocument/rename", params: { textDocument, position, newName } },
    symbols(4),
  );
  expect(answers[0]).toMatchObject({ id: 1, result: { serverInfo: { name: "hookpoint" } } });
  expect(namesIn(answers, 4)).toEqual(["second"]);
  // Refused in words, which it is only while both bundles know the same class of error.
  expect(answers.find(({ id }) => id === 3)).toMatchObject({ error: { code: -32803 } });
});

test("what comes before the first request is answered as well", async () => {
  const answers = await answersTo(OPEN, symbols(2), INITIALIZE);
  expect(answers.map(({ id }) => id).sort()).toEqual([1, 2]);
  expect(namesIn(answers, 2)).toEqual(["first"]);
});
