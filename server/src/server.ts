/** The edge to LSP: method → feature, one line each. Everything that thinks is elsewhere. */

import {
  type CallHierarchyPrepareParams,
  CancellationToken,
  type ClientCapabilities,
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
  type TypeDefinitionParams,
} from "vscode-languageserver";
import type { Description } from "./analysis/describe.ts";
import { explain } from "./analysis/explain.ts";
import type { Named } from "./analysis/names/names.ts";
import { rules } from "./analysis/rules/index.ts";
import type { Snapshot } from "./analysis/snapshot.ts";
import type { Position } from "./analysis/text.ts";
import { leavesPlainC, ownOf } from "./beside.ts";
import { bpfFilesOf } from "./bpf-files.ts";
import { BUILD_FILES } from "./build-folders.ts";
import { type Core, loadCore, MAX_LENGTH, syntaxFor } from "./core.ts";
import { description } from "./description.ts";
import { Documents } from "./documents.ts";
import { incomingCalls, originOfItem, outgoingCalls, prepareCallHierarchy } from "./features/call-hierarchy.ts";
import { codeActions } from "./features/code-actions.ts";
import { codeLenses, originOfLens, resolveCodeLens, silent } from "./features/code-lens.ts";
import type { ListClient } from "./features/complete/item.ts";
import { completion, originOf, resolveCompletion } from "./features/completion.ts";
import { documentLinks } from "./features/document-links.ts";
import { documentSymbols } from "./features/document-symbols.ts";
import { foldingRanges } from "./features/folding-ranges.ts";
import { declaration, definition, type IncludeTargets, typeDefinition } from "./features/go-to.ts";
import { hover } from "./features/hover.ts";
import { inlayHints } from "./features/inlay-hints.ts";
import { kernelEntries, kernelPage } from "./features/kernel-page.ts";
import { minimumKernel } from "./features/minimum-kernel.ts";
import { documentHighlights, references } from "./features/references.ts";
import { prepareRename, type Refusal, rename } from "./features/rename.ts";
import { semanticTokens } from "./features/semantic-tokens.ts";
import { signatureHelp } from "./features/signature-help.ts";
import { workspaceSymbols } from "./features/workspace-symbols.ts";
import { headerFollower } from "./headers.ts";
import type { Host } from "./host.ts";
import { includeTargets } from "./include-targets.ts";
import { loaderDocuments } from "./loader-documents.ts";
import type { LoaderPlace } from "./loader-files.ts";
import { LOADER_MARKS, marksLoader } from "./loader-in-use.ts";
import { filesKnowing, snapshotOf, thingsByFile } from "./navigation.ts";
import { officialReader } from "./official-reader.ts";
import { PROJECT_FILE } from "./project.ts";
import {
  type ClientAbilities,
  EXPLAIN_REQUEST,
  type ExplainParams,
  type Explanation,
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
  type TargetsParams,
} from "./protocol.ts";
import { publisherOf } from "./publishing.ts";
import { type Editor, type Own, settingsReader } from "./settings-reader.ts";
import { workspaceOf } from "./workspace.ts";

/** How long after a key somebody is still typing, and for how long the workspace is not read then: what is asked comes first. */
const TYPING_MS = 150;
const KEYS_FIRST_MS = 25;

