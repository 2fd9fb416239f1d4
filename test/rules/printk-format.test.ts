import { expect, test } from "vitest";
import { specifiersOf } from "../../server/src/analysis/for-rules/print-format.ts";
import { literalText } from "../../server/src/analysis/for-rules/string-literal.ts";
import { printkFormat } from "../../server/src/analysis/rules/printk-format.ts";
import { checkFix, checkNoFindings, checkRule } from "../support/check.ts";

const within = (call: string): string => `int f(void *ctx, int x) { ${call}; return 0; }`;

test("what the kernel takes", () => {
  checkNoFindings(
    printkFormat,
    within(
      'bpf_printk("%d %5u %-3x %08llx %p %pK %pB %pI4c %pi6 %s, %c %% %ps", 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12)',
    ),
  );
});

test("what it does not take", () => {
  const wrong = [
    "%zu",
    "%hd",
    "%hhx",
    "%#x",
    "%.2d",
    "%5.3s",
    "%*d",
    "%f",
    "%o",
    "%e",
    "%jd",
    "%1$d",
    "%sx",
    "%pksa",
    "%",
    "% ",
    "%pM",
  ];
  const found = wrong.filter((format) => specifiersOf(format).some(({ unknown }) => unknown !== undefined));
  expect(found).toEqual(wrong);
});

test("each specifier has its place, across literals and escapes", () => {
  checkRule(
    printkFormat,
    `
int f(int x)
{
    bpf_printk("\\ta\\x41 %hu" " and %zx\\n", x, x);
//                      ^^^ %hu is not known to bpf_printk(): nothing is printed, and nobody is told
//                                 ^^^ %zx is not known to bpf_printk(): nothing is printed, and nobody is told
    return 0;
}
`,
  );
});

test("literals beside each other, and line breaks in them", () => {
  expect(literalText('"a\\n" "b\\\nc"')?.text).toBe("a\nbc");
  expect(literalText('"a" PRIu64')).toBeUndefined();
});

test("macros are not read, neither as a format nor as values", () => {
  checkNoFindings(
    printkFormat,
    within('bpf_printk(FORMAT, x); bpf_printk("%" PRIu64, x); bpf_printk("%d.%d", PAIR(x))'),
  );
  checkNoFindings(printkFormat, `#define bpf_printk(f, ...) log(f, __VA_ARGS__)\n${within('bpf_printk("%zu", x)')}`);
});

test("more specifiers than values, and fewer", () => {
  checkRule(
    printkFormat,
    `
int f(int x)
{
    bpf_printk("%d %d", x);
//                 ^^ the format asks for 2 values, and there is 1: it prints what a register happens to hold
    bpf_printk("%d %d %d %d", x, x, x);
//                       ^^ the format asks for 4 values, and there are 3: nothing is printed
    bpf_printk("%d", x, x + 1);
//                      ^^^^^ the format has 1 specifier for 2 values
    return 0;
}
`,
  );
});

test("colours", () => {
  checkRule(
    printkFormat,
    `
int f(void)
{
    bpf_printk("\\033[1m!");
//              ^^^^ a control character is not known to bpf_printk(): nothing is printed, and nobody is told
    return 0;
}
`,
  );
});

test("a format in a variable is read where it is an array that nobody changes", () => {
  checkRule(
    printkFormat,
    `
int f(int x)
{
    char format[] = "%zu";
    bpf_trace_printk(format, sizeof(format), x);
//                   ^^^^^^ %zu is not known to bpf_trace_printk(): nothing is printed, and nobody is told
    return 0;
}
`,
  );
  checkNoFindings(printkFormat, within("char format[] = \"%zu\"; format[1] = 'l'; bpf_trace_printk(format, 4, x)"));
});

test("bpf_snprintf() wants its format in read-only memory", () => {
  checkFix(
    printkFormat,
    within('char format[] = "%d"; bpf_snprintf(ctx, 8, format, &x, 8)'),
    within('static const char format[] = "%d"; bpf_snprintf(ctx, 8, format, &x, 8)'),
  );
});

test("what older formatters do not know, where a target has one", () => {
  checkNoFindings(printkFormat, within('bpf_printk("%02x %s", x, ctx)'));
  checkNoFindings(printkFormat, within('bpf_printk("%02x %s", x, ctx)'), { target: "5.13" });
  checkRule(
    printkFormat,
    `
SEC("xdp")
int f(struct xdp_md *ctx)
{
    bpf_printk("%02x", ctx->rx_queue_index);
//              ^^^^ %02x in bpf_trace_printk() is not on 5.10: first in 5.13
    return 0;
}
`,
    { target: "5.10" },
  );
});
