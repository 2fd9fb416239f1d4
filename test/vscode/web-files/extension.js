// @ts-check
// A read-only file system whose one folder is the example project, fetched from the server of the test.
/** @type {any} */
const vscode = require("vscode");

/** @param {any} context */
exports.activate = async ({ extensionUri, subscriptions }) => {
  const server = (/** @type {string} */ name) => fetch(new URL(`/files/${name}`, extensionUri.toString(true)));
  /** @type {string[]} */
  const names = await (await server("")).json();
  const nameOf = (/** @type {any} */ uri) => uri.path.replace(/^\/example\/?/, "");
  /** @type {Record<string, any>} */
  const provider = {
    onDidChangeFile: new vscode.EventEmitter().event,
    watch: () => new vscode.Disposable(() => {}),
    stat(/** @type {any} */ uri) {
      const name = nameOf(uri);
      if (name !== "" && !names.includes(name)) throw vscode.FileSystemError.FileNotFound(uri);
      return { type: name === "" ? vscode.FileType.Directory : vscode.FileType.File, ctime: 0, mtime: 0, size: 1 };
    },
    readDirectory: () => names.map((name) => [name, vscode.FileType.File]),
    async readFile(/** @type {any} */ uri) {
      const response = await server(nameOf(uri));
      if (!response.ok) throw vscode.FileSystemError.FileNotFound(uri);
      return new Uint8Array(await response.arrayBuffer());
    },
  };
  for (const name of ["createDirectory", "writeFile", "delete", "rename"]) {
    provider[name] = () => {
      throw vscode.FileSystemError.NoPermissions("read-only");
    };
  }
  const options = { isReadonly: true };
  subscriptions.push(vscode.workspace.registerFileSystemProvider("hookpoint-files", provider, options));
};
