import { expect, test } from "vitest";
import { unusedAllow } from "../../server/src/analysis/rules/unused-allow.ts";
import { checkFix, checkNoFindings, checkRule, findingsIn } from "../support/check.ts";

test("marks the name that allows nothing", () => {
  checkRule(
    unusedAllow,
    `
int f(void *d) { return bpf_probe_read(d, 4, d); } // hookpoint: allow deprecated-helper, unknown-rule
//                                                                                        ^^^^^^^^^^^^ unknown-rule finds nothing here to allow
`,
  );
});

test("takes the name out of the list, the comment away, or the line", () => {
  const call = "int f(void *d) { return bpf_probe_read(d, 4, d); }";
  checkFix(
    unusedAllow,
    `${call} // hookpoint: allow deprecated-helper, unknown-rule why`,
    `${call} // hookpoint: allow deprecated-helper why`,
  );
  checkFix(
    unusedAllow,
    `${call} // hookpoint: allow unknown-rule, deprecated-helper`,
    `${call} // hookpoint: allow deprecated-helper`,
  );
  checkFix(unusedAllow, "int a; // hookpoint: allow unknown-rule\nint b;", "int a;\nint b;");
  checkFix(unusedAllow, "int a;\n\t/* hookpoint: allow unknown-rule */\nint b;", "int a;\nint b;");
});

test("is silent about rules that did not run, unknown ones and bpflint's", () => {
  checkNoFindings(unusedAllow, "// hookpoint: allow deprecated-helper\nint a;", { target: "5.4" });
  checkNoFindings(unusedAllow, "// hookpoint: allow no-such-rule\n// bpflint: disable=probe-read\nint a;");
});

test("without targets the rules about kernels may still be allowed", () => {
  const allowed = "int a; // hookpoint: allow helper-not-on-target\n";
  checkNoFindings(unusedAllow, allowed);
  expect(findingsIn(allowed, [unusedAllow], { target: "6.1" })).toHaveLength(1);
});
