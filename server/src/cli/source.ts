/** Reading what the command line was given: a source file, checked, with its settings and its headers. */

import { isUtf8 } from "node:buffer";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { type Built, buildModel } from "../analysis/model.ts";
import { printable } from "../analysis/printable.ts";
import { rules } from "../analysis/rules/index.ts";
import type { Syntax } from "../analysis/syntax/tree.ts";
import { type Core, loadCore, MAX_LENGTH, syntaxFor, tooLargeMessage } from "../core.ts";
import { readFile, stat } from "../disk.ts";
import { nodeHost } from "../files.ts";
import { type HeaderFollower, headerFollower } from "../headers.ts";
import { type LoadersInUse, loadersInUse } from "../loader-in-use.ts";
import { type ProfileReader, profileReader } from "../profiles.ts";
import { type Project, type Projects, projects } from "../project.ts";
import { readSettings, type Settings, targetSetting } from "../settings.ts";

/** A mistake of the caller's, to be told without a stack. */
export class BadUse extends Error {}

/** What every command needs, loaded once. */
export interface Tools {
  readonly core: Core;
  readonly project: Projects;
  readonly loaders: LoadersInUse;
  readonly headers: HeaderFollower;
  readonly kernels: ProfileReader;
  /** Settings by project file, loader and command line: most files share theirs. */
  readonly settings: Map<string, Promise<Settings>>;
}

export async function loadTools(): Promise<Tools> {
  const host = nodeHost(join(__dirname, ".."));
  return {
    core: await loadCore(host),
    project: projects(host),
    loaders: loadersInUse(host),
    headers: headerFollower(host),
    kernels: profileReader(host),
    settings: new Map(),
  };
}

/** Builds the model of a file and hands it to `use`. */
export async function withModel<T>(
  path: string,
  { core, headers }: Tools,
  use: (built: Built) => T,
  syntaxOf: (text: string, core: Core) => Promise<Syntax | undefined> = syntaxFor,
): Promise<T> {
  const { text } = await readSource(path);
  const uri = pathToFileURL(path).href;
  const found = await headers.follow(uri, text);
  headers.leave(uri);
  const built = buildModel(text, await syntaxOf(text, core), { headers: found });
  try {
    return use(built);
  } finally {
    built.tree.dispose();
  }
}

/** The project's settings for a file; what was given on the command line wins over them. */
export async function settingsFor(uri: string, tools: Tools, given: object | undefined): Promise<Settings> {
  const found = await tools.project.of(uri);
  if (found?.problem !== undefined) throw new Error(found.problem);
  const loader = await tools.loaders.of(uri);
  const key = JSON.stringify([found?.uri, loader, given]);
  const known = tools.settings.get(key) ?? settingsIn(found, loader, tools, given);
  tools.settings.set(key, known);
  return known;
}

async function settingsIn(
  found: Project | undefined,
  loader: string | undefined,
  tools: Tools,
  given: object | undefined,
): Promise<Settings> {
  const content = typeof found?.content === "object" ? found.content : {};
  const base = given === undefined ? found?.uri : undefined;
  const settings = await settingsOf({ ...content, ...given }, tools, { base, loader });
  if (settings.problems.length > 0) throw new Error(`hookpoint.json: ${settings.problems.join(" ")}`);
  return settings;
}

/** Settings with what their targets stand for; a relative file of theirs lies beside `base`. */
export async function settingsOf(
  content: object,
  { core, kernels }: { readonly core: Pick<Core, "kb">; readonly kernels: ProfileReader },
  { base = HERE(), loader }: { readonly base?: string | undefined; readonly loader?: string | undefined } = {},
): Promise<Settings> {
  const profiles = await kernels.of(targetSetting(content), base);
  return readSettings(undefined, content, {
    distribution: core.kb.distribution,
    profile: (label) => profiles.get(label),
    rules: rules.map(({ meta }) => meta.id),
    loader,
  });
}

const HERE = (): string => `${pathToFileURL(process.cwd()).href}/`;

export interface SourceText {
  readonly text: string;
  /** A byte order mark, or nothing: editors hide it, so positions must not count it. */
  readonly mark: "" | "\ufeff";
}

export async function readSource(path: string): Promise<SourceText> {
  const info = await stat(path);
  if (info.isDirectory()) throw new Error("is a folder; give the files in it");
  if (!info.isFile()) throw new Error("is no file but a device, a pipe or a socket");
  if (info.size > MAX_LENGTH) throw new Error(tooLargeMessage(info.size));
  const bytes = await readFile(path);
  if (bytes.includes(0)) throw new Error("is a binary file, not C source");
  if (!isUtf8(bytes)) throw new Error(`is not UTF-8: line ${firstBadLine(bytes)} has bytes that mean nothing in it`);
  const text = new TextDecoder().decode(bytes);
  return { text, mark: bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf ? "\ufeff" : "" };
}

/** A line break is never a part of another character, so lines can be looked at one by one. */
function firstBadLine(bytes: Uint8Array): number {
  let start = 0;
  for (let line = 1; ; line++) {
    const next = bytes.indexOf(0x0a, start);
    if (next === -1 || !isUtf8(bytes.subarray(start, next))) return line;
    start = next + 1;
  }
}

export function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { code } = error as NodeJS.ErrnoException;
  if (code === "ENOENT") return "there is no such file";
  if (code === "ELOOP") return "is a link that leads to itself";
  if (code === "EACCES") return "may not be read (permission denied)";
  return error.message;
}

/** What is for programs, or ours alone. */
export function print(text: string): void {
  process.stdout.write(text);
}

/** What is for people, and may hold what others have written: names in objects, what kernels and other machines say. */
export function show(text: string): void {
  print(printable(text));
}

export function complain(text: string): void {
  process.stderr.write(`${printable(text)}\n`);
}

/** Runs `work` for each file; one that cannot be read is named and does not stop the others. */
export async function forEachFile(
  files: readonly string[],
  work: (path: string) => Promise<void>,
): Promise<{ readonly failed: boolean }> {
  let failed = false;
  for (const path of files) {
    try {
      await work(path);
    } catch (error) {
      complain(`${path}: ${reasonOf(error)}`);
      failed = true;
    }
  }
  return { failed };
}
