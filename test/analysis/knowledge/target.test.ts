import { expect, test } from "vitest";
import { hasSince, readTargets } from "../../../server/src/analysis/knowledge/target.ts";

const labels = (setting: unknown) => readTargets(setting).targets.map(({ label }) => label);

test("one release, several, or a list", () => {
  expect(labels("5.15")).toEqual(["5.15"]);
  expect(labels("5.10, >=6.1")).toEqual(["5.10", ">=6.1"]);
  expect(labels(["5.10", "6.1.3"])).toEqual(["5.10", "6.1.3"]);
  expect(labels("")).toEqual([]);
  expect(labels(undefined)).toEqual([]);
});

test("what is no release is handed back", () => {
  expect(readTargets("5.10, tomorrow").unknown).toEqual(["tomorrow"]);
});

test("6.10 comes after 6.9 and is not 6.1", () => {
  const has = (target: string, since: string) => readTargets(target).targets.every((t) => hasSince(t, since));
  expect(has("6.10", "6.9")).toBe(true);
  expect(has("6.1", "6.10")).toBe(false);
  expect(has("6.10", "6.10")).toBe(true);
});
