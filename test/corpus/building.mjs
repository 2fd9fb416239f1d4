// @ts-check
/** Builds real files with clang and loads their programs one by one, for the tools that judge findings and fixes by it. */

import { execFile } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
import { promisify } from "node:util";
import { findClang } from "../vscode/process.mjs";

const run = promisify(execFile);
const BUILD_TIMEOUT_MS = 60_000;
const LOAD_TIMEOUT_MS = 120_000;

/** Programs that keep the verifier busy for minutes: these are not for loading. */
export const HEAVY = /loop|pyperf|strobemeta|verif_scale|test_verif/;

/** @typedef {{ object: string, says: "" } | { object: undefined, says: string }} Built */
/** @typedef {Map<string, number>} Programs the error number of each program, 0 for what loads */

/**
 * @typedef {object} Builder
 * @property {string} folder where it works
 * @property {(path: string, text: string) => Promise<Built>} build a text as if it stood in that file
 * @property {(object: string) => Promise<Programs>} load
 * @property {() => void} dispose
 */

/** @param {{ loader: string, flags: readonly string[] }} options `loader` is test/kernel/load.c linked with some libbpf */
export function builder({ loader, flags }) {
  const folder = mkdtempSync(join(tmpdir(), "hookpoint-building-"));
  const clang = findClang() ?? "clang";
  const own = ["-g", "-O2", "-target", "bpf", "-mcpu=v3", "-w"];
  /** @type {Builder} */
  const made = {
    folder,
    build: async (path, text) => {
      const source = join(folder, basename(path));
      const object = `${source}.o`;
      const args = [...own, "-iquote", dirname(path), ...flags, "-I", dirname(path), "-c", source, "-o", object];
      await writeFile(source, text);
      try {
        await run(clang, args, { maxBuffer: 1 << 26, timeout: BUILD_TIMEOUT_MS });
        return { object, says: "" };
      } catch (/** @type {any} */ { stderr }) {
        return { object: undefined, says: /\berror: .*/.exec(stderr ?? "")?.[0] ?? "clang did not end" };
      }
    },
    load: async (object) => {
      const told = run(loader, ["-p", object], { maxBuffer: 1 << 28, timeout: LOAD_TIMEOUT_MS });
      const { stdout } = await told.catch((/** @type {any} */ { stdout = "" }) => ({ stdout }));
      const lines = String(stdout).split("\n").filter(Boolean);
      return new Map(
        lines.map((line) => {
          const [, name = "", error] = line.split("\t");
          return [name, Number(error)];
        }),
      );
    },
    dispose: () => rmSync(folder, { recursive: true, force: true }),
  };
  return made;
}
