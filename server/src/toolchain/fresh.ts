/**
 * Whether an object is what a build would make again. Dates say too little: a new header may stand before the one that was
 * read. So the compiler's preprocessor is asked, which takes a seventh of the time of a build, and everything that goes into
 * the object counts: the command, the compiler, what the preprocessor made, and the bytes of every file it read, since
 * comments and columns are in the object too. What is remembered lies in the user's cache folder, and not beside the object.
 */

import { createHash, type Hash } from "node:crypto";
import { mkdtemp, readdir, readFile, rm, stat, unlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { cacheFolder } from "./cache-folder.ts";
import type { Work } from "./choices.ts";
import { bytesOfEscaped } from "./escaped.ts";
import type { Plan } from "./plan.ts";
import { step } from "./step.ts";
import { writeWhole } from "./write.ts";

export interface Inputs {
  /** Another one for whatever would make another object. */
  readonly id: string;
  /** When each file that is read was written. */
  readonly written: ReadonlyMap<string, string>;
}

/** What a build would be made of; undefined where that cannot be said, and the build must be made. */
export async function inputsOf(plan: Plan, work: Pick<Work, "log" | "signal">): Promise<Inputs | undefined> {
  const folder = await mkdtemp(join(tmpdir(), "hookpoint-"));
  try {
    const expanded = join(folder, "expanded.i");
    const { code } = await step(plan.program, [...plan.flags, "-E", plan.source, "-o", expanded], quiet(work), {
      cwd: plan.cwd,
      env: COMPILER_ENVIRONMENT,
    });
    if (code !== 0) return undefined;
    return await read(plan, await readFile(expanded));
  } catch (error) {
    // `#line` may name a file that is not there, or is none.
    if (isOfFiles(error)) return undefined;
    throw error;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function isOfFiles(error: unknown): boolean {
  const { code } = error as NodeJS.ErrnoException;
  return code === "ENOENT" || code === "EACCES" || code === "EISDIR" || code === "ENOTDIR";
}

/** Messages are read, so they must be in English. */
export const COMPILER_ENVIRONMENT = { LC_ALL: "C" };

/** What the compiler printed when it made this very object of these inputs; undefined where it did not. */
export async function keptOutput(object: string, { id }: Inputs): Promise<string | undefined> {
  try {
    const kept: unknown = JSON.parse(await readFile(recordOf(object), "utf8"));
    if (!isRecord(kept) || kept.inputs !== id) return undefined;
    // Somebody else may have built it since.
    return kept.made === (await hashOfFile(object)) ? kept.output : undefined;
  } catch {
    return undefined;
  }
}

/** Remembers a build, unless something was saved while it ran: that may or may not be in the object. */
export async function keep(object: string, { id, written }: Inputs, output: string): Promise<void> {
  try {
    for (const [file, before] of written) if ((await dateOf(file)) !== before) return;
    const kept: Kept = { inputs: id, output, made: await hashOfFile(object) };
    await writeWhole(recordOf(object), JSON.stringify(kept));
    await tidy();
  } catch {
    // A home that cannot be written to: the next build is made again.
  }
}

interface Kept {
  readonly inputs: string;
  readonly output: string;
  /** The object's bytes. */
  readonly made: string;
}

function isRecord(value: unknown): value is Kept {
  if (typeof value !== "object" || value === null) return false;
  const { inputs, output, made } = value as Readonly<Record<string, unknown>>;
  return typeof inputs === "string" && typeof output === "string" && typeof made === "string";
}

/** Changes when what is kept changes its meaning. */
const FORM = "1";
/** Compilers look for headers there too, and GCC for itself. */
const VARIABLES = [
  "CPATH",
  "C_INCLUDE_PATH",
  "SOURCE_DATE_EPOCH",
  "GCC_EXEC_PREFIX",
  "COMPILER_PATH",
  "CCC_OVERRIDE_OPTIONS",
];

async function read(plan: Plan, expanded: Buffer): Promise<Inputs | undefined> {
  // The assembler reads such a file by itself.
  if (expanded.includes(".incbin")) return undefined;
  const hash = createHash("sha256");
  const { mtimeMs, size } = await stat(plan.program);
  const given = VARIABLES.map((name) => process.env[name] ?? null);
  add(
    hash,
    JSON.stringify([FORM, plan.program, plan.version, mtimeMs, size, plan.cwd, plan.flags, plan.source, given]),
  );
  add(hash, expanded);
  const written = new Map<string, string>();
  for (const file of filesIn(expanded, plan.cwd)) {
    written.set(file, await dateOf(file));
    add(hash, file);
    add(hash, await readFile(file));
  }
  return { id: hash.digest("hex"), written };
}

async function dateOf(file: string): Promise<string> {
  const { mtimeNs, ino, size } = await stat(file, { bigint: true });
  return `${mtimeNs} ${ino} ${size}`;
}

/** With its length, so that two pieces cannot be taken for others of the same text. */
function add(hash: Hash, piece: string | Buffer): void {
  hash.update(`${Buffer.byteLength(piece)}:`).update(piece);
}

/** Every file that a line marker names: `# 1 "./a.h" 1`. */
function filesIn(expanded: Buffer, cwd: string): readonly string[] {
  const files = new Set<string>();
  for (const [, name = ""] of expanded.toString("latin1").matchAll(/^# \d+ "((?:\\.|[^"\\\n])*)"/gm)) {
    const file = bytesOfEscaped(Buffer.from(name, "latin1").toString("utf8"));
    if (!/^<.*>$/.test(file) && !file.endsWith("//")) files.add(resolve(cwd, file));
  }
  return [...files].sort();
}

function recordOf(object: string): string {
  return join(cacheFolder("builds"), `${createHash("sha256").update(resolve(object)).digest("hex").slice(0, 32)}.json`);
}

async function hashOfFile(path: string): Promise<string> {
  return createHash("sha256")
    .update(await readFile(path))
    .digest("hex");
}

const MOST_RECORDS = 2000;

/** The oldest half goes when there are too many: a lost one costs one build. */
async function tidy(): Promise<void> {
  const folder = cacheFolder("builds");
  const names = await readdir(folder);
  if (names.length <= MOST_RECORDS) return;
  const dated = await Promise.all(names.map(async (name) => ({ name, at: (await stat(join(folder, name))).mtimeMs })));
  dated.sort((a, b) => a.at - b.at);
  for (const { name } of dated.slice(0, MOST_RECORDS / 2)) await unlink(join(folder, name));
}

/** What it prints is printed again by the build. */
function quiet({ signal }: Pick<Work, "signal">): Pick<Work, "log" | "signal"> {
  return { signal, log: () => undefined };
}