/** Answers all that comes over a connection but the first request; gives what is to be told of that. */
export function startServer(connection: Connection, host: Host): (params: InitializeParams) => void {
  const documents = new Documents();
  let lastKey = Number.NEGATIVE_INFINITY;
  const show = (type: MessageType, problem: string): void => {
    // As a request, what `window` makes of it, it would be the end of the server where the editor does not know that.
    const shown: ShowMessageParams = { type, message: `Hookpoint: ${problem}` };
    connection.sendNotification(ShowMessageNotification.type, shown).catch(() => undefined);
  };
  const editor: Editor = {
    settings: (uri) => connection.workspace.getConfiguration({ scopeUri: uri, section: "hookpoint" }),
    warn: (problem) => show(MessageType.Warning, problem),
    folderOf: (uri) => workspace.folderOf(uri),
  };
  const settings = settingsReader(editor, host, () => loaded());
  // A header that is open counts as it is in the editor, saved or not.
  const official = officialReader(host);
  const headers = headerFollower({
    readText: async (uri, limit) => documents.text(uri) ?? host.readText(uri, limit),
    listFiles: host.listFiles,
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

  let abilities: NonNullable<ClientCapabilities["workspace"]> = {};
  /** Whether the editor tells when files change on disk. */
  const isWatching = (): boolean => abilities.didChangeWatchedFiles?.dynamicRegistration === true;
  let otherServer: OtherServer | undefined;
  /** The file is read while the editor is asked for its settings. */
  const prepared = async (uri: string): Promise<readonly [Core, Own]> => {
    const own = settings.of(uri);
    const ready = await loaded();
    await snapshot(uri, ready);
    const chosen = await own;
    return [ready, ownOf(chosen, leavesPlainC(chosen, uri, otherServer))];
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
    if (!isWatching()) workspace.forget();
    return filesKnowing(file, named, {
      files: bpfFiles,
      read: readWhole,
      isCancelled: () => token.isCancellationRequested,
    });
  };
  const targetsOf = ({ uri, model }: Snapshot): Promise<IncludeTargets> =>
    includeTargets(uri, model.includes, { isFile: host.isFile, buildFolders: headers.buildFolders });

  const loaders = loaderDocuments({ documents, workspace, bpfFiles, isFile: host.isFile });
  const bpfBehind = (
    { textDocument: { uri }, position }: TextDocumentPositionParams,
    token: CancellationToken,
  ): Promise<Location[]> => {
    if (!isWatching()) workspace.forget();
    return loaders.definition(uri, position, () => token.isCancellationRequested);
  };
  const inLoaders = (file: Snapshot, named: Named, token: CancellationToken): Promise<readonly LoaderPlace[]> =>
    loaders.places(file, named, () => token.isCancellationRequested);

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
        // Nobody waits for it any more: the editor asks anew after each key.
        if (file === undefined || token.isCancellationRequested) return fallback;
        return await ask(file, params, ready, own, token);
      } catch (error) {
        // What the person is told is no crash.
        if (error instanceof ResponseError) throw error;
        report(what, error);
        return fallback;
      }
    };
  }

  let listClient: ListClient = {};
  let renameClient = { annotates: false };
  let versionsEdits = false;
  let explainCommand: string | undefined;
  let placesCommand: string | undefined;
  let minimumCommand: string | undefined;
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

  /**
   * As if the first name that is called were being typed: its first letter, and all of it, for which more is looked through. Once:
   * what it leaves to be cleared away would hold up the next file.
   */
  const rehearseName = (file: Snapshot, { kb }: Core, own: Own): void => {
    const { start, end } = file.model.calls[0]?.nameRange ?? {};
    if (start === undefined || end === undefined) return;
    for (const character of [start.character + 1, end.character]) {
      completion(file, kb, { ...start, character }, own, listClient);
    }
  };
  const publisher = publisherOf({
    documents,
    later: host.later,
    ...(host.clearAway && { clearAway: host.clearAway }),
    prepared,
    snapshot,
    isLeftOut: loaders.has,
    explainCommand: () => explainCommand,
    send: (found) => connection.sendDiagnostics(found),
    rehearsed: rehearseName,
    report,
  });
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
    if (abilities.codeLens?.refreshSupport) connection.sendRequest(CodeLensRefreshRequest.type).catch(failed);
    if (abilities.inlayHint?.refreshSupport) connection.languages.inlayHint.refresh().catch(failed);
  };
  const publishAll = (): void => {
    refreshLines();
    publisher.all();
  };

  const initialize = (params: InitializeParams): void => {
    abilities = params.capabilities.workspace ?? {};
    settings.initialize(params.initializationOptions, abilities.configuration === true);
    workspace.changeFolders(foldersOf(params), []);
    listClient = listClientOf(params.capabilities);
    versionsEdits = abilities.workspaceEdit?.documentChanges === true;
    renameClient = { annotates: abilities.workspaceEdit?.changeAnnotationSupport !== undefined };
    const ours = params.initializationOptions as ClientAbilities | undefined;
    ({ explainCommand, placesCommand, minimumCommand, otherServer } = ours ?? {});
  };
  connection.onInitialized(() => {
    register(connection, abilities);
    loaded().catch((error) => report("Loading the parser and the knowledge base", error));
  });
  connection.onShutdown(() => publisher.stop());

  connection.onDidOpenTextDocument(({ textDocument: { uri, languageId, version, text } }) => {
    documents.add(uri, languageId, version, text);
    workspace.changed(uri);
    loaders.opened(uri, text);
    if (loaders.has(uri)) {
      headerMayDiffer(uri, publisher.soon);
      return;
    }
    // What goes wrong there is told by the diagnostics, which ask for the same.
    settings.of(uri).catch(() => undefined);
    // A turn later the question is on its way, and the file is read in the meantime.
    host.later(() => publisher.soon(uri));
    headerMayDiffer(uri, publisher.soon);
  });
  connection.onDidChangeTextDocument(({ textDocument: { uri, version }, contentChanges }) => {
    lastKey = performance.now();
    documents.change(uri, version, contentChanges);
    if (loaders.has(uri)) {
      // A header of both sides may be included by BPF files.
      headerMayDiffer(uri, publisher.soon);
      loaders.changed(uri, documents.text(uri) ?? "");
      if (loaders.has(uri)) return;
    }
    publisher.typed(uri);
    headerMayDiffer(uri, publisher.soon);
  });
  connection.onDidCloseTextDocument(({ textDocument: { uri } }) => {
    documents.remove(uri);
    headerMayDiffer(uri, publisher.soon);
    if (loaders.has(uri)) {
      loaders.closed(uri);
      return;
    }
    headers.leave(uri);
    publisher.closed(uri);
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
      for (const { uri } of changes) headerMayDiffer(uri, publisher.soon);
      return;
    }
    if (changes.some(({ uri }) => uri.endsWith(PROJECT_FILE) || marksLoader(uri))) settings.changed();
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
      if (alsoKnown !== "") show(MessageType.Info, alsoKnown);
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
    if (!isWatching()) workspace.forget();
    return workspaceSymbols(await thingsByFile(bpfFiles, () => token.isCancellationRequested), query);
  });
  connection.onCodeAction(
    answer("Code actions", null, (file, { range, context: { only } }: CodeActionParams, ready, own) =>
      codeActions(file, publisher.findingsAt(file, range, ready, own, only), range, {
        uri: file.uri,
        explainCommand,
        only,
        version: versionsEdits && documents.current(file.uri) === file ? documents.version(file.uri) : undefined,
      }),
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
    if (abilities.semanticTokens?.refreshSupport) connection.languages.semanticTokens.refresh().catch(() => undefined);
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
  return initialize;
}

/** What the editor is to tell as it happens. */
function register({ client }: Connection, abilities: NonNullable<ClientCapabilities["workspace"]>): void {
  if (abilities.didChangeConfiguration?.dynamicRegistration === true)
    client.register(DidChangeConfigurationNotification.type, { section: "hookpoint" });
  if (abilities.didChangeWatchedFiles?.dynamicRegistration === true) {
    const watchers = [`**/${PROJECT_FILE}`, LOADER_MARKS, BUILD_FILES, "**/*.{c,h,cc,cpp,go}"].map((globPattern) => ({
      globPattern,
    }));
    client.register(DidChangeWatchedFilesNotification.type, { watchers });
  }
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
