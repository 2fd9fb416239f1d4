/** The edge to LSP: method → feature, one line each. Everything that thinks is elsewhere. */

import {
  type ClientCapabilities,
  CodeActionKind,
  type CodeActionParams,
  type CompletionParams,
  type Connection,
  DidChangeConfigurationNotification,
  DidChangeWatchedFilesNotification,
  FileChangeType,
  type FileEvent,
  type InitializeParams,
  type InitializeResult,
  SemanticTokensRangeRequest,
  SemanticTokensRequest,
  TextDocumentSyncKind,
} from "vscode-languageserver";
import type { Description } from "./analysis/describe.ts";
import { explain } from "./analysis/explain.ts";
import type { Finding } from "./analysis/lint.ts";
import type { Rule } from "./analysis/rule.ts";
import { rules } from "./analysis/rules/index.ts";
import type { Snapshot } from "./analysis/snapshot.ts";
import { carried, type Looked } from "./carried.ts";
import { type Core, findingsOf, loadCore, MAX_LENGTH, syntaxFor, tooLargeMessage } from "./core.ts";
import { description } from "./description.ts";
import { Documents } from "./documents.ts";
import { codeActions, FIX_ALL } from "./features/code-actions.ts";
import type { ListClient } from "./features/complete/item.ts";
import { completion, originOf, resolveCompletion } from "./features/completion.ts";
import { type DiagnosticsOptions, diagnostics, SOURCE } from "./features/diagnostics.ts";
import { documentSymbols } from "./features/document-symbols.ts";
import { hover } from "./features/hover.ts";
import { officialComments } from "./features/official.ts";
import { LEGEND, semanticTokens } from "./features/semantic-tokens.ts";
import { signatureHelp } from "./features/signature-help.ts";
import { headerFollower } from "./headers.ts";
import type { Host } from "./host.ts";
import { profileReader } from "./profiles.ts";
import { PROJECT_FILE, projects } from "./project.ts";
import {
  type ClientAbilities,
  EXPLAIN_REQUEST,
  type ExplainParams,
  type Explanation,
  MODEL_REQUEST,
  type ModelParams,
  STATUS_REQUEST,
  type Status,
} from "./protocol.ts";
import { readSettings, type Settings, targetSetting } from "./settings.ts";

/** How often the first file is read again in advance, and how long requests have the word in between. */
const REHEARSALS = 6;
const REHEARSAL_PAUSE_MS = 20;
/** A longer file has warmed everything up by itself, and would keep requests waiting. */
const REHEARSED_LENGTH = 32 * 1024;

/** How long typing must rest before a file is read anew. */
const IDLE_MS = 500;

/** With each key all rules run but those that have programs walked through. */
const QUICK = rules.filter(({ walks }) => walks !== true);
const WAITING: ReadonlySet<string> = new Set(rules.flatMap(({ meta, walks }) => (walks === true ? [meta.id] : [])));

