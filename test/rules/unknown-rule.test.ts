import { test } from "vitest";
import { unknownRule } from "../../server/src/analysis/rules/unknown-rule.ts";
import { checkNoFindings, checkRule } from "../support/check.ts";

test("marks the name, and guesses only what is near", () => {
  checkRule(
    unknownRule,
    `
int a; // hookpoint: allow unused-alow, frobnicate
//                         ^^^^^^^^^^^ there is no rule "unused-alow"; write "unused-allow"
//                                      ^^^^^^^^^^ there is no rule "frobnicate"
`,
  );
});

test("is silent about names that bpflint has", () => {
  checkNoFindings(unknownRule, "int a; // bpflint: disable=whatever");
});
