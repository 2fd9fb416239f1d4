/** The block in which the newest kernels say why a program is refused: what, why, where, how it came about, what to do. */

import type { Block, BlockPlace } from "./log.ts";

export interface BlockReader {
  /** @returns whether the line is of a block */
  take(line: string): boolean;
  end(): Block | undefined;
}

type Section = "head" | "reason" | "at" | "lock" | "path" | "suggestion";

const HEAD = /^Verification failed: ([^:]{1,100})(?:: (.{0,500}))?$/;
const SECTIONS: Readonly<Record<string, Section>> = {
  "Reason:": "reason",
  "At:": "at",
  "Active lock:": "lock",
  "Causal path:": "path",
  "Suggestion:": "suggestion",
};
const PLACE = /^(?:(\S{1,255}) @ )?(.{1,4096}):(\d{1,9}):(\d{1,9})$/;
const INSTRUCTION = /^insn (\d{1,9})$/;
const LANE = /^(>>> {0,9})?(\d{1,9}) \| ?(.*)$/;
const NOTE = /^\|\s{0,200}\^-- ([^:]{1,40}): (.*)$/;
/** The kernel prints 64 events; what claims to have more is made up. */
const MOST_PLACES = 256;

interface Event extends BlockPlace {
  readonly label: string;
}

export function blockReader(): BlockReader {
  let first: Block | undefined;
  let section: Section | undefined;
  let current: Open | undefined;

  const close = (): void => {
    if (current !== undefined) first ??= finished(current);
    current = undefined;
    section = undefined;
  };
  return {
    take: (line) => {
      const text = line.trim();
      const head = HEAD.exec(text);
      if (head !== null) {
        close();
        current = opened(head);
        current.said.push(text);
        section = "head";
        return true;
      }
      if (current === undefined || section === undefined) return false;
      const next = SECTIONS[text];
      if (next !== undefined) section = next;
      else if (text === "") {
        // The last section ends with an empty line; the numbers or another message follow.
        if (section === "suggestion" && current.suggestion.length > 0) close();
        return true;
      } else if (section === "reason" || section === "suggestion") current[section].push(text);
      else if (section === "head") {
        // No section follows: the words are someone else's.
        close();
        return false;
      } else takePlace(current, section, text);
      current.said.push(line.trimEnd());
      return true;
    },
    end: () => {
      close();
      return first;
    },
  };
}

interface Open {
  readonly category: string;
  readonly problem: string;
  readonly reason: string[];
  readonly suggestion: string[];
  readonly at: Event[];
  readonly lock: Event[];
  readonly path: Event[];
  readonly said: string[];
  /** Which kind of lines is being listed. */
  listing: "source" | "instructions" | undefined;
}

function opened([, category = "", problem = ""]: RegExpExecArray): Open {
  const lists = { reason: [], suggestion: [], at: [], lock: [], path: [], said: [] };
  return { category, problem, ...lists, listing: undefined };
}

function takePlace(open: Open, section: "at" | "lock" | "path", text: string): void {
  const events = open[section];
  const place = placeIn(text);
  if (place !== undefined) {
    open.listing = undefined;
    if (events.length < MOST_PLACES) events.push({ ...place, note: "", label: "" });
    return;
  }
  if (text === "Source context:") open.listing = "source";
  else if (text === "Instruction context:") open.listing = "instructions";
  const last = events.at(-1);
  if (last !== undefined) events[events.length - 1] = { ...last, ...added(last, open.listing, text) };
}

function placeIn(text: string): Pick<BlockPlace, "function" | "source" | "instruction"> | undefined {
  const instruction = INSTRUCTION.exec(text);
  if (instruction !== null) return { function: undefined, source: undefined, instruction: Number(instruction[1]) };
  // What is shown of the source may look like anything.
  if (LANE.test(text) || text.startsWith("|")) return undefined;
  const place = PLACE.exec(text);
  if (place === null) return undefined;
  const [, name, file = "", line, column] = place;
  const source = { text: "", file, line: Number(line), column: Number(column) };
  return { function: name, source, instruction: undefined };
}

function added(place: Event, listing: Open["listing"], text: string): Partial<Event> {
  const lane = LANE.exec(text);
  if (lane !== null) {
    const [, marked, number, words = ""] = lane;
    if (marked === undefined) return {};
    if (listing === "instructions") return { instruction: Number(number) };
    return place.source === undefined ? {} : { source: { ...place.source, text: words.trim() } };
  }
  const note = NOTE.exec(text);
  if (note !== null) return { label: note[1] ?? "", note: note[2] ?? "" };
  // A long note goes on in the next line.
  if (text.startsWith("|") && place.note !== "") return { note: `${place.note} ${text.slice(1).trim()}` };
  return {};
}

function finished(open: Open): Block {
  const { category, problem, reason, suggestion, at, lock, path, said } = open;
  return {
    category,
    problem,
    reason: reason.join(" "),
    suggestion: suggestion.join(" "),
    at: at[0],
    path,
    ...(lock[0] === undefined ? {} : { lock: lock[0] }),
    said: said.join("\n"),
  };
}
