import { expect, test } from "vitest";
import { type Extension, notFound, otherServer } from "../client/src/other-server.ts";

const CLANGD = "llvm-vs-code-extensions.vscode-clangd";
const CPPTOOLS = "ms-vscode.cpptools";
const CCLS = "ccls-project.ccls";
/** As VS Code has it: what it exports may not even be looked at. */
const waiting: Extension = {
  isActive: false,
  get exports(): unknown {
    throw new Error("not activated");
  },
};

function found(extensions: Readonly<Record<string, Extension>>, settings: Readonly<Record<string, unknown>> = {}) {
  return otherServer({ extension: (id) => extensions[id], setting: (name) => settings[name] })?.name;
}

test("who gives plain C: what is enabled, unless its own settings turn it off", () => {
  expect(found({})).toBeUndefined();
  expect(found({ "ms-python.python": waiting })).toBeUndefined();
  expect(found({ [CLANGD]: waiting })).toBe("clangd");
  expect(found({ [CPPTOOLS]: waiting })).toBe("C/C++");
  expect(found({ [CCLS]: waiting })).toBe("ccls");
  expect(found({ [CPPTOOLS]: waiting, [CLANGD]: waiting })).toBe("clangd");
  expect(found({ [CLANGD]: waiting }, { "clangd.enable": false })).toBeUndefined();
  expect(found({ [CLANGD]: waiting }, { "clangd.enable": true })).toBe("clangd");
  for (const engine of ["disabled", "Disabled"]) {
    expect(found({ [CPPTOOLS]: waiting }, { "C_Cpp.intelliSenseEngine": engine })).toBeUndefined();
    expect(found({ [CPPTOOLS]: waiting, [CLANGD]: waiting }, { "C_Cpp.intelliSenseEngine": engine })).toBe("clangd");
  }
  expect(found({ [CPPTOOLS]: waiting, [CLANGD]: waiting }, { "clangd.enable": false })).toBe("C/C++");
});

test("an extension without a running server gives nothing", () => {
  const active = (exports: unknown): Extension => ({ isActive: true, exports });
  const api = (languageClient: unknown) => active({ getApi: () => ({ languageClient }) });
  expect(found({ [CLANGD]: api(undefined) })).toBeUndefined();
  expect(found({ [CLANGD]: api({ state: 1 }) })).toBeUndefined();
  expect(found({ [CLANGD]: api({ state: 2 }) })).toBe("clangd");
  expect(found({ [CLANGD]: api({ state: 3 }) })).toBe("clangd");
  // Older ones tell nothing.
  expect(found({ [CLANGD]: active(undefined) })).toBe("clangd");
  // Microsoft's has such a function too, which gives something else.
  expect(found({ [CPPTOOLS]: active({ getApi: () => ({}) }) })).toBe("C/C++");
});

test("the headers that a server does not find, as it says", () => {
  const said = (source: string, message: string) => notFound([{ source, message }]);
  expect(notFound([])).toEqual([]);
  expect(said("clang", "'vmlinux.h' file not found")).toEqual(["vmlinux.h"]);
  expect(said("clang", "In included file: 'bpf/x.h' file not found")).toEqual(["bpf/x.h"]);
  expect(said("C/C++", 'cannot open source file "bpf/bpf_helpers.h"')).toEqual(["bpf/bpf_helpers.h"]);
  expect(said("C/C++", 'cannot open source file "a.h" (dependency of "b.h")')).toEqual(["a.h"]);
  expect(said("clang", "Use of undeclared identifier 'x'")).toEqual([]);
  expect(said("hookpoint build", "'vmlinux.h' file not found")).toEqual([]);
});
