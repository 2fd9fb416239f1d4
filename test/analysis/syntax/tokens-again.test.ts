import { expect, test } from "vitest";
import { type Tokens, tokenize } from "../../../server/src/analysis/syntax/tokens.ts";
import { tokenizeAgain } from "../../../server/src/analysis/syntax/tokens-again.ts";
import { randomBelow } from "../../support/random.ts";

const TEXT = `
#include "vmlinux.h"
#define LONG(x) do { \\
	(x)++; /* over
	two lines */ \\
} while (0) // 'c' "s"

/* A comment that nothing ends
int x; /* another, "quoted"
 * which ends */ int y = 'a';
#if defined(A) /* if
 */ && defined(B)
static const char text[] = "one \\
two"; // a line \\
that goes on
#endif
SEC("xdp") int f(struct xdp_md *ctx) { return 0x1e+1.5e-3; }
`;

function plain({ count, kinds, starts, ends, directives, comments }: Tokens) {
  return { count, kinds: [...kinds], starts: [...starts], ends: [...ends], directives, comments };
}

function expectSame(now: string, before: string): boolean {
  const again = tokenizeAgain(now, before, tokenize(before));
  if (again !== undefined) expect(plain(again), JSON.stringify(now)).toEqual(plain(tokenize(now)));
  return again !== undefined;
}

test("of an edit anywhere the tokens are those of the whole text", () => {
  const edit = (at: string, added: string, removed = 0): boolean => {
    const place = TEXT.indexOf(at);
    return expectSame(TEXT.slice(0, place) + added + TEXT.slice(place + removed), TEXT);
  };
  for (const [at, added, removed] of [
    ["#include", "//"],
    ["#include", "", 21],
    ["vmlinux", "a/"],
    ["(x)++", "y = 0; "],
    ["while", '"'],
    ["two lines", "or three "],
    ["int x", "\n#define Y\n"],
    [" * which", "", 3],
    ["defined(B)", "!"],
    ["one ", "zero "],
    ["goes on", "x "],
    ["SEC", "struct s { int a; };\n"],
    ["\n#include", "x"],
  ] as const)
    expect(edit(at, added, removed), at).toBe(true);
  expect(expectSame(`${TEXT}#define LAST`, TEXT)).toBe(true);
  expect(expectSame("", "int x;")).toBe(true);
});

test("a line that goes on with the one above it begins nothing", () => {
  for (const text of ["int a \\\n#b\nint c;\n", "int a \\\r\n#b\r\nint c;\r\n", 'char *a = "\\\n#b";\nint c;\n']) {
    expect(expectSame(text.replace("c;", "d;"), text), JSON.stringify(text)).toBe(true);
    const turned = `int c;\n${text}`;
    expect(expectSame(turned.replace("c;", "d;"), turned), JSON.stringify(turned)).toBe(true);
  }
});

test("what may matter far away is read as a whole", () => {
  for (const added of ["/*", "*/", "\\", "\\\n"])
    expect(tokenizeAgain(TEXT.replace("int y", `${added}int y`), TEXT, tokenize(TEXT)), added).toBeUndefined();
  // One character makes a comment of two lines.
  const before = "int a;\nint b; / * c */\nint d;\n";
  expect(tokenizeAgain(before.replace("/ *", "/*"), before, tokenize(before))).toBeUndefined();
  // Behind an empty line the first comment is one after all, and swallows what follows up to the end of the second.
  const runaway = "int a;\n/* b\nint c;\nint d; /* e */ int f;\n";
  expect(tokenizeAgain(runaway.replace("b\n", "b\n\n"), runaway, tokenize(runaway))).toBeUndefined();
});

test.each(["\n", "\r\n"])("whatever is typed and taken out, with %j at the end of lines", (lineEnd) => {
  const random = randomBelow(23);
  const pieces = [
    ..."ab1 _;,(){}[]\"'/*#\\<>&.-=\n",
    "//",
    " /* x */ ",
    "#define A 1\n",
    '"s"',
    "\n\n",
    "#if A \\\n",
    "0x",
  ];
  let text = TEXT.replaceAll("\n", lineEnd);
  let again = 0;
  for (let i = 0; i < 4000; i++) {
    const at = random(text.length + 1);
    const added = random(3) === 0 ? "" : (pieces[random(pieces.length)] ?? "").replaceAll("\n", lineEnd);
    const now = text.slice(0, at) + added + text.slice(at + (added === "" || random(8) === 0 ? random(12) : 0));
    if (expectSame(now, text)) again++;
    // Much of what is typed at random swallows the rest.
    text = random(40) === 0 ? TEXT.replaceAll("\n", lineEnd) : now;
  }
  expect(again).toBeGreaterThan(2000);
});
