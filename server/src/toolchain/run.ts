/** The only place that starts a process: arguments as an array, never a shell, with cancellation and bounded output. */

import { type ChildProcess, spawn } from "node:child_process";
import { setMaxListeners } from "node:events";
import { closeSync, openSync } from "node:fs";
import { createInterface } from "node:readline";

export interface RunOptions {
  readonly cwd: string;
  /** Beside the environment that we have; undefined takes one away. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** Told of output as it comes. */
  readonly onOutput?: (text: string) => void;
  readonly signal?: AbortSignal | undefined;
  /** A tool that only says its version and does not do so in time is broken. */
  readonly timeoutMs?: number;
  /** Where the standard output goes instead: what is made may be larger than what we keep. */
  readonly stdoutFile?: string;
  /**
   * Written to its standard input, which then stays open until the program ends or shall end. What runs as another user or on
   * another machine cannot be sent a signal: it sees by this that nobody waits for it any more, even when we are no longer there.
   */
  readonly input?: Uint8Array;
  /** In our own session and not in a group of its own, so that it can ask the person at the terminal. */
  readonly inOurTerminal?: true;
}

export interface RunResult {
  /** The exit code; undefined when the process was ended by a signal or by us. */
  readonly code: number | undefined;
  readonly stdout: string;
  readonly stderr: string;
  readonly cancelled: boolean;
  readonly timedOut: boolean;
}

/** A program can print without end; what is over this is dropped and said so. */
const MAX_OUTPUT = 4 * 1024 * 1024;
/** What does not end when asked is ended. */
const PATIENCE_MS = 2000;

/** Rejects only when the program cannot be started at all. */
export function run(program: string, args: readonly string[], options: RunOptions): Promise<RunResult> {
  return new Promise((resolve, reject) => {
    const { cwd, env, onOutput, signal, timeoutMs, stdoutFile, input, inOurTerminal } = options;
    const ownGroup = process.platform !== "win32" && inOurTerminal !== true;
    const file = stdoutFile === undefined ? undefined : openSync(stdoutFile, "w");
    const child = spawn(program, args, {
      cwd,
      shell: false,
      stdio: [input === undefined ? "ignore" : "pipe", file ?? "pipe", "pipe"],
      env: { ...process.env, ...env },
      // A group of its own, so that what it starts ends with it.
      detached: ownGroup,
      windowsHide: true,
    });
    if (file !== undefined) closeSync(file);
    const stdout = collect(child.stdout, onOutput);
    const stderr = collect(child.stderr, onOutput);
    let timedOut = false;
    let last: NodeJS.Timeout | undefined;
    const stop = (): void => {
      child.stdin?.destroy();
      end(child, "SIGTERM", ownGroup);
      last ??= setTimeout(() => end(child, "SIGKILL", ownGroup), PATIENCE_MS);
    };
    const late =
      timeoutMs === undefined
        ? undefined
        : setTimeout(() => {
            timedOut = true;
            stop();
          }, timeoutMs);
    const forget = (): void => {
      clearTimeout(late);
      clearTimeout(last);
      signal?.removeEventListener("abort", stop);
    };
    // It may end without having read it all.
    child.stdin?.on("error", () => undefined);
    if (input !== undefined) child.stdin?.write(input);
    // Node warns of more than ten, and a look at all tools starts more at once.
    if (signal !== undefined) setMaxListeners(0, signal);
    signal?.addEventListener("abort", stop, { once: true });
    child.on("spawn", () => {
      if (signal?.aborted === true) stop();
    });
    child.on("error", (error) => {
      forget();
      reject(error);
    });
    child.on("close", (code) => {
      forget();
      const cancelled = signal?.aborted === true;
      resolve({ code: code ?? undefined, stdout: stdout(), stderr: stderr(), cancelled, timedOut });
    });
  });
}

function collect(stream: NodeJS.ReadableStream | null, onOutput: RunOptions["onOutput"]): () => string {
  let text = "";
  stream?.setEncoding("utf8");
  stream?.on("data", (part: string) => {
    if (text.length >= MAX_OUTPUT) return;
    text += part;
    onOutput?.(text.length < MAX_OUTPUT ? part : `${part}\n(more output is not shown)\n`);
  });
  return () => text;
}

/** A program that works until nobody wants it any more. */
export interface LongRun {
  /** One line for its standard input. */
  send(line: string): void;
  /** Its standard input's end tells it to end; what does not heed that is ended. */
  end(): Promise<LongRunEnd>;
  /** Rejects when the program cannot be started at all. */
  readonly ended: Promise<LongRunEnd>;
}

export interface LongRunEnd {
  readonly code: number | undefined;
  readonly stderr: string;
}

/**
 * Starts what talks in lines. Should we be killed, its standard input ends all the same.
 * @param patienceMs how long it may take to end by itself
 */
export function runLong(
  program: string,
  args: readonly string[],
  {
    cwd,
    onLine,
    patienceMs,
  }: { readonly cwd: string; readonly onLine: (line: string) => void; readonly patienceMs: number },
): LongRun {
  const ownGroup = process.platform !== "win32";
  const child = spawn(program, args, { cwd, shell: false, stdio: "pipe", detached: ownGroup, windowsHide: true });
  const stderr = collect(child.stderr, undefined);
  createInterface({ input: child.stdout, crlfDelay: Number.POSITIVE_INFINITY }).on("line", onLine);
  child.stdin.on("error", () => undefined);
  const ended = new Promise<LongRunEnd>((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (code) => resolve({ code: code ?? undefined, stderr: stderr() }));
  });
  return {
    send: (line) => void child.stdin.write(`${line}\n`),
    end: async () => {
      child.stdin.end();
      const timers = [
        setTimeout(() => end(child, "SIGTERM", ownGroup), patienceMs),
        setTimeout(() => end(child, "SIGKILL", ownGroup), patienceMs + PATIENCE_MS),
      ];
      try {
        return await ended;
      } finally {
        timers.forEach(clearTimeout);
      }
    },
    ended,
  };
}

function end(child: ChildProcess, how: NodeJS.Signals, ownGroup: boolean): void {
  const { pid } = child;
  if (pid === undefined) return;
  try {
    if (ownGroup) process.kill(-pid, how);
    else child.kill(how);
  } catch {
    // It has ended by itself in the meantime, or is another user's, and then it watches its input.
  }
}
