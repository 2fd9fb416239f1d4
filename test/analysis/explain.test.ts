/** Pages of rules: what somebody searches for who has only the message before him. */

import { expect, test } from "vitest";
import { explain } from "../../server/src/analysis/explain.ts";
import { rules } from "../../server/src/analysis/rules/index.ts";
import { said } from "../../server/src/analysis/said.ts";
import { families } from "../../server/src/analysis/verifier/families/index.ts";

test("a page has a message of every family that names its rule", () => {
  for (const { id, rules: named = [], examples } of families)
    for (const name of named) {
      const meta = rules.find((rule) => rule.meta.id === name)?.meta;
      const page = meta && explain(meta);
      expect(page, `${id} names ${name}`).toContain(`- \`${examples[0]?.text}\` (\`hookpoint explain ${id}\`)`);
    }
});

test("a rule that no family names has no such list", () => {
  const unnamed = rules.find(({ meta }) => said[meta.id] === undefined);
  expect(unnamed && explain(unnamed.meta)).not.toContain("hookpoint explain ");
});

test("what is found along the paths of a program is also said by somebody when it is loaded", () => {
  const paths = rules.filter(({ meta }) => meta.group === "paths");
  expect(paths.filter(({ meta }) => said[meta.id] === undefined).map(({ meta }) => meta.id)).toEqual([]);
});
