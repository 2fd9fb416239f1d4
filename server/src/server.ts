/** The edge to LSP: method → feature, one line each. Everything that thinks is elsewhere. */

import {
  type CallHierarchyPrepareParams,
  CancellationToken,
  type ClientCapabilities,
  CodeActionKind,
  type CodeActionParams,
  CodeLensRefreshRequest,
  type CompletionParams,
  type Connection,
  type DeclarationParams,
  type DefinitionParams,
  DidChangeConfigurationNotification,
  DidChangeWatchedFilesNotification,
  DidChangeWorkspaceFoldersNotification,
  type DocumentHighlightParams,
  FileChangeType,
  type FileEvent,
  type InitializeParams,
  type InitializeResult,
  type InlayHintParams,
  type Location,
  LSPErrorCodes,
  MessageType,
  type PrepareRenameParams,
  type ReferenceParams,
  type RenameParams,
  ResponseError,
  SemanticTokensRangeRequest,
  SemanticTokensRequest,
  ShowMessageNotification,
  type ShowMessageParams,
  type TextDocumentPositionParams,
  TextDocumentSyncKind,
  type TypeDefinitionParams,
} from "vscode-languageserver";
import type { Description } from "./analysis/describe.ts";
import { explain } from "./analysis/explain.ts";
import { labelsIn } from "./analysis/knowledge/target.ts";
import type { Finding } from "./analysis/lint.ts";
import type { Named } from "./analysis/names/names.ts";
import type { Rule } from "./analysis/rule.ts";
import { rules } from "./analysis/rules/index.ts";
import type { Snapshot } from "./analysis/snapshot.ts";
import { type Position, type Range, rangesTouch } from "./analysis/text.ts";
import { leavesPlainC } from "./beside.ts";
import { bpfFilesOf } from "./bpf-files.ts";
import { carried, type Looked } from "./carried.ts";
import { type Core, findingsOf, loadCore, MAX_LENGTH, syntaxFor, tooLargeMessage } from "./core.ts";
import { description } from "./description.ts";
import { Documents } from "./documents.ts";
import { incomingCalls, originOfItem, outgoingCalls, prepareCallHierarchy } from "./features/call-hierarchy.ts";
import type { BesideC } from "./features/card.ts";
import { codeActions, FIX_ALL } from "./features/code-actions.ts";
import { codeLenses, originOfLens, resolveCodeLens, silent } from "./features/code-lens.ts";
import type { ListClient } from "./features/complete/item.ts";
import { completion, originOf, resolveCompletion } from "./features/completion.ts";
import { type DiagnosticsOptions, diagnostics, SOURCE } from "./features/diagnostics.ts";
import { documentLinks } from "./features/document-links.ts";
import { documentSymbols } from "./features/document-symbols.ts";
import { foldingRanges } from "./features/folding-ranges.ts";
import { declaration, definition, type IncludeTargets, typeDefinition } from "./features/go-to.ts";
import { hover } from "./features/hover.ts";
import { inlayHints } from "./features/inlay-hints.ts";
import { kernelEntries, kernelPage } from "./features/kernel-page.ts";
import { minimumKernel } from "./features/minimum-kernel.ts";
import { officialComments } from "./features/official.ts";
import { documentHighlights, references } from "./features/references.ts";
import { prepareRename, type Refusal, rename } from "./features/rename.ts";
import { LEGEND, semanticTokens } from "./features/semantic-tokens.ts";
import { signatureHelp } from "./features/signature-help.ts";
import { workspaceSymbols } from "./features/workspace-symbols.ts";
import { headerFollower } from "./headers.ts";
import type { Host } from "./host.ts";
import { includeTargets } from "./include-targets.ts";
import {
  definitionFrom,
  kindForLoaders,
  type LoaderPlace,
  loaderFilesOf,
  loaderOf,
  loaderPlaces,
} from "./loader-files.ts";
import { declaringFiles, filesKnowing, snapshotOf, thingsByFile } from "./navigation.ts";
import { profileReader } from "./profiles.ts";
import { PROJECT_FILE, type Project, projects } from "./project.ts";
import {
  type ClientAbilities,
  EXPLAIN_REQUEST,
  type ExplainParams,
  type Explanation,
  isBpfSource,
  isLoaderSource,
  KERNEL_PAGE_REQUEST,
  KERNELS_REQUEST,
  type KernelPageParams,
  MINIMUM_REQUEST,
  type MinimumAnswer,
  type MinimumParams,
  MODEL_REQUEST,
  type ModelParams,
  OTHER_SERVER_NOTIFICATION,
  type OtherServer,
  STATUS_REQUEST,
  type Status,
  TARGETS_REQUEST,
  type TargetsInForce,
  type TargetsParams,
} from "./protocol.ts";
import { readSettings, type Settings, targetSetting } from "./settings.ts";
import { workspaceOf } from "./workspace.ts";

