/** Borders, freshness and names: what a reviewer would otherwise have to see. */

import { spawnSync } from "node:child_process";
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { homedir, tmpdir } from "node:os";
import { dirname, join, relative, resolve } from "node:path";
import { afterAll, expect, test } from "vitest";
import { root } from "./support/paths.ts";

const temporary: string[] = [];
afterAll(() => {
  for (const folder of temporary) rmSync(folder, { recursive: true });
});

/** Every TypeScript file below a folder, by its path from the root. */
function sources(folder: string): readonly string[] {
  return readdirSync(join(root, folder), { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".ts"))
    .map((name) => join(folder, name).replaceAll("\\", "/"));
}

const read = (path: string): string => readFileSync(join(root, path), "utf8");

function importsOf(path: string): readonly string[] {
  return [...read(path).matchAll(/(?:from|import)\s*\(?\s*"([^"\n]+)"/g)].map(([, name]) => name ?? "");
}

/** The paths and packages that the files of a folder import, as "file → what". */
function importsBelow(folder: string): readonly (readonly [string, string])[] {
  return sources(folder).flatMap((path) =>
    importsOf(path).map((name) => {
      const target = name.startsWith(".")
        ? relative(root, resolve(root, dirname(path), name)).replaceAll("\\", "/")
        : name;
      return [path, target] as const;
    }),
  );
}

function forbidden(folder: string, isForbidden: (target: string, from: string) => boolean): readonly string[] {
  return importsBelow(folder)
    .filter(([from, target]) => isForbidden(target, from))
    .map(([from, target]) => `${from} → ${target}`);
}

test("generated files are fresh", () => {
  const { status, stdout } = spawnSync(process.execPath, ["server/tools/generate.mjs", "--check"], {
    cwd: root,
    encoding: "utf8",
  });
  expect(stdout).toBe("");
  expect(status).toBe(0);
});

test("a stale generated file is noticed", () => {
  const copy = copyOfRoot();
  const page = join(copy, "server/docs/rules.md");
  writeFileSync(page, `${readFileSync(page, "utf8")}\nAdded by hand.\n`);
  const { status, stdout } = spawnSync(process.execPath, ["server/tools/generate.mjs", "--check"], {
    cwd: copy,
    encoding: "utf8",
  });
  expect(stdout).toContain("stale server/docs/rules.md");
  expect(status).toBe(1);
});

test("the core cannot reach Node, the DOM or the editor", () => {
  for (const line of ['import "node:fs";', "export const x = document.title;", "export const x = process.pid;"]) {
    const copy = copyOfRoot();
    writeFileSync(join(copy, "server/src/analysis/intruder.ts"), `${line}\nexport {};\n`);
    const tsc = join(root, "node_modules/typescript/bin/tsc");
    const { status, stdout } = spawnSync(process.execPath, [tsc, "--project", "server/src/analysis"], {
      cwd: copy,
      encoding: "utf8",
    });
    expect(stdout, line).toContain("intruder.ts");
    expect(status, line).not.toBe(0);
  }
});

test("imports flow one way: analysis, features, server, hosts", () => {
  expect(
    forbidden(
      "server/src/analysis",
      (target) => target.startsWith("server/") && !target.startsWith("server/src/analysis/"),
    ),
  ).toEqual([]);
  expect(
    forbidden(
      "server/src/features",
      (target) => target.startsWith("server/") && !/^server\/src\/(?:analysis|features)\//.test(target),
    ),
  ).toEqual([]);
});

test("the core imports no package but the parser, the features none but LSP's types", () => {
  const packages = (folder: string, allowed: string) =>
    forbidden(folder, (target) => !target.startsWith("server/") && target !== allowed);
  expect(packages("server/src/analysis", "web-tree-sitter")).toEqual([]);
  expect(packages("server/src/features", "vscode-languageserver-types")).toEqual([]);
});

test("only syntax/ knows tree-sitter", () => {
  expect(
    forbidden(
      "server/src",
      (target, from) => target === "web-tree-sitter" && !from.startsWith("server/src/analysis/syntax/"),
    ),
  ).toEqual([]);
});

test("only the edge sees a connection: features know LSP's types and nothing more", () => {
  const edge = /^server\/src\/(?:server|capabilities|node|browser)\.ts$/;
  expect(
    forbidden("server/src", (target, from) => /^vscode-languageserver(?:\/|$)/.test(target) && !edge.test(from)),
  ).toEqual([]);
});

test("the client imports protocol.ts and the tools of the server and nothing else", () => {
  const shared = /^server\/src\/(?:protocol\.ts$|toolchain\/)/;
  expect(forbidden("client/src", (target) => target.startsWith("server/") && !shared.test(target))).toEqual([]);
});

test("the tools know neither editor nor protocol, and of the server the analysis alone", () => {
  const own = /^server\/src\/(?:toolchain|analysis)\//;
  expect(forbidden("server/src/toolchain", (target) => !target.startsWith("node:") && !own.test(target))).toEqual([]);
});

test("one file starts processes, and never through a shell", () => {
  const everything = [...sources("client/src"), ...sources("server/src")];
  const starts = everything.filter((path) => importsOf(path).includes("node:child_process"));
  expect(starts).toEqual(["server/src/toolchain/run.ts"]);
  for (const path of everything) expect(read(path), path).not.toMatch(/shell:(?!\s*false)|\bexec(?:Sync)?\(\s*[`"']/);
});

test("a rule sees what the analysis knows, but no syntax, no driver and no other rule", () => {
  const hidden =
    /^server\/src\/(?!analysis\/)|^server\/src\/analysis\/(?:syntax\/|btf\/|rules\/|lint\.ts|snapshot\.ts|header\.ts)/;
  expect(
    forbidden("server/src/analysis/rules", (target, from) => !from.endsWith("/index.ts") && hidden.test(target)),
  ).toEqual([]);
});

test("what is made for rules only they see, and what sums up what they look for", () => {
  const own = /^server\/src\/analysis\/(?:for-rules|rules|flow|minimum)\//;
  expect(
    forbidden("server/src", (target, from) => target.startsWith("server/src/analysis/for-rules/") && !own.test(from)),
  ).toEqual([]);
  expect(
    forbidden("server/src/analysis/for-rules", (target) => /\/analysis\/(?:rules\/|lint\.ts)/.test(target)),
  ).toEqual([]);
});

test("files are named in kebab-case and open with what they are for", () => {
  for (const path of [...sources("server/src"), ...sources("client/src")]) {
    expect(path.slice(path.lastIndexOf("/") + 1)).toMatch(/^[a-z][a-z0-9.-]*\.ts$/);
    expect(read(path), path).toMatch(/^\/\*\*|^\/\/ @generated/);
  }
});

test("nothing names the folders of one machine", () => {
  // A path of one part, such as /src, says nothing: any text may hold it.
  const own = [root, homedir()]
    .map((path) => path.replace(/[/\\]$/, ""))
    .filter((path) => path.split(/[/\\]/).length > 2);
  const names = files(".").filter((path) => /\.(?:ts|mjs|json|md|yml|c|h|sh)$|^\.ci\/run$/.test(path));
  expect(names.length).toBeGreaterThan(10);
  for (const path of names) {
    const text = read(path);
    for (const folder of own) expect(text.includes(`${folder}/`), `${path} names ${folder}`).toBe(false);
  }
});

/** Every file of ours below a folder. */
function files(folder: string): readonly string[] {
  return readdirSync(join(root, folder), { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return NOT_OURS.has(entry.name) ? [] : files(path);
    return entry.isFile() ? [path.replaceAll("\\", "/")] : [];
  });
}

const NOT_OURS = new Set([".git", "node_modules", "dist", "out", "shots", "coverage"]);

/** The tracked sources in a place where they may be spoilt. */
function copyOfRoot(): string {
  const copy = mkdtempSync(join(tmpdir(), "hookpoint-tidy-"));
  temporary.push(copy);
  for (const name of ["server", "client", "data", "package.json", "tsconfig.json", "biome.json", "README.md"]) {
    cpSync(join(root, name), join(copy, name), { recursive: true });
  }
  symlinkSync(join(root, "node_modules"), join(copy, "node_modules"), "junction");
  return copy;
}
