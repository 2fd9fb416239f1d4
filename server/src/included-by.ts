/** Whether another source takes a file in: then what it lacks may stand there. */

import { includeLines } from "./analysis/header.ts";
import type { Host } from "./host.ts";
import { encoded, normalized, parentOf } from "./uris.ts";

/** A source lies beside its parts, or above them. */
const LEVELS = 4;
/** Folders with more are no place of one program in several parts. */
const MAX_FILES = 400;
const MAX_LENGTH = 512 * 1024;

/** The section, a variable in it, a macro that makes one; not the words at the top of most files. */
const LICENCE = /"license"|[Ll][Ii][Cc][Ee][Nn][CcSs][Ee]\w*\[/;
const HAS_PROGRAMS = /\b(?:SEC|section|__section)\s*\(/;

export interface Includers {
  /** Whether it is worth asking, by the text alone: most files say what their licence is. */
  asks(uri: string, text: string): boolean;
  has(uri: string): Promise<boolean>;
  forget(): void;
}

type Parts = Pick<Host, "listFiles" | "readText">;

/** @param parts without them nobody can look */
export function includersOf(parts: Partial<Parts>): Includers {
  const { listFiles, readText } = parts;
  const included = new Map<string, Promise<readonly string[]>>();
  const includedIn = async (source: string): Promise<readonly string[]> => {
    const text = (await readText?.(source, MAX_LENGTH)) ?? "";
    const folder = parentOf(source);
    return includeLines(text).flatMap(({ path }) =>
      path.endsWith(".c") ? [normalized(`${folder}/${encoded(path)}`)] : [],
    );
  };
  return {
    asks: (uri, text) =>
      listFiles !== undefined && uri.endsWith(".c") && !LICENCE.test(text) && HAS_PROGRAMS.test(text),
    has: async (uri) => {
      let folder = parentOf(uri);
      for (let level = 0; level < LEVELS && folder.includes("://") && !folder.endsWith(":/"); level++) {
        const sources = (await listFiles?.(folder, [".c"], MAX_FILES, { isDeep: false })) ?? [];
        for (const source of sources) {
          const paths = included.get(source) ?? includedIn(source);
          included.set(source, paths);
          if ((await paths).includes(uri)) return true;
        }
        folder = parentOf(folder);
      }
      return false;
    },
    forget: () => included.clear(),
  };
}
