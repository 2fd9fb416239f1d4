// @ts-check
/** Reads a hand-written note: a summary, then at most one mistake, one example and a list of fields. */

/** @typedef {import("../../server/src/analysis/knowledge/types.ts").Note} Note */
/** @typedef {{ text: string, line: number }} Line */
/** @typedef {{ heading: string, line: number, lines: Line[] }} Section */

const MAX_EXAMPLE_LINES = 8;
const HEADINGS = ["Mistake", "Example", "Fields"];

/**
 * @param {string} text
 * @param {string} file name for messages
 * @returns {Note & { names?: readonly string[] }} with the names it is for, where the note says them itself
 */
export function parseNote(text, file) {
  const [first, ...sections] = splitSections(text, file);
  const { names, head } = namesOf(first);
  const summary = paragraph(head.lines, "the summary", file);
  if (!summary) fail(file, 1, "has no summary: start with a paragraph that says what it does");
  /** @type {{ mistake?: string, example?: string, fields?: Record<string, string> }} */
  const rest = {};
  for (const section of sections) {
    if (section.heading === "Mistake") rest.mistake = mistake(section, file);
    else if (section.heading === "Fields") rest.fields = fields(section, file);
    else rest.example = example(section, file);
  }
  return { ...(names && { names }), summary, ...rest };
}

/** A first paragraph "For: `kprobe+`, `kretprobe+`" says whom a note for several is for. @param {Section} section @returns {{ names?: string[], head: Section }} */
function namesOf(section) {
  if (!section.lines[0]?.text.startsWith("For: ")) return { head: section };
  const end = section.lines.findIndex(({ text }) => text.trim() === "");
  const said = section.lines.slice(0, end).map(({ text }) => text);
  return {
    names: [...said.join(" ").matchAll(/`([^`]+)`/g)].map(([, name = ""]) => name),
    head: { ...section, lines: section.lines.slice(end + 1) },
  };
}

/** "- `field`: text", which may go on in the lines below. @param {Section} section @param {string} file */
function fields({ line, lines }, file) {
  /** @type {Record<string, string>} */
  const found = {};
  let current = "";
  for (const { text, line: at } of trimBlank(lines)) {
    const [, name, words] = /^- `(\w+)`: (\S.*)$/.exec(text) ?? [];
    if (name !== undefined && words !== undefined) {
      if (name in found) fail(file, at, `describes "${name}" twice`);
      current = name;
      found[name] = words;
    } else if (/^ {2}\S/.test(text) && current !== "") found[current] += ` ${text.trim()}`;
    else fail(file, at, 'is no field; write "- `name`: text", further lines two spaces in');
  }
  if (current === "") fail(file, line, "## Fields is empty");
  return found;
}

/**
 * @param {string} text
 * @param {string} file
 * @returns {[Section, ...Section[]]} the summary comes first, with an empty heading
 */
function splitSections(text, file) {
  let current = newSection("", 1);
  /** @type {[Section, ...Section[]]} */
  const sections = [current];
  let inCode = false;
  for (const [index, content] of text.split(/\r?\n/).entries()) {
    const line = index + 1;
    if (content.startsWith("```")) inCode = !inCode;
    const title = inCode ? undefined : /^#{1,6}\s+(.*?)\s*$/.exec(content);
    if (!title) {
      current.lines.push({ text: content, line });
      continue;
    }
    const heading = knownHeading(title[0].trimEnd(), file, line);
    if (sections.some((section) => section.heading === heading)) fail(file, line, `has a second "## ${heading}"`);
    current = newSection(heading, line);
    sections.push(current);
  }
  return sections;
}

/** @param {string} heading @param {number} line @returns {Section} */
function newSection(heading, line) {
  return { heading, line, lines: [] };
}

/** @param {string} written @param {string} file @param {number} line */
function knownHeading(written, file, line) {
  const heading = HEADINGS.find((known) => written === `## ${known}`);
  if (heading) return heading;
  return fail(file, line, `unknown heading "${written}"; a note has only ## Mistake, ## Example and ## Fields`);
}

/** @param {Section} section @param {string} file */
function mistake({ line, lines }, file) {
  return paragraph(lines, "## Mistake", file) || fail(file, line, "## Mistake is empty");
}

/** Joins the lines of one paragraph. @param {Line[]} lines @param {string} what @param {string} file */
function paragraph(lines, what, file) {
  const fence = lines.find(({ text }) => text.startsWith("```"));
  if (fence) fail(file, fence.line, `has code in ${what}; code goes under ## Example`);
  const body = trimBlank(lines);
  const gap = body.find(({ text }) => text.trim() === "");
  if (gap) fail(file, gap.line, `${what} is more than one paragraph`);
  return body.map(({ text }) => text.trim()).join(" ");
}

/** @param {Section} section @param {string} file */
function example({ line, lines }, file) {
  const body = trimBlank(lines);
  const [open, close] = [body.at(0), body.at(-1)];
  if (open?.text !== "```c" || close?.text !== "```") {
    return fail(file, open?.line ?? line, "## Example must be one code block from ```c to ```");
  }
  const code = trimBlank(body.slice(1, -1));
  const fence = code.find(({ text }) => text.startsWith("```"));
  if (fence) fail(file, fence.line, "## Example has more than one code block");
  if (code.length === 0) fail(file, line, "## Example is empty");
  if (code.length > MAX_EXAMPLE_LINES) {
    fail(file, line, `## Example has ${code.length} lines; at most ${MAX_EXAMPLE_LINES} are shown on hover`);
  }
  return code.map(({ text }) => text.trimEnd()).join("\n");
}

/** @param {Line[]} lines */
function trimBlank(lines) {
  const first = lines.findIndex(({ text }) => text.trim() !== "");
  const last = lines.findLastIndex(({ text }) => text.trim() !== "");
  return first < 0 ? [] : lines.slice(first, last + 1);
}

/** @param {string} file @param {number} line @param {string} problem @returns {never} */
function fail(file, line, problem) {
  throw new Error(`${file}:${line}: ${problem}`);
}