export function startServer(connection: Connection, host: Host): void {
  const documents = new Documents();
  const settings = settingsReader(connection, host, () => loaded());
  // A header that is open counts as it is in the editor, saved or not.
  const official = commentsReader(host);
  const headers = headerFollower({
    readText: async (uri, limit) => documents.text(uri) ?? host.readText(uri, limit),
  });
  let core: Promise<Core> | undefined;
  const loaded = (): Promise<Core> => {
    core ??= loadCore(host);
    return core;
  };
  const report = (what: string, error: unknown): void => {
    connection.console.error(
      `${what} failed: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`,
    );
  };

  /** The file as it is now, with its headers read. */
  const snapshot = async (uri: string, ready: Core): Promise<Snapshot | undefined> => {
    const known = documents.current(uri);
    if (known !== undefined) return known;
    const text = documents.text(uri);
    if (text === undefined || text.length > MAX_LENGTH) return undefined;
    const following = headers.follow(uri, text);
    const [found, syntax] = await Promise.all([following, syntaxFor(text, ready)]);
    // While that was read the file or a header may have changed: then what is known is of the past, and we look again.
    if (documents.text(uri) !== text || headers.follow(uri, text) !== following) return snapshot(uri, ready);
    documents.setHeaders(uri, found);
    return documents.snapshot(uri, syntax);
  };

  /** The file is read while the editor is asked for its settings. */
  const prepared = async (uri: string): Promise<readonly [Core, Settings]> => {
    const own = settings.of(uri);
    const ready = await loaded();
    await snapshot(uri, ready);
    return [ready, await own];
  };

  /** Finds the snapshot, guards, logs: a crash costs one answer. */
  function answer<P extends { readonly textDocument: { readonly uri: string } }, R>(
    what: string,
    fallback: R,
    ask: (file: Snapshot, params: P, core: Core, settings: Settings) => R | Promise<R>,
  ): (params: P) => Promise<R> {
    return async (params) => {
      try {
        const { uri } = params.textDocument;
        if (documents.version(uri) === undefined) return fallback;
        const [ready, own] = await prepared(uri);
        const file = await snapshot(uri, ready);
        return file === undefined ? fallback : await ask(file, params, ready, own);
      } catch (error) {
        report(what, error);
        return fallback;
      }
    };
  }

  const findings = ({ model }: Snapshot, { kb }: Core, own: Settings, only?: readonly Rule[]): readonly Finding[] =>
    findingsOf(model, kb, own, (rule, error) => report(`Rule ${rule}`, error), only);

  /** Files that somebody types in, and what was found in them last by rules that wait until they rest. */
  const typedIn = new Set<string>();
  const looked = new Map<string, Looked>();
  const findingsFor = (file: Snapshot, ready: Core, own: Settings): readonly Finding[] => {
    const { uri, text, lines } = file;
    const before = typedIn.has(uri) ? looked.get(uri) : undefined;
    if (before !== undefined) return [...findings(file, ready, own, QUICK), ...carried(before, text, lines)];
    const found = findings(file, ready, own);
    looked.set(uri, { text, lines, findings: found.filter(({ rule }) => WAITING.has(rule.id)) });
    return found;
  };

  let listClient: ListClient = {};
  let explainCommand: string | undefined;
  const linking = (uri: string): DiagnosticsOptions => ({ uri, explainCommand });

  /** After the first turn what has come meanwhile is read, in the second it is taken up, before the third it is answered. */
  const requestsAnswered = async (): Promise<void> => {
    for (let turn = 0; turn < 3; turn++) await new Promise<void>(host.later);
  };

  let isFirst = true;
  const publish = async (uri: string): Promise<void> => {
    const [ready, own] = await prepared(uri);
    const before = documents.version(uri);
    await requestsAnswered();
    // What has changed by then is looked at in a turn of its own, which the change has asked for.
    if (documents.version(uri) !== before) return;
    const file = await snapshot(uri, ready);
    const version = documents.version(uri);
    if (version === undefined) return;
    const found =
      file === undefined ? tooLarge(documents.length(uri)) : diagnostics(findingsFor(file, ready, own), linking(uri));
    await connection.sendDiagnostics({ uri, version, diagnostics: found });
    if (isFirst) host.later(() => rehearse(uri, ready, own).catch((error) => report("Rehearsing", error)));
    isFirst = false;
  };
  /**
   * While the person looks at the first file. The next may need the parser, which takes longer to load than a file to read;
   * and what has run once or twice is several times slower than it will be, which would be felt with the first keys.
   */
  const rehearse = async (uri: string, ready: Core, own: Settings): Promise<void> => {
    const syntax = await ready.syntax();
    if (documents.length(uri) > REHEARSED_LENGTH) return;
    const version = documents.version(uri);
    for (let i = 0; i < REHEARSALS; i++) {
      await new Promise<void>((resolve) => setTimeout(resolve, REHEARSAL_PAUSE_MS));
      if (documents.version(uri) !== version) return;
      const file = documents.rehearse(uri, syntax);
      if (file !== undefined) findings(file, ready, own);
    }
    rehearseName(uri, ready, own);
  };
  /** As if the first name that is called were being typed. Once: what it leaves to be cleared away would hold up the next file. */
  const rehearseName = (uri: string, { kb }: Core, own: Settings): void => {
    const file = documents.current(uri);
    const start = file?.model.calls[0]?.range.start;
    if (file && start) completion(file, kb, { ...start, character: start.character + 1 }, own, listClient);
  };
  const schedule = scheduler(
    host.later,
    (uri) => publish(uri).catch((error) => report("Diagnostics", error)),
    async (uri) => {
      typedIn.delete(uri);
      documents.refresh(uri);
      await publish(uri);
    },
    (error) => report("Diagnostics", error),
  );
  /** A header that is opened, edited or closed may hold another text than before, on disk or not. */
  const headerMayDiffer = (uri: string, again: (uri: string) => void): void => {
    headers.forget(uri);
    const including = documents.including(uri);
    documents.forgetSnapshots(including);
    including.forEach(again);
  };
  const publishAll = (): void => documents.uris().forEach(schedule.soon);

  connection.onInitialize((params) => {
    settings.initialize(params);
    listClient = listClientOf(params.capabilities);
    explainCommand = (params.initializationOptions as ClientAbilities | undefined)?.explainCommand;
    return initializeResult(host);
  });
  connection.onInitialized(() => {
    settings.register();
    loaded().catch((error) => report("Loading the parser and the knowledge base", error));
  });
  connection.onShutdown(() => schedule.stop());

  connection.onDidOpenTextDocument(({ textDocument: { uri, languageId, version, text } }) => {
    documents.add(uri, languageId, version, text);
    // What goes wrong there is told by the diagnostics, which ask for the same.
    settings.of(uri).catch(() => undefined);
    // A turn later the question is on its way, and the file is read in the meantime.
    host.later(() => schedule.soon(uri));
    headerMayDiffer(uri, schedule.soon);
  });
  connection.onDidChangeTextDocument(({ textDocument: { uri, version }, contentChanges }) => {
    documents.change(uri, version, contentChanges);
    typedIn.add(uri);
    schedule.soon(uri);
    schedule.whenIdle(uri);
    headerMayDiffer(uri, schedule.soon);
  });
  connection.onDidCloseTextDocument(({ textDocument: { uri } }) => {
    documents.remove(uri);
    schedule.forget(uri);
    typedIn.delete(uri);
    looked.delete(uri);
    headers.leave(uri);
    headerMayDiffer(uri, schedule.soon);
    connection.sendDiagnostics({ uri, diagnostics: [] });
  });
  connection.onDidChangeConfiguration(({ settings: pushed }) => {
    settings.changed(pushed);
    publishAll();
  });
  connection.onDidChangeWatchedFiles(({ changes }) => {
    // A header that appears or goes may be found where another one was, and settings may change anything.
    const isIncluded = ({ uri, type }: FileEvent): boolean =>
      type === FileChangeType.Changed && documents.including(uri).length > 0;
    if (changes.every(isIncluded)) {
      for (const { uri } of changes) headerMayDiffer(uri, schedule.soon);
      return;
    }
    if (changes.some(({ uri }) => uri.endsWith(PROJECT_FILE))) settings.changed();
    headers.forget();
    documents.forgetSnapshots(documents.uris());
    publishAll();
  });

  connection.onHover(
    answer("Hover", null, async (file, { position }, { kb }, own) => {
      const comments = own.officialComment ? await official() : undefined;
      return hover(file, kb, position, { ...own, ...(comments && { official: (name) => comments.get(name) }) });
    }),
  );
  connection.onCompletion(
    answer("Completion", null, (file, { position, context }: CompletionParams, { kb }, own) =>
      completion(file, kb, position, own, { ...listClient, typed: context?.triggerCharacter }),
    ),
  );
  connection.onCompletionResolve((item) => {
    const resolve = answer("Completion details", item, (file, _, { kb }, own) =>
      resolveCompletion(file, kb, item, own),
    );
    return resolve({ textDocument: { uri: originOf(item) } });
  });
  connection.onSignatureHelp(
    answer("Signature help", null, (file, { position }, { kb }, own) => signatureHelp(file, kb, position, own)),
  );
  connection.onDocumentSymbol(answer("Document symbols", null, (file) => documentSymbols(file)));
  connection.onCodeAction(
    answer("Code actions", null, (file, { range, context: { only } }: CodeActionParams, ready, own) =>
      codeActions(file, findings(file, ready, own), range, { ...linking(file.uri), only }),
    ),
  );
  connection.onRequest(
    SemanticTokensRequest.type,
    answer("Semantic tokens", null, (file, _, { kb }) => semanticTokens(file, kb)),
  );
  connection.onRequest(
    SemanticTokensRangeRequest.type,
    answer("Semantic tokens", null, (file, { range }, { kb }) => semanticTokens(file, kb, range)),
  );
  connection.onRequest(EXPLAIN_REQUEST, ({ rule }: ExplainParams) => explanations(rule));
  connection.onRequest(MODEL_REQUEST, async ({ uri }: ModelParams): Promise<Description | null> => {
    try {
      const text = documents.text(uri) ?? (await host.readText(uri, MAX_LENGTH));
      return text === undefined ? null : await description(uri, text, { core: await loaded(), headers });
    } catch (error) {
      report("The description of a file", error);
      return null;
    } finally {
      if (documents.version(uri) === undefined) headers.leave(uri);
    }
  });
  connection.onRequest(
    STATUS_REQUEST,
    (): Status => ({ pid: host.pid, version: host.version, documents: documents.size }),
  );
  connection.listen();
}

