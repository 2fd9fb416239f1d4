// @ts-check
/** What processes cost: wall time, CPU time and memory. CPU and memory are known on Linux only. */

import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";

/** The kernel counts CPU time in `/proc` in ticks of 10 ms wherever Node runs. */
const TICK_MS = 10;

/**
 * @typedef {object} Cost
 * @property {number} wall milliseconds
 * @property {number | undefined} cpu milliseconds, in steps of 10: take the mean of several
 */

/**
 * Runs a program to its end and says what that took.
 * @param {string} command
 * @param {readonly string[]} args
 * @param {readonly number[]} [expected] exit codes that are no failure
 * @returns {Promise<Cost>}
 */
export function timeProcess(command, args, expected = [0]) {
  return new Promise((resolve, reject) => {
    const before = cpuOfEndedChildren();
    const start = performance.now();
    const child = spawn(command, args, { stdio: ["ignore", "ignore", "pipe"] });
    let wall = 0;
    let errors = "";
    child.stderr.on("data", (chunk) => {
      errors += chunk;
    });
    child.on("error", reject);
    child.on("exit", () => {
      wall = performance.now() - start;
    });
    child.on("close", (code) => {
      if (!expected.includes(code ?? -1)) return reject(new Error(`${command} ${args.join(" ")}: ${code}\n${errors}`));
      const after = cpuOfEndedChildren();
      resolve({ wall, cpu: before === undefined || after === undefined ? undefined : after - before });
    });
  });
}

/** CPU time of a running process so far, all threads, in milliseconds. @param {number} pid */
export function cpuOf(pid) {
  const fields = statOf(pid);
  return fields && (Number(fields[11]) + Number(fields[12])) * TICK_MS;
}

/** Resident memory of a running process in MB (10^6 bytes). @param {number} pid */
export function residentMemoryOf(pid) {
  const kilobytes = /^VmRSS:\s+(\d+) kB$/m.exec(read(`/proc/${pid}/status`) ?? "")?.[1];
  return kilobytes === undefined ? undefined : (Number(kilobytes) * 1024) / 1e6;
}

function cpuOfEndedChildren() {
  const fields = statOf("self");
  return fields && (Number(fields[13]) + Number(fields[14])) * TICK_MS;
}

/** The fields of `stat` after the program's name, which may hold blanks. @param {number | "self"} pid */
function statOf(pid) {
  const text = read(`/proc/${pid}/stat`);
  return text?.slice(text.lastIndexOf(")") + 2).split(" ");
}

/** @param {string} path */
function read(path) {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return undefined;
  }
}
