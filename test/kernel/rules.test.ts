/** Every example of every rule is built by clang and loaded into this kernel or a guest's: what is called refused is refused. */

import { tmpdir } from "node:os";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { rules } from "../../server/src/analysis/rules/index.ts";
import { verifyObject } from "../../server/src/toolchain/verify.ts";
import { workIn } from "../support/tools.ts";
import { judge } from "./judge.mjs";
import { kernels } from "./refusals-kernels.ts";
import { type Toolbox, toolbox, whyNotHere } from "./toolbox.mjs";

const reason = whyNotHere();
let tools: Toolbox | undefined;

beforeAll(async () => {
  if (reason === undefined) tools = await toolbox();
});
afterAll(async () => {
  await Promise.all(kernels.map(({ stop }) => stop?.()));
  tools?.dispose();
});

async function askGuest(series: string, object: string) {
  const guest = kernels.find(({ name }) => name === `guest ${series}`);
  if (guest === undefined) throw new Error(`there is no guest ${series}`);
  const wish = { programs: [], visits: false };
  const { programs } = await verifyObject(object, await guest.start(), wish, workIn(tmpdir()));
  const refused = programs.filter(({ verdict }) => verdict !== "accepted");
  return { ok: refused.length === 0, says: refused.map(({ log }) => `BPF program load failed: ${log}`).join("\n") };
}

for (const { meta } of rules) {
  describe(meta.id, () => {
    meta.examples.forEach((example, i) => {
      test.concurrent(`example ${i + 1}${example.refused ? `: ${example.refused.by} refuses it` : ""}`, async (ctx) => {
        if (tools === undefined) return ctx.skip(reason);
        const guest = kernels.find(({ name }) => name === `guest ${example.refused?.on}`);
        const noGuest = guest?.skip?.();
        if (noGuest !== undefined) {
          if (process.env["CI"]) throw new Error(noGuest);
          return ctx.skip(noGuest);
        }
        const { problems } = await judge(`${meta.id}-${i + 1}`, example, tools, askGuest);
        expect(problems).toEqual([]);
      });
    });
  });
}

test("a rule that speaks of errors shows one", () => {
  const silent = rules.filter(
    ({ meta }) =>
      meta.severity === "error" && meta.examples.every(({ refused, unshown }) => refused === undefined && !unshown),
  );
  expect(silent.map(({ meta }) => meta.id)).toEqual([]);
});
