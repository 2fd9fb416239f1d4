/** The minimum kernel held against kernels: from there on programs load, below it they are refused for the reason given. */

import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { compareReleases, parseRelease } from "../../server/src/analysis/knowledge/target.ts";
import type { Reason } from "../../server/src/analysis/minimum/reasons.ts";
import { buildObject } from "../../server/src/toolchain/build.ts";
import { type Verified, verifyObject } from "../../server/src/toolchain/verify.ts";
import { minimumIn } from "../support/check.ts";
import { run } from "../support/objects.ts";
import { root } from "../support/paths.ts";
import { workIn } from "../support/tools.ts";
import { kernels, whyNot } from "./refusals-kernels.ts";

const FOLDER = join(root, "test/kernel/minimums");
const sources = readdirSync(FOLDER).sort();
const textOf = (source: string): string => readFileSync(join(FOLDER, source), "utf8");

const folder = mkdtempSync(join(tmpdir(), "hookpoint minimums "));
beforeAll(() => {
  const btf = "/sys/kernel/btf/vmlinux";
  if (whyNot() === undefined)
    writeFileSync(join(folder, "vmlinux.h"), run("bpftool", "btf", "dump", "file", btf, "format", "c"));
});
afterAll(async () => {
  await Promise.all(kernels.map(({ stop }) => stop?.()));
  rmSync(folder, { recursive: true, force: true });
});

test.each(sources)("%s needs what it says", (source) => {
  expect(minimumIn(textOf(source)).release).toBe(said(source, "minimum"));
});

describe.each(kernels)("$name", ({ name, start, skip }) => {
  // A machine may be built without what its release has.
  const asked = sources.filter((source) => said(source, "on")?.split(", ").includes(name) ?? true);
  for (const source of asked) {
    test.concurrent(source, async (ctx) => {
      const reason = whyNot() ?? skip?.();
      if (reason !== undefined) {
        if (process.env["CI"]) throw new Error(reason);
        return ctx.skip(reason);
      }
      const verified = await verifyObject(
        await built(source),
        await start(),
        { programs: [], visits: false },
        workIn(folder),
      );
      const { release = "", reasons } = minimumIn(textOf(source));
      const log = verified.tried.map(({ words, log: own }) => `${words}\n${own}`).join("\n");
      const refused = verified.programs.filter(({ verdict }) => verdict !== "accepted");
      if (isBelow(verified, release)) {
        expect(refused, `${source} loads on ${verified.release}, below ${release}`).not.toEqual([]);
        expect(log, `lacks ${lacked(reasons, verified)}`).toMatch(wordsFor(source));
      } else {
        expect(
          refused.map(({ name }) => name),
          `${verified.release}: ${log}`,
        ).toEqual([]);
      }
    });
  }
});

function said(source: string, what: "minimum" | "lacks" | "on"): string | undefined {
  return new RegExp(`^ \\* ${what}: (.+)$`, "m").exec(textOf(source))?.[1];
}

const building = new Map<string, Promise<string>>();

function built(source: string): Promise<string> {
  const path = join(folder, source);
  writeFileSync(path, textOf(source));
  const object =
    building.get(source) ??
    buildObject(path, workIn(folder)).then(({ ok, output, plan }) => {
      if (!ok) throw new Error(output);
      return plan.object;
    });
  building.set(source, object);
  return object;
}

function isBelow({ release }: Verified, minimum: string): boolean {
  const [own, needed] = [parseRelease(/^\d+\.\d+/.exec(release)?.[0] ?? ""), parseRelease(minimum)];
  if (own === undefined || needed === undefined) throw new Error(`no releases: ${release}, ${minimum}`);
  return compareReleases(own, needed) < 0;
}

function lacked(reasons: readonly Reason[], verified: Verified): string {
  return reasons
    .flatMap(({ what, since }) => (since !== undefined && isBelow(verified, since) ? [what] : []))
    .join(", ");
}

/** How kernels and libbpf name what they lack: a map as such, a function as it is called or by the beginning of its name. */
function wordsFor(source: string): RegExp {
  const lacks = said(source, "lacks");
  if (lacks === undefined) throw new Error(`${source} does not say what older kernels lack`);
  if (lacks === "map") return /map '\w+': failed to create: Invalid argument/;
  return new RegExp(`\\b${lacks}`);
}
