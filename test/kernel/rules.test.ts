/** Every example of every rule is built by clang and loaded into this kernel: what is called refused is refused. */

import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { rules } from "../../server/src/analysis/rules/index.ts";
import { judge } from "./judge.mjs";
import { type Toolbox, toolbox, whyNotHere } from "./toolbox.mjs";

const reason = whyNotHere();
let tools: Toolbox | undefined;

beforeAll(async () => {
  if (reason === undefined) tools = await toolbox();
});
afterAll(() => tools?.dispose());

for (const { meta } of rules) {
  describe(meta.id, () => {
    meta.examples.forEach((example, i) => {
      test.concurrent(`example ${i + 1}${example.refused ? `: ${example.refused.by} refuses it` : ""}`, async (ctx) => {
        if (tools === undefined) return ctx.skip(reason);
        const { problems } = await judge(`${meta.id}-${i + 1}`, example, tools);
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
