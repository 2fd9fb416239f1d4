/** Many files on all cores: threads that take the next file when they are done with one. */

import { availableParallelism } from "node:os";
import { isMainThread, parentPort, Worker, workerData } from "node:worker_threads";
import { type CheckOptions, checkFile } from "./check-file.ts";
import type { FileReport } from "./report/report.ts";
import { loadTools, type Tools } from "./source.ts";

/** A thread costs what some dozens of files do: it reads the knowledge base and warms up for itself. */
const FILES_PER_THREAD = 150;

/** Reports come in the order of the files, however they are done. */
export async function checkAll(
  files: readonly string[],
  options: CheckOptions,
  tools: Tools,
  onReport: (report: FileReport) => void,
  jobs = Math.min(availableParallelism(), Math.ceil(files.length / FILES_PER_THREAD)),
): Promise<void> {
  const inOrder = ordered(onReport);
  if (jobs <= 1) {
    for (const [i, file] of files.entries()) inOrder(i, await checkFile(file, tools, options));
    return;
  }
  let next = 0;
  const take = (): number => next++;
  await Promise.all(Array.from({ length: jobs }, () => runThread(files, options, take, inOrder)));
}

function ordered(onReport: (report: FileReport) => void): (i: number, report: FileReport) => void {
  const waiting = new Map<number, FileReport>();
  let next = 0;
  return (i, report) => {
    waiting.set(i, report);
    for (let ready = waiting.get(next); ready !== undefined; ready = waiting.get(next)) {
      waiting.delete(next++);
      onReport(ready);
    }
  };
}

function runThread(
  files: readonly string[],
  options: CheckOptions,
  take: () => number,
  done: (i: number, report: FileReport) => void,
): Promise<void> {
  return new Promise((resolve, reject) => {
    const worker = new Worker(__filename, { workerData: { hookpointCheck: options } });
    let at = -1;
    const feed = (): void => {
      at = take();
      worker.postMessage(files[at] ?? null);
    };
    worker.on("message", (report: FileReport | "ready") => {
      if (report !== "ready") done(at, report);
      feed();
    });
    worker.on("error", reject);
    worker.on("exit", () => resolve());
  });
}

/** Whether this is one of the threads; then it works until there is nothing left. */
export function isThread(): boolean {
  return !isMainThread && (workerData as { hookpointCheck?: CheckOptions } | null)?.hookpointCheck !== undefined;
}

export async function workAsThread(): Promise<void> {
  const { hookpointCheck: options } = workerData as { readonly hookpointCheck: CheckOptions };
  const tools = await loadTools();
  parentPort?.on("message", async (file: string | null) => {
    if (file === null) parentPort?.close();
    else parentPort?.postMessage(await checkFile(file, tools, options));
  });
  parentPort?.postMessage("ready");
}
