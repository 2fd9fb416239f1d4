/** What must hold for every rule. What is special to one stands in a file of its own beside this. */

import { describe, expect, test } from "vitest";
import { rules } from "../../server/src/analysis/rules/index.ts";
import { firstSentence } from "../../server/src/cli/report/text.ts";
import { findingsIn, fixAll, modelOf } from "../support/check.ts";

for (const rule of rules) {
  const { meta } = rule;
  describe(meta.id, () => {
    test("has a summary, a rationale and an example", () => {
      expect(meta.summary).toMatch(/^[A-Z].*[^.]$/);
      expect(meta.rationale.length).toBeGreaterThan(80);
      expect(meta.examples.length).toBeGreaterThan(0);
    });

    meta.examples.forEach(({ bad, good, ...options }, i) => {
      test(`example ${i + 1}: the bad one is found, the good one is clean`, () => {
        expect(findingsIn(bad, [rule], options)).not.toEqual([]);
        expect(findingsIn(good, [rule], options)).toEqual([]);
      });

      const ifFixed: typeof test | undefined = meta.fix === "none" ? undefined : test;
      ifFixed?.(`example ${i + 1}: the fix makes one of the other`, () => {
        expect(fixAll(bad, [rule], options)).toBe(good);
      });

      test(`example ${i + 1}: can be allowed by a comment`, () => {
        const [finding] = findingsIn(bad, [rule], options);
        const lines = bad.split("\n");
        lines.splice(finding?.range.start.line ?? 0, 0, `// hookpoint: allow ${meta.id} for a test`);
        expect(findingsIn(lines.join("\n"), [rule], options)).toEqual([]);
        const allowed = modelOf(lines.join("\n")).suppressions.flatMap((one) => one.rules.map(({ name }) => name));
        expect(allowed).toContain(meta.id);
      });
    });

    test("the first sentence of the rationale is short: the command line shows nothing else of it", () => {
      expect(firstSentence(meta.rationale).length).toBeLessThanOrEqual(140);
    });

    test("messages and titles keep to one style", () => {
      for (const { bad, ...options } of meta.examples)
        for (const { message, related = [], fixes = [] } of findingsIn(bad, [rule], options)) {
          for (const text of [message, ...related.map((place) => place.message)]) {
            // A word with a capital letter begins a sentence; a name in capitals is a name.
            expect(text).not.toMatch(/^[A-Z](?:[a-z]| )/);
            expect(text).not.toMatch(/[.\s]$|[`\n]|\*\*/);
            expect(text.length, text).toBeLessThanOrEqual(120);
          }
          for (const { title } of fixes) {
            expect(title).toMatch(/^[A-Z][a-z]+ .*[^.]$/);
            expect(title.length, title).toBeLessThan(60);
          }
        }
    });
  });
}
