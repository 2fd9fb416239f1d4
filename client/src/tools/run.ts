/** The only place that starts a process: arguments as an array, never a shell, with cancellation and bounded output. */

import { spawn } from "node:child_process";

export interface RunOptions {
  readonly cwd: string;
  /** Told of output as it comes. */
  readonly onOutput?: (text: string) => void;
  readonly signal?: AbortSignal;
}

export interface RunResult {
  /** The exit code; undefined when the process was ended by a signal or by us. */
  readonly code: number | undefined;
  readonly stdout: string;
  readonly stderr: string;
  readonly cancelled: boolean;
}

/** A program can print without end; what is over this is dropped and said so. */
const MAX_OUTPUT = 4 * 1024 * 1024;

/** Rejects only when the program cannot be started at all. */
export function run(program: string, args: readonly string[], options: RunOptions): Promise<RunResult> {
  return new Promise((resolve, reject) => {
    const { cwd, onOutput, signal } = options;
    const child = spawn(program, args, { cwd, shell: false, stdio: ["ignore", "pipe", "pipe"] });
    const collect = (stream: NodeJS.ReadableStream): (() => string) => {
      let text = "";
      stream.setEncoding("utf8");
      stream.on("data", (part: string) => {
        if (text.length >= MAX_OUTPUT) return;
        text += part;
        onOutput?.(text.length < MAX_OUTPUT ? part : `${part}\n(more output is not shown)\n`);
      });
      return () => text;
    };
    const stdout = collect(child.stdout);
    const stderr = collect(child.stderr);
    const cancel = (): void => void child.kill();
    if (signal?.aborted === true) cancel();
    signal?.addEventListener("abort", cancel, { once: true });
    child.on("error", reject);
    child.on("close", (code) => {
      signal?.removeEventListener("abort", cancel);
      resolve({ code: code ?? undefined, stdout: stdout(), stderr: stderr(), cancelled: signal?.aborted === true });
    });
  });
}
