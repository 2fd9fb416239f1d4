import { expect, test } from "vitest";
import { hasSince, readTargets } from "../../../server/src/analysis/knowledge/target.ts";
import { kb } from "../../support/check.ts";

const labels = (setting: unknown) => readTargets(setting).targets.map(({ label }) => label);

test("one release, several, or a list", () => {
  expect(labels("5.15")).toEqual(["5.15"]);
  expect(labels("5.10, >=6.1")).toEqual(["5.10", ">=6.1"]);
  expect(labels(["5.10", "6.1.3"])).toEqual(["5.10", "6.1.3"]);
  expect(labels("")).toEqual([]);
  expect(labels(undefined)).toEqual([]);
});

test("what is no kernel is told, with what may be written", () => {
  const { targets, problems } = readTargets("5.10, tomorrow, host");
  expect(targets.map(({ label }) => label)).toEqual(["5.10"]);
  expect(problems).toEqual([
    expect.stringMatching(/^"tomorrow" is no kernel .*"rhel-8\.6".*bpftool feature probe -j/),
    '"host" cannot be read here.',
  ]);
});

test("a distribution by its name or that of a rebuild, and kernels that were looked at", () => {
  const profile = { release: "6.18.44-fc" };
  const names = {
    distribution: kb.distribution,
    profile: (label: string) => (label === "host" ? profile : "is empty"),
  };
  const { targets, problems } = readTargets(["RHEL-8.6", "rocky-8.6", "host", "old/probe.json"], names);
  expect(targets.map(({ label, distribution, release }) => [label, distribution?.name, release])).toEqual([
    ["RHEL-8.6", "rhel-8.6", { major: 4, minor: 18 }],
    ["rocky-8.6", "rhel-8.6", { major: 4, minor: 18 }],
    ["host", undefined, { major: 6, minor: 18 }],
  ]);
  expect(problems).toEqual(['"old/probe.json": is empty']);
});

test("6.10 comes after 6.9 and is not 6.1", () => {
  const has = (target: string, since: string) => readTargets(target).targets.every((t) => hasSince(t, since));
  expect(has("6.10", "6.9")).toBe(true);
  expect(has("6.1", "6.10")).toBe(false);
  expect(has("6.10", "6.10")).toBe(true);
});
