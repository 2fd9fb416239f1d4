import { expect, test } from "vitest";
import { lint } from "../../server/src/analysis/lint.ts";
import type { Rule } from "../../server/src/analysis/rule.ts";
import { deprecatedHelper } from "../../server/src/analysis/rules/deprecated-helper.ts";
import { kb, modelOf } from "../support/check.ts";

const BAD = "int f(void *d) { return bpf_probe_read(d, 4, d); }";
const context = (text: string) => ({ model: modelOf(text), kb, targets: [], loader: "libbpf", arch: "" });

const crashing: Rule = {
  meta: { ...deprecatedHelper.meta, id: "crashing" },
  check: () => {
    throw new Error("on purpose");
  },
};

test("a rule that crashes costs its own findings only, and is reported", () => {
  const crashes: string[] = [];
  const found = lint(context(BAD), { rules: [crashing, deprecatedHelper], onCrash: (rule) => crashes.push(rule) });
  expect(found).toHaveLength(1);
  expect(crashes).toEqual(["crashing"]);
});

test("settings change a severity or silence a rule", () => {
  const severity = (value: "error" | "off") =>
    lint(context(BAD), { severities: { "deprecated-helper": value } }).map((finding) => finding.severity);
  expect(severity("error")).toEqual(["error"]);
  expect(severity("off")).toEqual([]);
});

test("a comment silences its own line and the next, for the rules it names", () => {
  const count = (text: string) => lint(context(text), { rules: [deprecatedHelper] }).length;
  expect(count(`${BAD} // hookpoint: allow deprecated-helper`)).toBe(0);
  expect(count(`/* hookpoint: allow other, deprecated-helper because */\n${BAD}`)).toBe(0);
  expect(count(`// hookpoint: allow other\n${BAD}`)).toBe(1);
  expect(count(`// hookpoint: allow deprecated-helper\n\n${BAD}`)).toBe(1);
});

test("a comment behind code speaks of its own line only", () => {
  const count = (text: string) => lint(context(text), { rules: [deprecatedHelper] }).length;
  expect(count(`${BAD} // hookpoint: allow deprecated-helper\n${BAD.replace("f", "g")}`)).toBe(1);
  expect(count(`\t// hookpoint: allow deprecated-helper\n${BAD}`)).toBe(0);
});

test("findings come in the order of the text", () => {
  const lines = lint(context(`${BAD}\n${BAD.replace("f", "g")}`)).map(({ range }) => range.start.line);
  expect(lines).toEqual([0, 1]);
});
