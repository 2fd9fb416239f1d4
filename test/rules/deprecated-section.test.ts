import { test } from "vitest";
import { deprecatedSection } from "../../server/src/analysis/rules/deprecated-section.ts";
import { checkFix, checkNoFindings, checkRule } from "../support/check.ts";

const program = (section: string): string => `SEC("${section}")\nint f(struct __sk_buff *skb) { return 0; }\n`;

test("classifier is an old name of tc", () => {
  checkRule(
    deprecatedSection,
    `SEC("classifier")\n//   ^^^^^^^^^^ libbpf calls section "classifier" legacy; write "tc"\nint f(struct __sk_buff *skb) { return 0; }`,
  );
  checkFix(deprecatedSection, program("?classifier"), program("?tc"));
});

test("tcx is spoken of where every target has it", () => {
  checkNoFindings(deprecatedSection, program("tc"));
  checkNoFindings(deprecatedSection, program("tc"), { target: "6.1" });
  checkNoFindings(deprecatedSection, program("tc"), { target: "6.12, 5.15" });
  checkRule(
    deprecatedSection,
    `SEC("tc")\n//   ^^ libbpf calls section "tc" legacy; write "tcx/ingress" or "tcx/egress"\nint f(struct __sk_buff *skb) { return 0; }`,
    { target: "6.6, 6.12" },
  );
});

test("a version goes with its line", () => {
  checkFix(deprecatedSection, 'int a;\nu32 _version SEC("version") = LINUX_VERSION_CODE;\nint b;', "int a;\nint b;");
  checkFix(deprecatedSection, 'u32 _version SEC("version") = 1; int b;', " int b;");
  checkRule(
    deprecatedSection,
    'u32 v SEC("version") = 1;\n//         ^^^^^^^ no kernel since 5.0 asks for a version, and for older ones libbpf fills it in\nint f(void) { return v; }',
  );
});

test("other sections and loaders are left alone", () => {
  for (const section of ["tcx/ingress", "tc/ingress", "cgroup/skb", "sk_skb", "classifier/x", "own"])
    checkNoFindings(deprecatedSection, program(section));
  for (const loader of ["iproute2", "cilium/ebpf", "aya"])
    checkNoFindings(deprecatedSection, program("classifier"), { loader });
});
