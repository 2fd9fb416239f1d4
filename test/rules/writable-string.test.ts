import { test } from "vitest";
import { writableString } from "../../server/src/analysis/rules/writable-string.ts";
import { checkFix, checkNoFindings, checkRule } from "../support/check.ts";

const program = (global: string, call: string) =>
  `${global}\nSEC("tc")\nint f(void *ctx) { char b[8]; return ${call}; }`;
const CALL = "bpf_strncmp(b, 8, word)";

test("makes the variable constant", () => {
  checkFix(
    writableString,
    program('static char word[] = "abc";', CALL),
    program('static const char word[] = "abc";', CALL),
  );
  checkFix(
    writableString,
    program("char word[8];", "bpf_snprintf(b, 8, &word[0], 0, 0)"),
    program("const char word[8];", "bpf_snprintf(b, 8, &word[0], 0, 0)"),
  );
});

test("silent for constants, pointers, locals and texts", () => {
  checkNoFindings(writableString, program('const char word[] = "abc";', CALL));
  checkNoFindings(writableString, program('const volatile char word[8] = "abc";', CALL));
  checkNoFindings(writableString, program('const char *word = "abc";', CALL));
  checkNoFindings(writableString, program('char word[] SEC(".rodata.x") = "abc";', CALL));
  checkNoFindings(writableString, program('char other[] = "abc";', 'bpf_strncmp(other, 8, "abc")'));
  checkNoFindings(
    writableString,
    'char word[] = "abc";\nint f(const char *word) { return bpf_strncmp(word, 8, word); }',
  );
});

test("a text without its end", () => {
  checkRule(
    writableString,
    `const char word[3] = "abc";
SEC("tc")
int f(void *ctx)
{
  char b[8];
  return bpf_strncmp(b, 8, word);
//                         ^^^^ word has no zero at its end: the verifier refuses it as a text
}`,
  );
  for (const text of ['[4] = "abc"', '[] = "abc"', '[3] = "a\\\\n"', "[SIZE] = WORD", "[3] = {1, 2, 3}"])
    checkNoFindings(writableString, program(`const char word${text};`, CALL));
});