/** How often the first file is read again in advance, and how long requests have the word in between. */
const REHEARSALS = 6;
const REHEARSAL_PAUSE_MS = 20;
/** A longer file has warmed everything up by itself, and would keep requests waiting. */
const REHEARSED_LENGTH = 32 * 1024;

/** How long typing must rest before a file is read anew. */
const IDLE_MS = 500;
/** How long a file is open before its programs are walked through: what the editor asks of a new file is answered first. */
const OPENED_MS = 60;

/** How long after a key somebody is still typing, and for how long the workspace is not read then: what is asked comes first. */
const TYPING_MS = 150;
const KEYS_FIRST_MS = 25;

/** With each key all rules run but those that have programs walked through. */
const QUICK = rules.filter(({ walks }) => walks !== true);
const WAITING: ReadonlySet<string> = new Set(rules.flatMap(({ meta, walks }) => (walks === true ? [meta.id] : [])));

/** The settings of a file, with whether plain C is left to another server there. */
interface Own extends Settings {
  readonly besideC: BesideC | undefined;
}

export function startServer(connection: Connection, host: Host): void {
  const documents = new Documents();
  let lastKey = Number.NEGATIVE_INFINITY;
  const settings = settingsReader(connection, host, () => loaded());
  // A header that is open counts as it is in the editor, saved or not.
  const official = commentsReader(host);
  const headers = headerFollower({
    readText: async (uri, limit) => documents.text(uri) ?? host.readText(uri, limit),
  });
  const workspace = workspaceOf({
    listFiles: host.listFiles,
    readText: async (uri, limit) => documents.text(uri) ?? host.readText(uri, limit),
    later: (work) => {
      if (performance.now() - lastKey > TYPING_MS) host.later(work);
      else setTimeout(work, KEYS_FIRST_MS);
    },
    openFiles: () => documents.uris(),
  });
  const loaderFiles = loaderFilesOf(workspace);
  const bpfFiles = bpfFilesOf(workspace, headers, (uri) => documents.version(uri) !== undefined);
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

  let otherServer: OtherServer | undefined;
  /** The file is read while the editor is asked for its settings. */
  const prepared = async (uri: string): Promise<readonly [Core, Own]> => {
    const own = settings.of(uri);
    const ready = await loaded();
    await snapshot(uri, ready);
    const chosen = await own;
    return [ready, { ...chosen, besideC: leavesPlainC(chosen, uri, otherServer) }];
  };

  /** A file as the editor has it, or the disk, with its headers. */
  const readWhole = async (uri: string) => {
    const text = documents.text(uri) ?? (await host.readText(uri, MAX_LENGTH));
    if (text === undefined) return undefined;
    const found = await headers.follow(uri, text);
    if (documents.version(uri) === undefined) headers.leave(uri);
    return { text, headers: found };
  };
  const knowing = (file: Snapshot, named: Named, token: CancellationToken): Promise<readonly Snapshot[]> => {
    if (!settings.isWatching) workspace.forget();
    return filesKnowing(file, named, {
      files: bpfFiles,
      read: readWhole,
      isCancelled: () => token.isCancellationRequested,
    });
  };
  const targetsOf = ({ uri, model }: Snapshot): Promise<IncludeTargets> => includeTargets(uri, model.includes, host);

  /** Without places in files that are gone: when a folder goes, editors do not tell of what was in it. */
  const stillThere = async <T extends Pick<Location, "uri">>(places: readonly T[]): Promise<T[]> => {
    const gone = new Set<string>();
    for (const uri of new Set(places.map((place) => place.uri)))
      if (documents.version(uri) === undefined && !(await host.isFile(uri))) gone.add(uri);
    gone.forEach(workspace.changed);
    if (gone.size > 0) workspace.forgetLists();
    return places.filter(({ uri }) => !gone.has(uri));
  };

  /** Open programs of user space: all that is answered there is where the BPF code stands that they speak of. */
  const loaders = new Set<string>();
  const bpfBehind = async (
    { textDocument: { uri }, position }: TextDocumentPositionParams,
    token: CancellationToken,
  ): Promise<Location[]> => {
    const text = documents.text(uri);
    if (text === undefined) return [];
    if (!settings.isWatching) workspace.forget();
    const isCancelled = (): boolean => token.isCancellationRequested;
    return stillThere(definitionFrom(uri, loaderOf(uri, text), position, await bpfFiles.all(isCancelled)));
  };
  /** Where programs of user space name a thing that they find by its name. */
  const inLoaders = async (file: Snapshot, named: Named, token: CancellationToken): Promise<readonly LoaderPlace[]> => {
    const kind = kindForLoaders(named);
    if (kind === undefined) return [];
    const isCancelled = (): boolean => token.isCancellationRequested;
    const places = loaderPlaces(
      named.name,
      kind,
      declaringFiles(file, named),
      await loaderFiles.all(isCancelled),
      await bpfFiles.all(isCancelled),
    );
    return stillThere(places);
  };

  /** Finds the snapshot, guards, logs: a crash costs one answer. */
  function answer<P extends { readonly textDocument: { readonly uri: string } }, R>(
    what: string,
    fallback: R,
    ask: (file: Snapshot, params: P, core: Core, settings: Own, token: CancellationToken) => R | Promise<R>,
  ): (params: P, token?: CancellationToken) => Promise<R> {
    return async (params, token = CancellationToken.None) => {
      try {
        const { uri } = params.textDocument;
        if (documents.version(uri) === undefined || loaders.has(uri)) return fallback;
        const [ready, own] = await prepared(uri);
        const file = await snapshot(uri, ready);
        return file === undefined ? fallback : await ask(file, params, ready, own, token);
      } catch (error) {
        // What the person is told is no crash.
        if (error instanceof ResponseError) throw error;
        report(what, error);
        return fallback;
      }
    };
  }

  const findings = ({ model }: Snapshot, { kb }: Core, own: Own, only?: readonly Rule[]): readonly Finding[] =>
    findingsOf(model, kb, own, (rule, error) => report(`Rule ${rule}`, error), only);

  /** Files that somebody types in, and what was found in them last by rules that wait until they rest. */
  const typedIn = new Set<string>();
  const looked = new Map<string, Looked>();
  const carriedTo = ({ uri, text, lines }: Snapshot): readonly Finding[] => {
    const before = looked.get(uri);
    return before === undefined ? [] : carried(before, text, lines);
  };
  const quickFindings = (file: Snapshot, ready: Core, own: Own): readonly Finding[] => [
    ...findings(file, ready, own, QUICK),
    ...carriedTo(file),
  ];
  const allFindings = (file: Snapshot, ready: Core, own: Own): readonly Finding[] => {
    const { uri, text, lines } = file;
    const found = findings(file, ready, own);
    looked.set(uri, { text, lines, findings: found.filter(({ rule }) => WAITING.has(rule.id)) });
    return found;
  };
  /** Menus are asked for while somebody types: programs are walked through only for what is at the place, or for all there is. */
  const findingsAt = (file: Snapshot, range: Range, ready: Core, own: Own, only?: readonly string[]) => {
    const isAll = only?.some((kind) => kind.startsWith("source")) === true;
    const isQuick = !isAll && typedIn.has(file.uri) && !carriedTo(file).some((one) => rangesTouch(one.range, range));
    return findings(file, ready, own, isQuick ? QUICK : undefined);
  };

  let listClient: ListClient = {};
  let renameClient = { annotates: false };
  let refreshesTokens = false;
  let explainCommand: string | undefined;
  let placesCommand: string | undefined;
  let minimumCommand: string | undefined;
  let refreshes: NonNullable<ClientCapabilities["workspace"]> = {};
  /** For features that know nothing beyond C, or of which an editor takes one server's answer only. */
  const plainC =
    <P, R>(
      fallback: R,
      ask: (file: Snapshot, params: P, core: Core, own: Own, token: CancellationToken) => R | Promise<R>,
    ) =>
    (file: Snapshot, params: P, core: Core, own: Own, token: CancellationToken): R | Promise<R> =>
      own.besideC !== undefined ? fallback : ask(file, params, core, own, token);
  /** Others name the parameters of what headers declare as well. */
  const besideHints = (own: Own): Own =>
    own.besideC === undefined ? own : { ...own, inlayHints: { ...own.inlayHints, parameterNames: false } };

  const linking = (uri: string): DiagnosticsOptions => ({ uri, explainCommand });

  /** After the first turn what has come meanwhile is read, in the second it is taken up, before the third it is answered. */
  const requestsAnswered = async (): Promise<void> => {
    for (let turn = 0; turn < 3; turn++) await new Promise<void>(host.later);
  };

  let isFirst = true;
  /** What rules find that only look is told first, what comes of walking through programs after that. */
  const publish = async (uri: string, look: "quickly" | "at all"): Promise<void> => {
    if (loaders.has(uri)) return;
    const [ready, own] = await prepared(uri);
    const before = documents.version(uri);
    await requestsAnswered();
    // What has changed by then is looked at in a turn of its own, which the change has asked for.
    if (documents.version(uri) !== before) return;
    const file = await snapshot(uri, ready);
    const version = documents.version(uri);
    if (version === undefined) return;
    const find = look === "quickly" ? quickFindings : allFindings;
    const found =
      file === undefined
        ? tooLarge(documents.length(uri))
        : diagnostics(shownBeside(find(file, ready, own), own), linking(uri));
    await connection.sendDiagnostics({ uri, version, diagnostics: found });
    if (file !== undefined && look === "quickly") {
      schedule.whenIdle(uri, looked.has(uri) ? IDLE_MS : OPENED_MS);
      return;
    }
    if (isFirst) host.later(() => rehearse(uri, ready, own).catch((error) => report("Rehearsing", error)));
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
      if (file !== undefined) findings(file, ready, own);
    }
    rehearseName(uri, ready, own);
  };
  /** As if the first name that is called were being typed. Once: what it leaves to be cleared away would hold up the next file. */
  const rehearseName = (uri: string, { kb }: Core, own: Own): void => {
    const file = documents.current(uri);
    const start = file?.model.calls[0]?.range.start;
    if (file && start) completion(file, kb, { ...start, character: start.character + 1 }, own, listClient);
  };
  const schedule = scheduler(
    host.later,
    (uri) => publish(uri, "quickly"),
    (uri) => {
      if (typedIn.delete(uri)) documents.refresh(uri);
      return publish(uri, "at all");
    },
    (error) => report("Diagnostics", error),
  );
  /** A header that is opened, edited or closed may hold another text than before, on disk or not. */
  const headerMayDiffer = (uri: string, again: (uri: string) => void): void => {
    headers.forget(uri);
    workspace.changed(uri);
    const including = documents.including(uri);
    documents.forgetSnapshots(including);
    including.forEach(again);
  };
  /** What the editor shows in the lines depends on the settings as well. */
  const refreshLines = (): void => {
    const failed = (error: unknown): void => report("Asking the editor to ask again", error);
    if (refreshes.codeLens?.refreshSupport) connection.sendRequest(CodeLensRefreshRequest.type).catch(failed);
    if (refreshes.inlayHint?.refreshSupport) connection.languages.inlayHint.refresh().catch(failed);
  };
  const publishAll = (): void => {
    looked.clear();
    refreshLines();
    documents.uris().forEach(schedule.soon);
  };

  connection.onInitialize((params) => {
    settings.initialize(params);
    workspace.changeFolders(foldersOf(params), []);
    listClient = listClientOf(params.capabilities);
    renameClient = { annotates: params.capabilities.workspace?.workspaceEdit?.changeAnnotationSupport !== undefined };
    refreshes = params.capabilities.workspace ?? {};
    const abilities = params.initializationOptions as ClientAbilities | undefined;
    ({ explainCommand, placesCommand, minimumCommand, otherServer } = abilities ?? {});
    refreshesTokens = params.capabilities.workspace?.semanticTokens?.refreshSupport === true;
    return initializeResult(host);
  });
  connection.onInitialized(() => {
    settings.register();
    loaded().catch((error) => report("Loading the parser and the knowledge base", error));
  });
  connection.onShutdown(() => schedule.stop());

  connection.onDidOpenTextDocument(({ textDocument: { uri, languageId, version, text } }) => {
    documents.add(uri, languageId, version, text);
    workspace.changed(uri);
    if (isLoaderSource(uri, text)) {
      loaders.add(uri);
      headerMayDiffer(uri, schedule.soon);
      return;
    }
    // What goes wrong there is told by the diagnostics, which ask for the same.
    settings.of(uri).catch(() => undefined);
    // A turn later the question is on its way, and the file is read in the meantime.
    host.later(() => schedule.soon(uri));
    headerMayDiffer(uri, schedule.soon);
  });
  connection.onDidChangeTextDocument(({ textDocument: { uri, version }, contentChanges }) => {
    lastKey = performance.now();
    documents.change(uri, version, contentChanges);
    if (loaders.has(uri)) {
      // A header of both sides may be included by BPF files.
      headerMayDiffer(uri, schedule.soon);
      const text = documents.text(uri) ?? "";
      if (isLoaderSource(uri, text) || !isBpfSource(uri, text)) return;
      loaders.delete(uri);
    }
    typedIn.add(uri);
    schedule.soon(uri);
    schedule.whenIdle(uri);
    headerMayDiffer(uri, schedule.soon);
  });
  connection.onDidCloseTextDocument(({ textDocument: { uri } }) => {
    documents.remove(uri);
    if (loaders.delete(uri)) {
      headerMayDiffer(uri, schedule.soon);
      return;
    }
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
  connection.onNotification(DidChangeWorkspaceFoldersNotification.type, ({ event: { added, removed } }) =>
    workspace.changeFolders(
      added.map(({ uri }) => uri),
      removed.map(({ uri }) => uri),
    ),
  );
  connection.onDidChangeWatchedFiles(({ changes }) => {
    for (const { uri, type } of changes) {
      workspace.changed(uri);
      if (type !== FileChangeType.Changed) workspace.forgetLists();
    }
    // A header that appears or goes may be found where another one was, and settings may change anything.
    const isIncluded = ({ uri, type }: FileEvent): boolean =>
      type === FileChangeType.Changed && documents.including(uri).length > 0;
    // Sources that nobody includes matter to the index alone.
    if (changes.every(({ uri }) => /\.(?:c|cc|cpp|go)$/.test(uri) && documents.including(uri).length === 0)) return;
    if (changes.every(isIncluded)) {
      for (const { uri } of changes) headerMayDiffer(uri, schedule.soon);
      return;
    }
    if (changes.some(({ uri }) => uri.endsWith(PROJECT_FILE))) settings.changed();
    headers.forget();
    // What was not found may be found now.
    workspace.forget();
    documents.forgetSnapshots(documents.uris());
    publishAll();
  });

  connection.onHover(
    answer("Hover", null, async (file, { position }, { kb }, own) => {
      const comments = own.officialComment && own.besideC === undefined ? await official() : undefined;
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
  connection.onDocumentSymbol(
    answer(
      "Document symbols",
      null,
      plainC(null, (file) => documentSymbols(file)),
    ),
  );
  connection.onCodeLens(
    answer("Code lens", [], (file, _, { kb }, { loader, programLens }) =>
      programLens ? codeLenses(file, kb, { loader, placesCommand, minimumCommand }) : [],
    ),
  );
  connection.onCodeLensResolve((lens, token) => {
    const resolve = answer("Code lens details", silent(lens), (file, _, { kb }, { loader }) =>
      resolveCodeLens(file, kb, lens, { loader, minimumCommand }),
    );
    return resolve({ textDocument: { uri: originOfLens(lens) } }, token);
  });
  connection.languages.inlayHint.on(
    answer("Inlay hints", [], (file, { range }: InlayHintParams, { kb }, own) =>
      inlayHints(file, kb, range, besideHints(own)),
    ),
  );
  const definitionIn = answer(
    "Definition",
    [],
    plainC([], async (file, { position }: DefinitionParams) => definition(file, position, await targetsOf(file))),
  );
  connection.onDefinition((params, token) =>
    loaders.has(params.textDocument.uri) ? bpfBehind(params, token) : definitionIn(params, token),
  );
  connection.onDeclaration(
    answer(
      "Declaration",
      [],
      plainC([], (file, { position }: DeclarationParams) => declaration(file, position)),
    ),
  );
  connection.onTypeDefinition(
    answer(
      "Type definition",
      [],
      plainC([], (file, { position }: TypeDefinitionParams) => typeDefinition(file, position)),
    ),
  );
  connection.onDocumentHighlight(
    answer(
      "Document highlight",
      null,
      plainC(null, (file, { position }: DocumentHighlightParams) => documentHighlights(file, position)),
    ),
  );
  connection.onReferences(
    answer("References", null, async (file, { position, context }: ReferenceParams, _core, { besideC }, token) => {
      const found = file.model.names.at(file.lines.offsetAt(position));
      if (found === undefined) return null;
      // Another server for C knows nothing of skeletons.
      const isOurs = besideC === undefined;
      const known = isOurs ? await knowing(file, found.named, token) : [];
      const inBpf = references(known, found.named, context.includeDeclaration);
      const inUserSpace = await inLoaders(file, found.named, token);
      return [...inBpf, ...inUserSpace.map(({ uri, range }) => ({ uri, range }))];
    }),
  );
  const renamable = (file: Snapshot, position: Position, { kb }: Core) =>
    told(prepareRename(file, position, { kb, isOurs: (uri) => workspace.holds(uri) }));
  connection.onPrepareRename(
    answer(
      "Rename",
      null,
      plainC(null, (file, { position }: PrepareRenameParams, ready) => {
        const { range, placeholder } = renamable(file, position, ready);
        return { range, placeholder };
      }),
    ),
  );
  connection.onRenameRequest(
    answer("Rename", null, async (file, { position, newName }: RenameParams, ready, _own, token) => {
      const { named } = renamable(file, position, ready);
      const others = (await inLoaders(file, named, token))
        .filter(({ isSure }) => isSure)
        .map(({ uri, range, write }) => ({ uri, range, newText: write(newName) }));
      const known = await knowing(file, named, token);
      const { edit, alsoKnown } = told(rename(known, named, newName, { ...renameClient, others }));
      if (alsoKnown !== "") {
        const message = `Hookpoint: ${alsoKnown}`;
        connection
          .sendNotification(ShowMessageNotification.type, { type: MessageType.Info, message })
          .catch((error) => report("Rename", error));
      }
      return edit;
    }),
  );
  connection.languages.callHierarchy.onPrepare(
    answer(
      "Call hierarchy",
      null,
      plainC(null, (file, { position }: CallHierarchyPrepareParams) => prepareCallHierarchy(file, position)),
    ),
  );
  // Whoever calls may stand in a file that nobody has open.
  const anyFile = async (uri: string): Promise<Snapshot | undefined> => {
    if (documents.version(uri) !== undefined) return snapshot(uri, await loaded());
    const whole = await readWhole(uri);
    return whole && snapshotOf(uri, whole);
  };
  connection.languages.callHierarchy.onIncomingCalls(async ({ item }, token) => {
    const file = await anyFile(originOfItem(item));
    return file && incomingCalls(await knowing(file, file.model.names.ofFile(item.name), token), item);
  });
  connection.languages.callHierarchy.onOutgoingCalls(async ({ item }) => {
    const file = await anyFile(originOfItem(item));
    return file && outgoingCalls(file, item);
  });
  connection.onDocumentLinks(
    answer(
      "Document links",
      null,
      plainC(null, async (file) => documentLinks(file, await targetsOf(file))),
    ),
  );
  connection.onFoldingRanges(
    answer(
      "Folding ranges",
      null,
      plainC(null, (file) => foldingRanges(file)),
    ),
  );
  connection.onWorkspaceSymbol(async ({ query }, token) => {
    if (!settings.isWatching) workspace.forget();
    return workspaceSymbols(await thingsByFile(bpfFiles, () => token.isCancellationRequested), query);
  });
  connection.onCodeAction(
    answer("Code actions", null, (file, { range, context: { only } }: CodeActionParams, ready, own) =>
      codeActions(file, findingsAt(file, range, ready, own, only), range, { ...linking(file.uri), only }),
    ),
  );
  connection.onRequest(
    SemanticTokensRequest.type,
    answer(
      "Semantic tokens",
      null,
      plainC(null, (file, _, { kb }) => semanticTokens(file, kb)),
    ),
  );
  connection.onRequest(
    SemanticTokensRangeRequest.type,
    answer(
      "Semantic tokens",
      null,
      plainC(null, (file, { range }, { kb }) => semanticTokens(file, kb, range)),
    ),
  );
  connection.onNotification(OTHER_SERVER_NOTIFICATION, (other: OtherServer) => {
    otherServer = other;
    publishAll();
    if (refreshesTokens) connection.languages.semanticTokens.refresh().catch(() => undefined);
  });
  connection.onRequest(EXPLAIN_REQUEST, ({ rule }: ExplainParams) => explanations(rule));
  connection.onRequest(KERNELS_REQUEST, async () => kernelEntries((await loaded()).kb));
  connection.onRequest(
    KERNEL_PAGE_REQUEST,
    async ({ name }: KernelPageParams) => kernelPage(name, (await loaded()).kb) ?? null,
  );
  connection.onRequest(TARGETS_REQUEST, ({ uri }: TargetsParams) => settings.targetsOf(uri));
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
    MINIMUM_REQUEST,
    answer<MinimumParams, MinimumAnswer | null>("The minimum kernel", null, (file, _, { kb }, own) =>
      minimumKernel(file, kb, own),
    ),
  );
  connection.onRequest(
    STATUS_REQUEST,
    (): Status => ({ pid: host.pid, version: host.version, documents: documents.size }),
  );
  connection.listen();
}

/** Fixes are still offered for what is not shown: a server for C often has none. */
function shownBeside(found: readonly Finding[], { besideC }: Own): readonly Finding[] {
  return besideC !== undefined ? found.filter(({ rule }) => rule.saidByC !== true) : found;
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
      codeLensProvider: { resolveProvider: true },
      inlayHintProvider: true,
      workspaceSymbolProvider: true,
      definitionProvider: true,
      declarationProvider: true,
      typeDefinitionProvider: true,
      referencesProvider: true,
      documentHighlightProvider: true,
      renameProvider: { prepareProvider: true },
      callHierarchyProvider: true,
      documentLinkProvider: {},
      foldingRangeProvider: true,
      workspace: { workspaceFolders: { supported: true, changeNotifications: true } },
      codeActionProvider: { codeActionKinds: [CodeActionKind.QuickFix, FIX_ALL] },
    },
  };
}

/** Editors of an older day have one folder, and say so in another way. */
function foldersOf({ workspaceFolders, rootUri }: InitializeParams): readonly string[] {
  return workspaceFolders?.map(({ uri }) => uri) ?? (rootUri ? [rootUri] : []);
}

function listClientOf({ textDocument }: ClientCapabilities): ListClient {
  const { completionItem, completionList } = textDocument?.completion ?? {};
  return {
    asksDetail: completionItem?.resolveSupport?.properties.includes("detail") === true,
    sharesData: completionList?.itemDefaults?.includes("data") === true,
  };
}

/** What the person is told instead of an answer. */
function told<T extends object>(answer: T | Refusal): T {
  if ("problem" in answer) throw new ResponseError(LSPErrorCodes.RequestFailed, answer.problem);
  return answer;
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
  /** Whether the editor tells when files change on disk. */
  readonly isWatching: boolean;
  of(uri: string): Promise<Settings>;
  targetsOf(uri: string): Promise<TargetsInForce>;
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

  const written = (uri: string): Promise<readonly [unknown, Project | undefined]> => {
    const canAsk = capabilities.workspace?.configuration === true;
    const own = canAsk ? connection.workspace.getConfiguration({ scopeUri: uri, section: "hookpoint" }) : pushed;
    return Promise.all([own, project.of(uri)]);
  };
  const read = async (uri: string): Promise<Settings> => {
    const [own, found] = await written(uri);
    const profiles = await kernels.of(targetSetting(own, found?.content), found?.uri ?? uri);
    const { kb } = await loaded();
    const names = {
      distribution: kb.distribution,
      profile: (label: string) => profiles.get(label),
      rules: rules.map(({ meta }) => meta.id),
    };
    const settings = readSettings(own, found?.content, names);
    for (const problem of [...settings.problems, ...(found?.problem === undefined ? [] : [found.problem])]) {
      // As a request, what `window` makes of it, it would be the end of the server where the editor does not know that.
      const shown: ShowMessageParams = { type: MessageType.Warning, message: `Hookpoint: ${problem}` };
      if (!said.has(problem)) connection.sendNotification(ShowMessageNotification.type, shown).catch(() => undefined);
      said.add(problem);
    }
    return settings;
  };

  return {
    initialize: (params) => {
      capabilities = params.capabilities;
      pushed = params.initializationOptions;
    },
    get isWatching() {
      return capabilities.workspace?.didChangeWatchedFiles?.dynamicRegistration === true;
    },
    register: () => {
      if (capabilities.workspace?.didChangeConfiguration?.dynamicRegistration === true) {
        connection.client.register(DidChangeConfigurationNotification.type, { section: "hookpoint" });
      }
      if (capabilities.workspace?.didChangeWatchedFiles?.dynamicRegistration === true) {
        const watchers = [{ globPattern: `**/${PROJECT_FILE}` }, { globPattern: "**/*.{c,h,cc,cpp,go}" }];
        connection.client.register(DidChangeWatchedFilesNotification.type, { watchers });
      }
    },
    of: (uri) => {
      const known = cache.get(uri) ?? read(uri);
      cache.set(uri, known);
      known.catch(() => cache.delete(uri));
      return known;
    },
    targetsOf: async (uri) => {
      const [own, found] = await written(uri);
      const ofProject = targetSetting(undefined, found?.content);
      const labels = labelsIn(ofProject ?? targetSetting(own));
      return ofProject === undefined || found === undefined ? { labels } : { labels, project: found.uri };
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
  whenIdle(uri: string, after?: number): void;
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
    whenIdle: (uri, after = IDLE_MS) => {
      clearTimeout(timers.get(uri));
      timers.set(
        uri,
        setTimeout(() => idle(uri).catch(failed), after),
      );
    },
    forget,
    stop: () => [...timers.keys(), ...waiting].forEach(forget),
  };
}