function initializeResult({ version }: Host): InitializeResult {
  return {
    serverInfo: { name: "hookpoint", version },
    capabilities: {
      textDocumentSync: { openClose: true, change: TextDocumentSyncKind.Incremental },
      hoverProvider: true,
      completionProvider: {
        resolveProvider: true,
        triggerCharacters: ['"', "<", "/", ".", ">", "(", ",", "&", "_"],
      },
      signatureHelpProvider: { triggerCharacters: ["(", ","], retriggerCharacters: [")"] },
      semanticTokensProvider: { legend: LEGEND, full: true, range: true },
      documentSymbolProvider: true,
      codeActionProvider: { codeActionKinds: [CodeActionKind.QuickFix, FIX_ALL] },
    },
  };
}

function listClientOf({ textDocument }: ClientCapabilities): ListClient {
  const { completionItem, completionList } = textDocument?.completion ?? {};
  return {
    asksDetail: completionItem?.resolveSupport?.properties.includes("detail") === true,
    sharesData: completionList?.itemDefaults?.includes("data") === true,
  };
}

function explanations(wanted: string | undefined): readonly Explanation[] {
  return rules
    .filter(({ meta }) => wanted === undefined || meta.id === wanted)
    .map(({ meta }) => ({ rule: meta.id, summary: meta.summary, page: explain(meta) }));
}

