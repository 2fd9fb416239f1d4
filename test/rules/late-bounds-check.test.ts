import { expect, test } from "vitest";
import { lateBoundsCheck } from "../../server/src/analysis/rules/late-bounds-check.ts";
import { checkFix, checkNoFindings, checkRule, findingsIn } from "../support/check.ts";

const loop = (test: string, { outside = "", inside = "", body = ";" } = {}): string => `${outside}
SEC("tc")
int f(struct __sk_buff *skb)
{
    int i;
    ${inside}
    for (i = 0; ${test}; i++)
        ${body}
    return i;
}
`;

const BYTES = { outside: "volatile char bytes[16];" };

test("the element is marked", () => {
  checkRule(
    lateBoundsCheck,
    `
volatile char bytes[16];
SEC("tc")
int f(struct __sk_buff *skb)
{
    int i;
    for (i = 0; bytes[i] && i < 16; i++)
//              ^^^^^^^^ bytes has 16 elements, and is read at the index before that is compared: the verifier refuses it
        ;
    return i;
}
`,
  );
});

test("longer conditions, and texts that fill their array", () => {
  const count = (text: string): number => findingsIn(text, [lateBoundsCheck]).length;
  expect(count(loop("skb->mark && bytes[i] == 'x' && i != 16", BYTES))).toBe(1);
  expect(count(loop("bytes[i] && i <= 15", BYTES))).toBe(1);
  expect(count(loop("text[i] && i < 4", { outside: 'const volatile char text[4] = "abcd";' }))).toBe(1);
});

test("silent where the index is compared first, stays below the end, or is not known", () => {
  for (const text of [
    loop("i < 16 && bytes[i]", BYTES),
    loop("bytes[i] && i < 15", BYTES),
    loop("bytes[i] && i < skb->len", BYTES),
    loop("i < 10 && bytes[i] && i < 16", BYTES),
    loop("(i < 10 || bytes[i]) && i < 16", BYTES),
    loop("bytes[i & 15] && i < 16", BYTES),
    loop("bytes[i] && i < 16", { ...BYTES, body: "if (skb->mark) i = 0;" }),
    loop("text[i] && i < 8", { outside: 'const volatile char text[8] = "abcd";' }),
    loop("text[i] && i < 8", { outside: "const volatile char text[8];" }),
    loop("text[i] && i < 8", { inside: "char *text = (void *)skb;" }),
    loop("text[i] && i < 8", { inside: "volatile char text[8] = {};" }),
    loop("text[i] && i < 8", { outside: "char text[8];" }),
    loop("bytes[i] && i < 16", { outside: "volatile char bytes[16]; volatile int after;" }),
    loop("bytes[i] && i < 16", { outside: "volatile char bytes[16];\nvolatile int after;" }),
    loop("text[i] && i < 4", { outside: 'const volatile char text[4] = "abcd";\nconst volatile int after = 1;' }),
    loop("text[i] && i < 4", { outside: 'const volatile char text[4] = "abcd";', body: 'bpf_printk("%d", i);' }),
  ])
    checkNoFindings(lateBoundsCheck, text);
});

test("the fix compares first", () => {
  checkFix(lateBoundsCheck, loop("bytes[i] != 0 && i < 16", BYTES), loop("i < 16 && bytes[i] != 0", BYTES));
});
