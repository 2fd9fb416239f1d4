/** Every family of messages has a page that tells what it means and what to do. */

import { expect, test } from "vitest";
import { families } from "../../../server/src/analysis/verifier/families/index.ts";
import { familyList, familyPage } from "../../../server/src/analysis/verifier/family-page.ts";

test.each(families.map(({ id }) => id))("%s", (id) => {
  const family = families.find((one) => one.id === id);
  const page = familyPage(id) ?? "";
  expect(page).toMatch(new RegExp(`^# .+\n\n\`${id}\`, said by .+\\. Usually: .+\\.\n\n- \``));
  expect(page).toMatch(/\n\n\*\*What to do:\*\* \S/);
  for (const { text } of family?.examples ?? []) expect(page).toContain(text);
  // Words that a hole was not filled in.
  expect(page.replace(/^- .*$|`[^`]*`/gm, "")).not.toMatch(/\bundefined\b|\bNaN\b|\[object |\$\{/);
});

test("no family, no page", () => {
  expect(familyPage("no-such-family")).toBeUndefined();
  expect(familyList().trimEnd().split("\n")).toHaveLength(families.length);
});
