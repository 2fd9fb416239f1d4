/** Which names fit what was typed, beside an expression that says the same. */

import { expect, test } from "vitest";
import { fits } from "../../server/src/features/complete/fits.ts";
import { kb } from "../support/check.ts";
import { randomBelow } from "../support/random.ts";

/** The first letter begins a word, the others follow in their order. */
function says(name: string, prefix: string): boolean {
  const [first = "", ...others] = [...prefix].map((letter) => letter.replace(/[^\w]/, "\\$&"));
  return new RegExp(`(?:^|[_./\\s])${first}${others.map((letter) => `.*?${letter}`).join("")}`, "i").test(name);
}

test("a name fits where its letters come in order from the beginning of one of its words", () => {
  const { helpers, kfuncs, flags, constants = [], sections } = kb.facts;
  const names = [...helpers, ...kfuncs, ...flags, ...constants, ...sections].map(({ name }) => name);
  const random = randomBelow(3);
  let fitting = 0;
  for (let i = 0; i < 20_000; i++) {
    const name = names[random(names.length)] ?? "";
    const of = names[random(4) === 0 ? random(names.length) : names.indexOf(name)] ?? "";
    const from = random(of.length);
    const letters = [...of.slice(from)].filter(() => random(3) > 0).slice(0, 1 + random(6));
    const prefix = random(2) === 0 ? letters.join("") : letters.join("").toLowerCase();
    if (prefix === "") continue;
    expect(fits(name, prefix), `${name} ${prefix}`).toBe(says(name, prefix));
    if (says(name, prefix)) fitting++;
  }
  expect(fitting).toBeGreaterThan(2000);
  expect(fitting).toBeLessThan(15_000);
});
