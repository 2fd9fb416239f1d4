import { describe, expect, test } from "vitest";
import { applyEdits, type TextEdit } from "../../server/src/analysis/text.ts";
import { actionsAt } from "../support/check.ts";
import { fixture } from "../support/fixture.ts";

/** The text after the action of that title. */
function textAfter(source: string, title: string, only?: readonly string[]): string | undefined {
  const action = actionsAt(source, only).find((one) => one.title.startsWith(title));
  const edits = Object.values(action?.edit?.changes ?? {}).flat() as TextEdit[];
  return action && applyEdits(fixture(source).text, edits);
}

describe("allow here", () => {
  test("puts a comment above the line", () => {
    expect(textAfter("void f(void *d)\n{\n\tbpf_pr$0obe_read(d, 4, d);\n}", "Allow deprecated-helper here")).toBe(
      "void f(void *d)\n{\n\t// hookpoint: allow deprecated-helper\n\tbpf_probe_read(d, 4, d);\n}",
    );
  });

  test("adds to the comment that stands there", () => {
    expect(
      textAfter(
        "void f(void *d)\n{\n\t// hookpoint: allow x why\n\tbpf_pr$0obe_read(d, 4, d);\n}",
        "Allow deprecated-helper here",
      ),
    ).toBe("void f(void *d)\n{\n\t// hookpoint: allow x, deprecated-helper why\n\tbpf_probe_read(d, 4, d);\n}");
  });

  test("silences what it was made for", () => {
    const source = "void f(void *d)\n{\n\tbpf_pr$0obe_read(d, 4, d);\n}";
    for (const title of ["Allow deprecated-helper here", "Allow deprecated-helper in this file"]) {
      const text = textAfter(source, title)?.replace("bpf_probe_read", "bpf_pr$0obe_read") ?? "";
      expect(actionsAt(text)).toEqual([]);
    }
  });
});

test("explain runs the editor's command with the rule's name", () => {
  const [explain] = actionsAt("void f(void *d) { bpf_pr$0obe_read(d, 4, d); }").slice(-1);
  expect(explain?.command).toEqual({
    title: "Explain deprecated-helper",
    command: "explain",
    arguments: ["deprecated-helper"],
  });
});

test("fix all applies what keeps the meaning, and only when it is asked for", () => {
  const source = "int a; // hookpoint: allow unknown-rule\n$0int b; // hookpoint: allow deprecated-helpr\n";
  expect(textAfter(source, "Fix all", ["source.fixAll"])).toBe(
    "int a;\nint b; // hookpoint: allow deprecated-helper\n",
  );
  expect(textAfter(source, "Fix all")).toBeUndefined();
  expect(actionsAt(source, ["source.organizeImports"])).toEqual([]);
  expect(textAfter("void f(void *d) { $0bpf_probe_read(d, 4, d); }", "Fix all", ["source.fixAll"])).toBeUndefined();
});
