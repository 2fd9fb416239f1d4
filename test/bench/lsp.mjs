// @ts-check
/** A small LSP client over stdio: enough of one to time a language server from the outside. */

import { spawn } from "node:child_process";

/** A server that says nothing for so long has lost the message. */
const TIMEOUT_MS = 60_000;

/**
 * @typedef {ReturnType<typeof startServer>} Server
 * @typedef {(params: any) => void} Listener
 */

/** Starts a language server that speaks on stdio. @param {string} command @param {readonly string[]} args */
export function startServer(command, args) {
  const startedAt = performance.now();
  const child = spawn(command, args, { stdio: ["pipe", "pipe", "pipe"] });
  /** @type {Map<number, (answer: any) => void>} */
  const answers = new Map();
  /** @type {Map<string, Set<Listener>>} */
  const listeners = new Map();
  /** @type {Set<(why: string) => void>} */
  const waiting = new Set();
  let errors = "";
  let lastId = 0;
  /** @type {Promise<void>} */
  const ended = new Promise((resolve) => child.on("close", () => resolve()));
  child.on("close", (code) => {
    for (const giveUp of waiting) giveUp(`it ended with code ${code}`);
  });
  child.stderr.on("data", (chunk) => {
    errors = `${errors}${chunk}`.slice(-4000);
  });
  child.on("error", (error) => {
    errors += String(error);
  });
  // A server that dies is told where something waits for it.
  child.stdin.on("error", () => {});
  child.stdout.on("data", messageReader(receive));

  /** @param {any} message */
  function receive(message) {
    const { id, method, params, result, error } = message;
    if (method === undefined) {
      answers.get(id)?.(error === undefined ? result : Promise.reject(new Error(error.message)));
    } else if (id !== undefined) {
      send({ id, result: method === "workspace/configuration" ? params.items.map(() => null) : null });
    } else {
      for (const listener of listeners.get(method) ?? []) listener(params);
    }
  }

  /** @param {object} message */
  function send(message) {
    const body = JSON.stringify({ jsonrpc: "2.0", ...message });
    child.stdin.write(`Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`);
  }

  /** @param {string} method @param {Listener} listener @returns {() => void} how to stop listening */
  function listen(method, listener) {
    const all = listeners.get(method) ?? new Set();
    listeners.set(method, all.add(listener));
    return () => void all.delete(listener);
  }

  /** @param {string} what @param {(resolve: (value: any) => void) => () => void} begin answers how to stop waiting */
  function within(what, begin) {
    return new Promise((resolve, reject) => {
      const settle = () => {
        clearTimeout(timer);
        waiting.delete(giveUp);
        end();
      };
      const giveUp = (/** @type {string} */ why) => {
        settle();
        reject(new Error(`${command}: no ${what}, ${why}\n${errors}`));
      };
      const timer = setTimeout(() => giveUp(`waited ${TIMEOUT_MS / 1000} s`), TIMEOUT_MS);
      waiting.add(giveUp);
      const end = begin((value) => {
        settle();
        resolve(value);
      });
    });
  }

  return {
    pid: child.pid ?? 0,
    startedAt,

    /** @param {string} method @param {unknown} params @returns {Promise<any>} */
    request(method, params) {
      const id = ++lastId;
      const answer = within(`answer to ${method}`, (resolve) => {
        answers.set(id, resolve);
        return () => void answers.delete(id);
      });
      send({ id, method, params });
      return answer;
    },

    /** @param {string} method @param {unknown} params */
    notify(method, params) {
      send({ method, params });
    },

    listen,

    /** The next notification of this kind that is accepted. @param {string} method @param {(params: any) => boolean} accept */
    next(method, accept) {
      return within(method, (resolve) => listen(method, (params) => accept(params) && resolve(params)));
    },

    /** Ends the server as the protocol says, or by force when it does not listen. */
    async stop() {
      const force = setTimeout(() => child.kill("SIGKILL"), 3000);
      send({ id: ++lastId, method: "shutdown" });
      send({ method: "exit" });
      await ended;
      clearTimeout(force);
    },
  };
}

/** Cuts a stream of bytes into messages. @param {(message: any) => void} receive */
function messageReader(receive) {
  /** @type {Buffer} */
  let pending = Buffer.alloc(0);
  return (/** @type {Buffer} */ chunk) => {
    pending = pending.length === 0 ? chunk : Buffer.concat([pending, chunk]);
    for (;;) {
      const headerEnd = pending.indexOf("\r\n\r\n");
      if (headerEnd === -1) return;
      const length = Number(/Content-Length: (\d+)/i.exec(pending.toString("latin1", 0, headerEnd))?.[1]);
      const bodyEnd = headerEnd + 4 + length;
      if (pending.length < bodyEnd) return;
      const body = pending.toString("utf8", headerEnd + 4, bodyEnd);
      pending = pending.subarray(bodyEnd);
      receive(JSON.parse(body));
    }
  };
}
