/** The project file `hookpoint.json`: found beside a source file or in a folder above it. */

import type { Host } from "./host.ts";

export const PROJECT_FILE = "hookpoint.json";

export interface Project {
  readonly uri: string;
  readonly content: unknown;
  /** Why the file could not be read, in words for the user. */
  readonly problem?: string;
}

export interface Projects {
  /** The nearest project file for a source file; undefined when there is none. */
  of(uri: string): Promise<Project | undefined>;
  /** Forgets what was read. */
  clear(): void;
}

export function projects(host: Pick<Host, "readText">): Projects {
  const byFolder = new Map<string, Promise<Project | undefined>>();
  const inFolder = (folder: string): Promise<Project | undefined> => {
    const known = byFolder.get(folder);
    if (known !== undefined) return known;
    const found = readProject(host, folder).then((project) => {
      const above = parentOf(folder);
      return project ?? (above === undefined ? undefined : inFolder(above));
    });
    byFolder.set(folder, found);
    return found;
  };
  return {
    of: async (uri) => {
      const folder = parentOf(uri);
      return folder === undefined ? undefined : inFolder(folder);
    },
    clear: () => byFolder.clear(),
  };
}

async function readProject(host: Pick<Host, "readText">, folder: string): Promise<Project | undefined> {
  const uri = `${folder}/${PROJECT_FILE}`;
  const text = await host.readText(uri);
  if (text === undefined) return undefined;
  try {
    const content: unknown = JSON.parse(text);
    if (typeof content === "object" && content !== null && !Array.isArray(content)) return { uri, content };
    return { uri, content: undefined, problem: `${PROJECT_FILE} holds no settings: it must be an object, { … }.` };
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return {
      uri,
      content: undefined,
      problem: `${PROJECT_FILE} is not valid JSON: ${reason}. Its settings are ignored.`,
    };
  }
}

/** `file:///a/b` for `file:///a/b/c.c`; undefined at the top, and for documents that are in no folder. */
export function parentOf(uri: string): string | undefined {
  const slash = uri.lastIndexOf("/");
  const root = uri.indexOf("://");
  return root === -1 || slash < root + 3 ? undefined : uri.slice(0, slash);
}
