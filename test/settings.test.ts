import { expect, test } from "vitest";
import { projects } from "../server/src/project.ts";
import { readSettings } from "../server/src/settings.ts";

const labels = (own: unknown, project?: unknown) => readSettings(own, project).targets.map(({ label }) => label);

test("the project file wins over the editor's settings, rule by rule", () => {
  expect(labels({ target: "5.4" }, { target: "6.1" })).toEqual(["6.1"]);
  const { severities } = readSettings({ rules: { a: "off", b: "hint" } }, { rules: { b: "error" } });
  expect(severities).toEqual({ a: "off", b: "error" });
});

test("what cannot be understood is said and the rest still counts", () => {
  const { problems, targets, severities } = readSettings({ target: ["5.4", "soon"], rules: { x: "loud", y: "hint" } });
  expect(problems).toHaveLength(2);
  expect(targets).toHaveLength(1);
  expect(severities).toEqual({ y: "hint" });
});

test("settings of any shape at all are survived", () => {
  for (const value of [null, 1, "x", [], { target: { a: 1 }, rules: 7 }, { rules: null }]) readSettings(value, value);
});

/** A file system of three entries. */
const files: Readonly<Record<string, string>> = {
  "file:///w/hookpoint.json": '{"target":"5.4"}',
  "file:///w/broken/hookpoint.json": "{",
};
const host = { readText: async (uri: string) => files[uri] };

test("the project file is looked for beside the source and above it", async () => {
  expect((await projects(host).of("file:///w/a/b/c.bpf.c"))?.content).toEqual({ target: "5.4" });
  expect(await projects(host).of("file:///elsewhere/c.bpf.c")).toBeUndefined();
  expect(await projects(host).of("untitled:x")).toBeUndefined();
});

test("a broken project file is named, and hides the ones above it", async () => {
  const project = await projects(host).of("file:///w/broken/c.bpf.c");
  expect(project?.content).toBeUndefined();
  expect(project?.problem).toContain("hookpoint.json is not valid JSON");
});

test("a number where a release belongs is named, because 5.10 and 5.1 are the same number", () => {
  for (const target of [5.15, [5.15]]) expect(readSettings({ target }).problems).toHaveLength(1);
});
