/** Every template that we offer, from the text to the running loader: built, skeleton made, loader written, run, ended. */

import { execFile } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, describe, expect, test } from "vitest";
import { loaderFile, writeLoaderFile } from "../../server/src/toolchain/loader/loader-file.ts";
import { makeSkeleton } from "../../server/src/toolchain/skeleton/skeleton.ts";
import { describedFile } from "../support/described.ts";
import { templates } from "../support/snippets.ts";
import { needTool, workIn } from "../support/tools.ts";
import { runLoader, withCgroup } from "./run-loader.ts";
import { whyNotHere } from "./toolbox.mjs";

const run = promisify(execFile);
const folder = mkdtempSync(join(tmpdir(), "hookpoint loaders-"));
/** What this kernel has refused, and why: counted apart from what ran. */
const refused: string[] = [];
afterAll(() => {
  rmSync(folder, { recursive: true });
  if (refused.length > 0) console.log(`${refused.length} refused by this kernel:\n  ${refused.join("\n  ")}`);
});

/** What kernels may refuse although nothing is wrong, and the words that the loader must have for it. */
const REFUSALS: readonly { readonly of: RegExp; readonly says: RegExp; readonly reason: string }[] = [
  {
    of: /^bpf-(?:fentry|fexit|lsm)$/,
    says: /the kernel does not take the programs: Operation not permitted\. This kernel refuses fentry, fexit, LSM and freplace programs even to root/,
    reason: "EPERM: kernels without function tracing take no trampolines",
  },
  {
    of: /^bpf-(?:kprobe|kretprobe|ksyscall)$/,
    says: /the programs cannot be attached: No such file or directory\. The kernel has no such function, or it was built without kprobes/,
    reason: "ENOENT: a kernel without kprobes",
  },
  {
    of: /^bpf-usdt$/,
    says: /the programs cannot be attached: No such file or directory\. There is no such file, or no such function or probe in it/,
    reason: "ENOENT: Debian's C library has no USDT probes; test/kernel/loader-parts.test.ts has one of its own",
  },
];

/** What must have been printed when something was provoked. */
const PRINTS: Readonly<Record<string, RegExp>> = {
  "bpf-ringbuf": /^events pid=\d+ comm=\S+$/m,
  "bpf-perfbuf": /^events pid=\d+ comm=\S+$/m,
  "bpf-iter": /^\d+ loader$/m,
};

describe.each(["clang-19", "clang-14"])("%s", (clang) => {
  test.concurrent.for(templates())("$prefix", async ({ prefix, source }, ctx) => {
    const why = whyNotHere();
    if (why !== undefined) return ctx.skip(why);
    needTool(clang, ctx);
    const own = join(folder, `${clang} ${prefix}`);
    mkdirSync(own);
    const path = join(own, `${prefix}.bpf.c`);
    writeFileSync(path, source);
    const made = await makeSkeleton([path], workIn(own, { clang }), { kind: "c", name: "", force: false });
    expect([made.output, made.ok]).toEqual(["", true]);

    const model = await describedFile(path);
    await writeLoaderFile([model], { source: path, path: loaderFile(path), ...made, force: false });
    const program = join(own, "loader");
    const { stderr: warnings } = await run("gcc", [
      "-Wall",
      "-Wextra",
      "-Werror",
      loaderFile(path),
      "-o",
      program,
      "-lbpf",
    ]);
    expect(warnings).toBe("");

    const text = readFileSync(loaderFile(path), "utf8");
    const wanted = PRINTS[prefix];
    const result = await withCgroup(`hookpoint-${process.pid}-${clang}-${prefix}`, (group) => {
      const place = text.includes("--interface NAME") ? ["-i", "lo"] : [];
      const args = [...place, ...(text.includes("--cgroup FOLDER") ? ["-c", group] : [])];
      return runLoader(program, args, group, (stdout) => wanted === undefined || wanted.test(stdout));
    });
    expect(result.left).toEqual([]);
    const refusal = REFUSALS.find(({ of }) => of.test(prefix));
    if (result.code !== 0 && refusal !== undefined) {
      expect(result.stderr).toMatch(refusal.says);
      refused.push(`${prefix} (${clang}): ${refusal.reason}`);
      return;
    }
    expect([result.code, result.stderr.replace(/^\S+ runs, and Ctrl-C ends it\..*\n/, "")]).toEqual([0, ""]);
    // One that has printed what it should has run, and may have ended before anybody could look.
    if (wanted !== undefined) expect(result.stdout).toMatch(wanted);
    else if (model.programs.length > 0) expect(result.loaded).not.toEqual([]);
  });
});
