import { expect, test } from "vitest";
import { insertAfterIncludes, insertInclude, sectionMark } from "../../server/src/analysis/edits.ts";
import { applyEdits } from "../../server/src/analysis/text.ts";
import { modelOf } from "../support/check.ts";

const withInclude = (text: string): string => applyEdits(text, [insertInclude("x.h", modelOf(text))]);

test("an include stands behind the last of those with which the file begins", () => {
  expect(withInclude("#include <a.h>\n#include <b.h>\nint x;\n")).toBe(
    "#include <a.h>\n#include <b.h>\n#include <x.h>\nint x;\n",
  );
  expect(withInclude('#include <a.h>\nint f(void) { return 0; }\n#include "tests.h"\n')).toBe(
    '#include <a.h>\n#include <x.h>\nint f(void) { return 0; }\n#include "tests.h"\n',
  );
});

test("and never where it is read on a condition only", () => {
  const chosen = "#ifdef A\n#include <a.h>\n#else\n#include <b.h>\n#if B\n#include <c.h>\n#endif\n#endif\n";
  expect(withInclude(`${chosen}int x;\n`)).toBe(`${chosen}#include <x.h>\nint x;\n`);
  expect(withInclude(`#include <z.h>\n${chosen}int x;\n`)).toBe(`#include <z.h>\n${chosen}#include <x.h>\nint x;\n`);
  expect(withInclude("#ifndef H_H\n#define H_H\n#include <a.h>\nint x;\n#endif\n")).toBe(
    "#ifndef H_H\n#define H_H\n#include <a.h>\n#include <x.h>\nint x;\n#endif\n",
  );
});

test("a condition around everything is no reason to go to its end", () => {
  expect(withInclude("#ifdef A\n#include <a.h>\nint f(void) { return 0; }\n#endif\n")).toBe(
    "#ifdef A\n#include <a.h>\n#include <x.h>\nint f(void) { return 0; }\n#endif\n",
  );
});

test("a header of libbpf stands with its kin, before the project's own", () => {
  const text = '#include "vmlinux.h"\n#include <bpf/bpf_helpers.h>\n#include "a.h"\n#include "a.bpf.h"\nint x;\n';
  expect(applyEdits(text, [insertInclude("bpf/bpf_core_read.h", modelOf(text))])).toBe(
    text.replace('#include "a.h"', '#include <bpf/bpf_core_read.h>\n#include "a.h"'),
  );
  expect(withInclude(text)).toBe(text.replace("int x;", "#include <x.h>\nint x;"));
});

test("a line of its own has a blank line before it", () => {
  const text = "#include <a.h>\n\nint x;\n";
  expect(applyEdits(text, [insertAfterIncludes("#define X 1", modelOf(text))])).toBe(
    "#include <a.h>\n\n#define X 1\n\nint x;\n",
  );
});

test("a section is written as the file writes its own", () => {
  const mark = (text: string): string => sectionMark("license", modelOf(text));
  expect(mark("")).toBe('SEC("license")');
  expect(mark('SEC("xdp") int f(void *c) { return 0; }')).toBe('SEC("license")');
  expect(mark('__section("xdp") int f(void *c) { return 0; }')).toBe('__section("license")');
  expect(mark('__attribute__((section("xdp"), used)) int f(void *c) { return 0; }')).toBe(
    '__attribute__((section("license"), used))',
  );
  expect(mark('__section("xdp") int f(void *c) { return 0; }\nSEC("xdp") int g(void *c) { return 0; }')).toBe(
    'SEC("license")',
  );
});
