/** Answers as pages. */

import { expect, test } from "vitest";
import type { Answer } from "../../../server/src/analysis/verifier/answer.ts";
import { answerPage, logPage } from "../../../server/src/analysis/verifier/answer-page.ts";

const answer: Answer = {
  said: "R0 invalid mem access 'map_value_or_null'",
  by: "verifier",
  family: "result-may-be-null",
  class: "source",
  title: "Result may be NULL",
  meaning: "Nothing has shown that it is not NULL.",
  advice: "Test it first.",
  place: { file: "x.bpf.c", line: 17, text: "\t*size += 1;" },
  story: [{ place: { file: "x.bpf.c", line: 15 }, text: "size gets the result of bpf_map_lookup_elem" }],
  rules: [],
};
const link = ({ file, line }: { file: string | undefined; line: number }) => `[${file}:${line}](there)`;

test("a page has where, what was said, what it means, how it came about and what to do", () => {
  expect(answerPage(answer, link)).toBe(`# Result may be NULL

[x.bpf.c:17](there)

\`\`\`c
*size += 1;
\`\`\`

The verifier says:

\`\`\`text
R0 invalid mem access 'map_value_or_null'
\`\`\`

Nothing has shown that it is not NULL.

This is a bug in the source.

**How it came about**

1. [x.bpf.c:15](there): size gets the result of bpf\\_map\\_lookup\\_elem

**What to do**

Test it first.

\`hookpoint explain result-may-be-null\` tells of this kind of message in a terminal.`);
});

test("what is not known is shown whole, whatever is in it", () => {
  const strange = {
    ...answer,
    family: undefined,
    class: "unknown",
    said: "```\n# x",
    meaning: "",
    advice: "",
    title: "a_b *c*",
  } as const;
  const page = answerPage(strange, link);
  expect(page).toContain("# a\\_b \\*c\\*\n");
  expect(page).toContain("````text\n```\n# x\n````");
  expect(page).toContain("Hookpoint does not know this message yet");
});

test("the page of a log has a summary and each program", () => {
  const refused = {
    name: "p",
    section: "xdp",
    verdict: "refused",
    stats: { processed: 8 },
    answers: [answer],
    log: "",
  } as const;
  const accepted = { ...refused, name: "q", verdict: "accepted", answers: [] } as const;
  const page = logPage("build.log", { programs: [refused, accepted], answers: [] }, link);
  expect(page).toContain("# build.log\n\n1 of 2 programs is refused: Result may be NULL.");
  expect(page).toContain("## `p` (`xdp`): refused\n\n8 instructions.\n\n### Result may be NULL");
  expect(page).toContain("## `q` (`xdp`): accepted");
  expect(logPage("x", { programs: [], answers: [] }, link)).toContain("nothing in it that a verifier or a loader says");
});
