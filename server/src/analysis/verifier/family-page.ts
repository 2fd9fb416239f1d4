/** What is known of one family of messages, as a page: what is printed, what it means, what to do. */

import { CLASS_NAMES } from "./answer-page.ts";
import { loaderAnswer } from "./answers.ts";
import { families } from "./families/index.ts";
import type { Family } from "./family.ts";

/** Markdown; undefined where there is no such family. */
export function familyPage(id: string): string | undefined {
  const family = families.find((one) => one.id === id);
  return family === undefined ? undefined : pageOf(family);
}

/** Each family in a line. */
export function familyList(): string {
  const width = Math.max(...families.map(({ id }) => id.length));
  return families.map(({ id, title }) => `${id.padEnd(width)}  ${title}\n`).join("");
}

function pageOf(family: Family): string {
  const { id, title, by, examples, rules = [] } = family;
  const [example] = examples;
  // What depends on the message is said of the first example.
  const said = example === undefined ? undefined : loaderAnswer(example.text);
  const own = said?.family === id ? said : undefined;
  const { meaning, advice } = own ?? {
    meaning: typeof family.meaning === "string" ? family.meaning : "",
    advice: typeof family.advice === "string" ? family.advice : "",
  };
  return [
    `# ${title}`,
    `\`${id}\`, said by ${by === "verifier" ? "the verifier" : by === "kernel" ? "the kernel" : by}. Usually: ${CLASS_NAMES[family.class]}.`,
    examples.map(({ text, from }) => `- \`${text}\` (${from})`).join("\n"),
    meaning,
    advice === "" ? "" : `**What to do:** ${advice}`,
    rules.length === 0 ? "" : `Found before it is built by: ${rules.map((rule) => `\`${rule}\``).join(", ")}.`,
  ]
    .filter((part) => part !== "")
    .join("\n\n")
    .concat("\n");
}
