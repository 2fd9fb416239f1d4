/** Which other extension gives plain C, and whether it finds a file's headers: decided here from what the editor tells. */

interface Candidate {
  readonly id: string;
  /** As its users call it. */
  readonly name: string;
  /** Of its own settings the one that turns off what we would leave to it, and the values that do so. */
  readonly off?: readonly [setting: string, ...values: unknown[]];
  /** Whether other extensions can ask it for its language client. */
  readonly tells?: true;
}

/** Where several are there, the first: who installs clangd beside Microsoft's extension means to use clangd. */
const CANDIDATES: readonly Candidate[] = [
  { id: "llvm-vs-code-extensions.vscode-clangd", name: "clangd", off: ["clangd.enable", false], tells: true },
  { id: "ms-vscode.cpptools", name: "C/C++", off: ["C_Cpp.intelliSenseEngine", "disabled", "Disabled"] },
  { id: "ccls-project.ccls", name: "ccls" },
];

/** An extension as `vscode.extensions` has it: only those that are installed and enabled are there. */
export interface Extension {
  readonly isActive: boolean;
  /** Reading it throws while the extension is not active. */
  readonly exports: unknown;
}

/** What is asked of the editor. */
export interface Editor<E extends Extension = Extension> {
  extension(id: string): E | undefined;
  setting(name: string): unknown;
}

export function otherServer<E extends Extension>(
  editor: Editor<E>,
): { readonly name: string; readonly extension: E } | undefined {
  for (const { id, name, off: [setting, ...values] = [], tells } of CANDIDATES) {
    const extension = editor.extension(id);
    const isOff = setting !== undefined && values.includes(editor.setting(setting));
    if (extension !== undefined && !isOff && !(tells && isWithoutServer(extension))) return { name, extension };
  }
  return undefined;
}

/** State of a language client that has stopped. */
const STOPPED = 1;

/** It has no client where clangd itself is not installed. */
function isWithoutServer(extension: Extension): boolean {
  if (!extension.isActive) return false;
  const { exports } = extension;
  const { getApi } = (exports ?? {}) as { getApi?: (version: 1) => { languageClient?: { state?: number } } };
  if (typeof getApi !== "function") return false;
  const { languageClient } = getApi.call(exports, 1);
  return languageClient === undefined || languageClient.state === STOPPED;
}

/** What clangd, ccls and Microsoft's extension call themselves in the list of problems. */
const SOURCES: ReadonlySet<string | undefined> = new Set(["clang", "clangd", "ccls", "C/C++"]);
const NOT_FOUND = /['"]([^'"]+)['"] file not found|cannot open source file ['"]([^'"]+)['"]/i;

/** The headers that another server says it does not find, as the file writes them. */
export function notFound(
  problems: readonly { readonly source?: string | undefined; readonly message: string }[],
): readonly string[] {
  return problems.flatMap(({ source, message }) => {
    const [, header, other] = (SOURCES.has(source) && NOT_FOUND.exec(message)) || [];
    return header ?? other ?? [];
  });
}
