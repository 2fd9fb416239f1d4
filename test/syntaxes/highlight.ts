/** VS Code's own highlighter over marked C: which word gets which scope. */

import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import onig from "vscode-oniguruma";
import textmate, { type IGrammar, type IRawGrammar } from "vscode-textmate";
import { root } from "../support/paths.ts";

export type { IGrammar } from "vscode-textmate";

const INJECTION = "source.c.bpf.injection";

/** Stands in for VS Code's C grammar: nested bodies, calls, and strings that run on until the next quote. */
const BASE = {
  scopeName: "source.c",
  patterns: [{ include: "#code" }],
  repository: {
    code: {
      patterns: [
        { begin: "/\\*", end: "\\*/", name: "comment.block.c" },
        { match: "//.*$", name: "comment.line.double-slash.c" },
        { begin: '"', end: '"', name: "string.quoted.double.c" },
        {
          begin: "^\\s*#\\s*include\\b",
          end: "(?<!\\\\)(?=\\n)",
          name: "meta.preprocessor.include.c",
          patterns: [{ begin: "<", end: ">", name: "string.quoted.other.lt-gt.include.c" }],
        },
        {
          begin: "^\\s*#\\s*define\\s+(\\w+)",
          beginCaptures: { "1": { name: "entity.name.function.preprocessor.c" } },
          end: "(?<!\\\\)(?=\\n)",
          name: "meta.preprocessor.macro.c",
          patterns: [{ include: "#code" }],
        },
        {
          begin: "^\\s*#\\s*(?:if|ifdef|ifndef|elif|else|endif|undef|pragma)\\b",
          end: "(?<!\\\\)(?=\\n)",
          name: "meta.preprocessor.c",
        },
        { match: "\\b(?:if|else|for|while|return)\\b", name: "keyword.control.c" },
        { match: "\\b(?:int|long|char|void|struct)\\b", name: "storage.type.c" },
        { match: "\\b(?:static|extern|const|inline)\\b", name: "storage.modifier.c" },
        { begin: "\\{", end: "\\}", name: "meta.block.c", patterns: [{ include: "#code" }] },
        {
          begin: "(?=\\b[A-Za-z_]\\w*\\s*\\()",
          end: "(?<=\\))",
          name: "meta.function-call.c",
          patterns: [
            { match: "\\G\\w+", name: "entity.name.function.c" },
            { begin: "\\(", end: "\\)", name: "meta.parens.c", patterns: [{ include: "#code" }] },
          ],
        },
        { begin: "\\(", end: "\\)", name: "meta.parens.c", patterns: [{ include: "#code" }] },
        { match: "\\b[0-9]\\w*\\b", name: "constant.numeric.c" },
        { match: ";", name: "punctuation.terminator.statement.c" },
      ],
    },
  },
};

const onigLib = loadOniguruma();

/** Grammars to try our own over: the one above, and VS Code's where their folder is named. */
export async function hosts(): Promise<readonly (readonly [name: string, grammar: IGrammar])[]> {
  const folder = process.env["HOOKPOINT_C_GRAMMAR"];
  const own = ["a small C grammar", await loadHost("source.c", () => JSON.stringify(BASE))] as const;
  if (folder === undefined) return [own];
  return [
    own,
    ["VS Code's C grammar", await loadHost("source.c", (scope) => readReal(folder, scope))],
    ["VS Code's C++ grammar", await loadHost("source.cpp", (scope) => readReal(folder, scope))],
  ];
}

/** A grammar of ours that needs no other. */
export async function ownGrammar(file: string, scope: string): Promise<IGrammar> {
  const text = readFileSync(join(root, file), "utf8");
  const loadGrammar = async (): Promise<IRawGrammar> => textmate.parseRawGrammar(text, file);
  const grammar = await new textmate.Registry({ onigLib, loadGrammar }).loadGrammar(scope);
  if (grammar === null) throw new Error(`no grammar in ${file}`);
  return grammar;
}

/** What does not hold of the marks `^^^ scope` and `^^^ !scope` below each line. */
export function mismatches(grammar: IGrammar, marked: string): readonly string[] {
  const problems: string[] = [];
  let stack = textmate.INITIAL;
  let line: Highlighted = { text: "", scopesAt: () => [] };
  for (const text of marked.replace(/^\n/, "").split("\n")) {
    const mark = /^\s*(\^+) (!?)(\S+)$/.exec(text);
    if (mark === null) {
      const { tokens, ruleStack } = grammar.tokenizeLine(text, stack);
      stack = ruleStack;
      line = { text, scopesAt: (column) => tokens.find(({ endIndex }) => column < endIndex)?.scopes ?? [] };
      continue;
    }
    const [, carets = "", not = "", wanted = ""] = mark;
    const problem = mismatch(line, text.indexOf("^"), carets.length, wanted, not === "");
    if (problem !== undefined) problems.push(problem);
  }
  return problems;
}

interface Highlighted {
  readonly text: string;
  readonly scopesAt: (column: number) => readonly string[];
}

function mismatch({ text, scopesAt }: Highlighted, start: number, length: number, wanted: string, has: boolean) {
  for (let column = start; column < start + length; column++) {
    const scopes = scopesAt(column).slice(1);
    const found = scopes.some((scope) => scope === wanted || scope.startsWith(`${wanted}.`));
    if (found !== has) return `${text} | column ${column} ${has ? "lacks" : "has"} ${wanted}: ${scopes.join(" ")}`;
  }
  return undefined;
}

async function loadHost(scope: string, readBase: (scope: string) => string | undefined): Promise<IGrammar> {
  const registry = new textmate.Registry({
    onigLib,
    loadGrammar: async (name): Promise<IRawGrammar | null> => {
      const text = name === INJECTION ? readInjection() : readBase(name);
      return text === undefined ? null : textmate.parseRawGrammar(text, `${name}.json`);
    },
    getInjections: (name) => (name === scope ? [INJECTION] : undefined),
  });
  const grammar = await registry.loadGrammar(scope);
  if (grammar === null) throw new Error(`no grammar for ${scope}`);
  return grammar;
}

function readInjection(): string {
  return readFileSync(join(root, "syntaxes/bpf-c.injection.json"), "utf8");
}

function readReal(folder: string, scope: string): string | undefined {
  const name = /^source\.(c|cpp|cpp\.embedded\.macro)$/.exec(scope)?.[1];
  return name === undefined ? undefined : readFileSync(join(folder, `${name}.tmLanguage.json`), "utf8");
}

async function loadOniguruma(): Promise<textmate.IOnigLib> {
  const wasm = createRequire(import.meta.url).resolve("vscode-oniguruma/release/onig.wasm");
  await onig.loadWASM(readFileSync(wasm));
  return {
    createOnigScanner: (patterns) => onig.createOnigScanner(patterns),
    createOnigString: (text) => onig.createOnigString(text),
  };
}
