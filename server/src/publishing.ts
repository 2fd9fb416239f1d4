/** Findings are told as soon as there are some: of rules that only look with each key, of those that walk through programs when typing rests. */

import type { Diagnostic } from "vscode-languageserver-types";
import { type Finding, isAllowed } from "./analysis/lint.ts";
import { Earlier } from "./analysis/lint-again.ts";
import type { Rule } from "./analysis/rule.ts";
import { rules } from "./analysis/rules/index.ts";
import type { Snapshot } from "./analysis/snapshot.ts";
import { type Range, rangesTouch } from "./analysis/text.ts";
import { carried, type Looked } from "./carried.ts";
import { type Core, findingsInTurns, findingsOf, type LookedFor, MAX_LENGTH, tooLargeMessage } from "./core.ts";
import type { Documents } from "./documents.ts";
import { diagnostics, SOURCE } from "./features/diagnostics.ts";
import type { Host } from "./host.ts";
import { pauser } from "./pauser.ts";
import { scheduler } from "./schedule.ts";
import type { Own } from "./settings-reader.ts";

/** How often the first file is read again in advance, and how long requests have the word in between. */
const REHEARSALS = 6;
const REHEARSAL_PAUSE_MS = 20;
/** A longer file has warmed everything up by itself, and would keep requests waiting. */
const REHEARSED_LENGTH = 32 * 1024;

/** How long typing must rest before a file is read anew. */
const IDLE_MS = 500;
/** How long a file is open before its programs are walked through: what the editor asks of a new file is answered first. */
const OPENED_MS = 60;

/** With each key all rules run but those that have programs walked through, and those that take long. */
const QUICK = rules.filter((rule) => !waits(rule));
const WAITING: ReadonlySet<string> = new Set(rules.filter(waits).map(({ meta }) => meta.id));

export interface PublisherParts extends Pick<Host, "later" | "clearAway"> {
  readonly documents: Documents;
  /** What a file is judged with, and the file as it is now. */
  readonly prepared: (uri: string) => Promise<readonly [Core, Own]>;
  readonly snapshot: (uri: string, core: Core) => Promise<Snapshot | undefined>;
  /** Of some open files nothing is told. */
  readonly isLeftOut: (uri: string) => boolean;
  readonly explainCommand: () => string | undefined;
  readonly send: (found: Published) => Promise<void>;
  /** The first file was read again: what else it may serve for. */
  readonly rehearsed: (file: Snapshot, core: Core, own: Own) => void;
  readonly report: (what: string, error: unknown) => void;
}

export interface Published {
  readonly uri: string;
  readonly version?: number;
  readonly diagnostics: Diagnostic[];
}

export interface Publisher {
  /** Something may be different in a file. */
  soon(this: void, uri: string): void;
  /** Somebody types in it. */
  typed(uri: string): void;
  closed(uri: string): void;
  /** Anything may be different. */
  all(): void;
  /** Menus are asked for while somebody types: programs are walked through only for what is at the place, or for all there is. */
  findingsAt(
    file: Snapshot,
    range: Range,
    core: Core,
    own: Own,
    only: readonly string[] | undefined,
  ): readonly Finding[];
  stop(): void;
}