function tooLarge(length: number) {
  const start = { line: 0, character: 0 };
  if (length <= MAX_LENGTH) return [];
  return [{ range: { start, end: start }, message: tooLargeMessage(length), severity: 3 as const, source: SOURCE }];
}

/** Where Linux and Homebrew keep libbpf's headers. */
const HELPER_DEFS = ["/usr/include", "/usr/local/include", "/opt/homebrew/include"].map(
  (folder) => `file://${folder}/bpf/bpf_helper_defs.h`,
);

function commentsReader({ readText }: Host): () => Promise<ReadonlyMap<string, string>> {
  let comments: Promise<ReadonlyMap<string, string>> | undefined;
  const read = async (): Promise<ReadonlyMap<string, string>> => {
    for (const uri of HELPER_DEFS) {
      const text = await readText(uri);
      if (text !== undefined) return officialComments(text);
    }
    return new Map();
  };
  return () => {
    comments ??= read();
    return comments;
  };
}

interface SettingsReader {
  initialize(params: InitializeParams): void;
  register(): void;
  of(uri: string): Promise<Settings>;
  changed(pushed?: unknown): void;
}

/** Asks the editor for its settings where it can be asked, and takes what it pushes where it cannot. */
function settingsReader(connection: Connection, host: Host, loaded: () => Promise<Core>): SettingsReader {
  const project = projects(host);
  const kernels = profileReader(host);
  const cache = new Map<string, Promise<Settings>>();
  const said = new Set<string>();
  let capabilities: InitializeParams["capabilities"] = {};
  let pushed: unknown;

  const read = async (uri: string): Promise<Settings> => {
    const canAsk = capabilities.workspace?.configuration === true;
    const [own, found] = await Promise.all([
      canAsk ? connection.workspace.getConfiguration({ scopeUri: uri, section: "hookpoint" }) : pushed,
      project.of(uri),
    ]);
    const profiles = await kernels.of(targetSetting(own, found?.content), found?.uri ?? uri);
    const { kb } = await loaded();
    const names = {
      distribution: kb.distribution,
      profile: (label: string) => profiles.get(label),
      rules: rules.map(({ meta }) => meta.id),
    };
    const settings = readSettings(own, found?.content, names);
    for (const problem of [...settings.problems, ...(found?.problem === undefined ? [] : [found.problem])]) {
      if (!said.has(problem)) connection.window.showWarningMessage(`Hookpoint: ${problem}`);
      said.add(problem);
    }
    return settings;
  };

  return {
    initialize: (params) => {
      capabilities = params.capabilities;
      pushed = params.initializationOptions;
    },
    register: () => {
      if (capabilities.workspace?.didChangeConfiguration?.dynamicRegistration === true) {
        connection.client.register(DidChangeConfigurationNotification.type, { section: "hookpoint" });
      }
      if (capabilities.workspace?.didChangeWatchedFiles?.dynamicRegistration === true) {
        const watchers = [{ globPattern: `**/${PROJECT_FILE}` }, { globPattern: "**/*.h" }];
        connection.client.register(DidChangeWatchedFilesNotification.type, { watchers });
      }
    },
    of: (uri) => {
      const known = cache.get(uri) ?? read(uri);
      cache.set(uri, known);
      known.catch(() => cache.delete(uri));
      return known;
    },
    changed: (now) => {
      const section = (now as { hookpoint?: unknown } | null | undefined)?.hookpoint;
      if (section !== undefined) pushed = section;
      cache.clear();
      project.clear();
      kernels.clear();
    },
  };
}

