/** What one subject, such as XDP or ring buffers, adds to a loader in C: every file beside this one makes one of these. */

import type { Description, ProgramDescription } from "../../analysis/describe.ts";

/** What is known of the source: `hookpoint model --format json` prints it, see server/docs/model.md. */
export type LoaderModel = Pick<Description, "programs" | "maps" | "globals" | "calls" | "includes" | "outside">;

export interface LoaderNames {
  /** What the loader is called when it has been compiled: `execwatch`. */
  readonly program: string;
  /** The name that the skeleton was given: `execwatch_bpf`. */
  readonly skeleton: string;
  /** The skeleton's header, as the loader includes it: `execwatch.skel.h`. */
  readonly header: string;
  /** The source of the BPF object, as people know it: `execwatch.bpf.c`. */
  readonly source: string;
  /** The folder that the loader is written to, from which headers are included. */
  readonly folder: string;
}

export interface Loader {
  readonly model: LoaderModel;
  readonly names: LoaderNames;
  /** Those that are loaded, less those that only other programs call. */
  readonly programs: readonly ProgramDescription[];
}

export interface Part {
  /** `<net/if.h>`. */
  readonly includes?: readonly string[];
  readonly options?: readonly Option[];
  /** Variables and functions, before everything that uses them. */
  readonly declarations?: readonly string[];
  /** Statements between opening and loading; `skel` and `err` are at hand, and an error is returned. */
  readonly prepare?: readonly string[];
  /** As `prepare`, when everything is loaded. */
  readonly attach?: readonly string[];
  /** As `prepare`; waits for up to 100 ms. */
  readonly poll?: readonly string[];
  /** Prints what maps hold; `skel` is at hand. */
  readonly report?: readonly string[];
  /** Gives back what the skeleton does not know of. */
  readonly detach?: readonly string[];
  /** What to do when the kernel refuses: a condition on `err`, and what to tell. */
  readonly advice?: readonly { readonly when: string; readonly text: string }[];
  /** What the person should know before reading on. */
  readonly notes?: readonly string[];
  /** It does its work once, so that there is nothing to wait for. */
  readonly once?: true;
}

export interface Option {
  readonly name: string;
  readonly short?: string;
  /** What stands behind it, `IFACE`; a mere switch has none. */
  readonly argument?: string;
  readonly help: string;
  /** Statements that take it from `optarg`; `skel` is at hand. */
  readonly take: readonly string[];
  /** The condition under which it is missing, and why it is needed. */
  readonly missing?: { readonly when: string; readonly text: string };
}

/** Takes what several parts ask for alike once. */
export function once<T>(items: readonly T[]): readonly T[] {
  const seen = new Set<string>();
  return items.filter((item) => {
    const key = JSON.stringify(item);
    return !seen.has(key) && seen.add(key) !== undefined;
  });
}

export const indent = (lines: readonly string[]): readonly string[] =>
  lines.flatMap((text) => text.split("\n")).map((line) => (line === "" || line.startsWith("#") ? line : `\t${line}`));

/** A text as C writes it. */
export function quoted(text: string): string {
  // Nothing but ASCII, and no trigraphs: what people name their files is in here.
  const bytes = [...new TextEncoder().encode(text)];
  return `"${bytes.map(inString).join("")}"`;
}

function inString(byte: number): string {
  const character = String.fromCharCode(byte);
  if (character === "\n") return "\\n";
  if (character === '"' || character === "\\") return `\\${character}`;
  return byte >= 0x20 && byte < 0x7f && character !== "?" ? character : `\\${byte.toString(8).padStart(3, "0")}`;
}

/** The statement that attaches a program by a call which gives a link; the skeleton gives it back. */
export function linkBy({ name }: ProgramDescription, call: string, where: string): string {
  return `skel->links.${name} = ${call};
if (!skel->links.${name})
	return fail("${name} cannot be attached ${where}", -errno);`;
}