export function publisherOf(parts: PublisherParts): Publisher {
  const { documents, later, clearAway, prepared, snapshot, isLeftOut, explainCommand, send, rehearsed, report } = parts;

  const onCrash = (rule: string, error: unknown): void => report(`Rule ${rule}`, error);
  const findings = ({ model }: Snapshot, { kb }: Core, own: Own, how?: LookedFor): readonly Finding[] =>
    findingsOf(model, kb, own, onCrash, how);

  /** Files that somebody types in, and what was found in them last by rules that wait until they rest. */
  const typedIn = new Set<string>();
  const looked = new Map<string, Looked>();
  const carriedTo = ({ uri, text, lines, model }: Snapshot): readonly Finding[] => {
    const before = looked.get(uri);
    if (before === undefined) return [];
    // A comment that was just typed speaks of them as well.
    return carried(before, text, lines).filter((finding) => !isAllowed(finding, model.suppressions));
  };
  /** With most keys most rules would find the same again. */
  const earlier = new Map<string, Earlier>();
  const earlierOf = (uri: string): Earlier => {
    const known = earlier.get(uri) ?? new Earlier();
    earlier.set(uri, known);
    return known;
  };
  const quickFindings = (file: Snapshot, ready: Core, own: Own): readonly Finding[] => {
    // Where nobody types something else has changed, and all is looked for anew.
    const before = typedIn.has(file.uri) ? earlierOf(file.uri) : undefined;
    return [...findings(file, ready, own, { only: QUICK, earlier: before }), ...carriedTo(file)];
  };
  /** After the first turn what has come meanwhile is read, in the second it is taken up, before the third it is answered. */
  const requestsAnswered = async (): Promise<void> => {
    for (let turn = 0; turn < 3; turn++) await new Promise<void>(later);
  };
  /** Which files are being looked at, and as what. It is left at that when something else is to be looked at. */
  const looking = new Map<string, Snapshot>();
  const soon = (uri: string): void => {
    looking.delete(uri);
    schedule.soon(uri);
  };
  /** Undefined when it was left at that. A key that comes in the midst of it is not kept waiting. */
  const allFindings = async (file: Snapshot, { kb }: Core, own: Own): Promise<readonly Finding[] | undefined> => {
    const { uri, text, lines, model } = file;
    // Nothing that is said when typing rests depends on how it was typed.
    earlier.delete(uri);
    looking.set(uri, file);
    const turns = findingsInTurns(model, kb, own, onCrash, { earlier: earlierOf(uri) });
    const pause = pauser(requestsAnswered);
    for (;;) {
      const turn = turns.next();
      if (turn.done) {
        looking.delete(uri);
        looked.set(uri, { text, lines, findings: turn.value.filter(({ rule }) => WAITING.has(rule.id)) });
        return turn.value;
      }
      await pause();
      if (looking.get(uri) !== file) return undefined;
    }
  };

  const shown = (found: readonly Finding[] | undefined, uri: string, own: Own): Diagnostic[] | undefined =>
    found && diagnostics(shownBeside(found, own), { uri, explainCommand: explainCommand() });

  let isFirst = true;
  /** What rules find that only look is told first, what comes of walking through programs after that. */
  const publish = async (uri: string, look: "quickly" | "at all"): Promise<void> => {
    if (isLeftOut(uri)) return;
    const [ready, own] = await prepared(uri);
    const before = documents.version(uri);
    await requestsAnswered();
    // What has changed by then is looked at in a turn of its own, which the change has asked for.
    if (documents.version(uri) !== before) return;
    const file = await snapshot(uri, ready);
    const version = documents.version(uri);
    if (version === undefined) return;
    const found =
      file === undefined
        ? tooLarge(documents.length(uri))
        : shown(look === "quickly" ? quickFindings(file, ready, own) : await allFindings(file, ready, own), uri, own);
    if (found === undefined) return;
    await send({ uri, version, diagnostics: found });
    if (file !== undefined && look === "quickly") {
      schedule.whenIdle(uri, looked.has(uri) ? IDLE_MS : OPENED_MS);
      return;
    }
    if (isFirst) later(() => rehearse(uri, ready, own).catch((error) => report("Rehearsing", error)));
    isFirst = false;
  };
  /**
   * While the person looks at the first file. The next may need the parser, which takes longer to load than a file to read;
   * and what has run once or twice is several times slower than it will be, which would be felt with the first keys.
   */
  const rehearse = async (uri: string, ready: Core, own: Own): Promise<void> => {
    const syntax = await ready.syntax();
    if (documents.length(uri) > REHEARSED_LENGTH) return;
    const version = documents.version(uri);
    for (let i = 0; i < REHEARSALS; i++) {
      await new Promise<void>((resolve) => setTimeout(resolve, REHEARSAL_PAUSE_MS));
      if (documents.version(uri) !== version) return;
      const file = documents.rehearse(uri, syntax);
      // Like a file that is opened, and like one in which somebody types.
      if (file !== undefined) findings(file, ready, own, i % 2 === 0 ? {} : { earlier: new Earlier() });
    }
    const file = documents.current(uri);
    if (file !== undefined) rehearsed(file, ready, own);
    // What that has left would be cleared away while the next file is read.
    clearAway?.();
  };
  const schedule = scheduler(
    later,
    (uri) => publish(uri, "quickly"),
    (uri) => {
      documents.findLines(uri);
      if (typedIn.delete(uri)) documents.refresh(uri);
      return publish(uri, "at all");
    },
    (error) => report("Diagnostics", error),
  );

  return {
    soon,
    typed: (uri) => {
      typedIn.add(uri);
      soon(uri);
      schedule.whenIdle(uri, IDLE_MS);
    },
    closed: (uri) => {
      schedule.forget(uri);
      looking.delete(uri);
      typedIn.delete(uri);
      looked.delete(uri);
      earlier.delete(uri);
      send({ uri, diagnostics: [] }).catch((error) => report("Diagnostics", error));
    },
    all: () => {
      looked.clear();
      earlier.clear();
      documents.uris().forEach(soon);
    },
    findingsAt: (file, range, ready, own, only) => {
      const isAll = only?.some((kind) => kind.startsWith("source")) === true;
      const isQuick = !isAll && typedIn.has(file.uri) && !carriedTo(file).some((one) => rangesTouch(one.range, range));
      return findings(file, ready, own, isQuick ? { only: QUICK } : {});
    },
    stop: schedule.stop,
  };
}

/** Fixes are still offered for what is not shown: a server for C often has none. */
function shownBeside(found: readonly Finding[], { besideC }: Own): readonly Finding[] {
  return besideC !== undefined ? found.filter(({ rule }) => rule.saidByC !== true) : found;
}

function waits({ walks, slow }: Rule): boolean {
  return walks === true || slow === true;
}

function tooLarge(length: number) {
  const start = { line: 0, character: 0 };
  if (length <= MAX_LENGTH) return [];
  return [{ range: { start, end: start }, message: tooLargeMessage(length), severity: 3 as const, source: SOURCE }];
}