interface Scheduler {
  /** After the requests that are already waiting: answer first, analyse after. */
  soon(this: void, uri: string): void;
  whenIdle(uri: string): void;
  forget(uri: string): void;
  stop(): void;
}

function scheduler(
  later: Host["later"],
  now: (uri: string) => Promise<void>,
  idle: (uri: string) => Promise<void>,
  failed: (error: unknown) => void,
): Scheduler {
  const waiting = new Set<string>();
  const timers = new Map<string, ReturnType<typeof setTimeout>>();
  // One file per turn: what arrives in between is answered before the next.
  const flush = (): void => {
    const [uri] = waiting;
    if (uri === undefined) return;
    waiting.delete(uri);
    if (waiting.size > 0) later(flush);
    now(uri).catch(failed);
  };
  const forget = (uri: string): void => {
    clearTimeout(timers.get(uri));
    timers.delete(uri);
    waiting.delete(uri);
  };
  return {
    soon: (uri) => {
      if (waiting.size === 0) later(flush);
      waiting.add(uri);
    },
    whenIdle: (uri) => {
      clearTimeout(timers.get(uri));
      timers.set(
        uri,
        setTimeout(() => idle(uri).catch(failed), IDLE_MS),
      );
    },
    forget,
    stop: () => [...timers.keys(), ...waiting].forEach(forget),
  };
}
