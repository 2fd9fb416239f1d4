import { expect, test } from "vitest";
import { hoverAt } from "../support/check.ts";

test("a helper shows its prototype, its release, our note and where to read on", () => {
  const text = hoverAt("int f(void *c) { return bpf_map_$0lookup_elem(&m, &k); }");
  expect(text).toContain("void *bpf_map_lookup_elem(void *map, const void *key)");
  expect(text).toContain("since Linux 3.19");
  expect(text).toContain("**Watch out:**");
  expect(text).toContain("https://docs.ebpf.io/linux/helper-function/bpf_map_lookup_elem/");
});

test("a helper that is rarely used shows its prototype as well", () => {
  expect(hoverAt("int f(void *c) { return bpf_sk_$0assign(c, s, 0); }")).toContain("long bpf_sk_assign(");
});

test("the verdict for the targets comes first", () => {
  const source = "int f(void) { return bpf_lo$0op(1, g, 0, 0); }";
  expect(hoverAt(source, { target: "5.10, 6.1, 5.4" })).toMatch(/^⚠️ \*\*Not on 5\.10, 5\.4\*\*: first in 5\.17/);
  expect(hoverAt(source, { target: "6.1" })).not.toContain("Not on");
  expect(hoverAt(source)).not.toContain("Not on");
});

test("there is none in comments, strings and blanks, or on other words", () => {
  for (const source of ["// bpf_lo$0op", 'char *s = "bpf_lo$0op";', "int f() { $0 }", "int ma$0in;", "$0"]) {
    expect(hoverAt(source)).toBeUndefined();
  }
});

test("there is one where a macro is defined", () => {
  expect(hoverAt("#define NOW() bpf_ktime_get$0_ns()")).toContain("bpf_ktime_get_ns(void)");
});

test("a function of the file's own by that name is no helper", () => {
  expect(hoverAt("static int bpf_loop(int a) { return a; }\nint f(void) { return bpf_lo$0op(1); }")).toBeUndefined();
});

test("a macro of the file's own by that name is no helper", () => {
  expect(hoverAt("#define bpf_loop(n) n\nint f(void) { return bpf_lo$0op(1); }")).toBeUndefined();
});
