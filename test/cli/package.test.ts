/** What others run: the npm package, the GitHub Action and the pre-commit hook. */

import { spawnSync } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { parse } from "yaml";
import { root } from "../support/paths.ts";

const folder = mkdtempSync(join(tmpdir(), "hookpoint package-"));
afterAll(() => rmSync(folder, { recursive: true }));

const npm = (...args: string[]) =>
  spawnSync("npm", args, { cwd: root, encoding: "utf8", shell: process.platform === "win32" });

let tarball = "";
beforeAll(() => {
  // dist is built already; building again would be felt by the tests beside this one.
  const { stdout, stderr } = npm("pack", "--ignore-scripts", "--json", "--pack-destination", folder);
  const [packed] = JSON.parse(stdout || "[]");
  expect(packed, stderr).toBeDefined();
  tarball = join(folder, packed.filename);
  expect(packed.files.map(({ path }: { path: string }) => path).sort()).toEqual([
    "CHANGELOG.md",
    "LICENSE",
    "README.md",
    "dist/knowledge.json",
    "dist/server/cli-main.js",
    "dist/server/cli.js",
    "dist/server/tools.js",
    "dist/tree-sitter-c.wasm",
    "dist/web-tree-sitter.wasm",
    "package.json",
  ]);
});

test("npx runs the package as it is published", () => {
  writeFileSync(join(folder, "bad.bpf.c"), "int f(void *d) { return bpf_probe_read(d, 4, d); }\n");
  const { status, stdout, stderr } = spawnSync(
    "npx",
    ["--yes", "--offline", "--package", tarball, "hookpoint", "check", "--fail-on", "info", "bad.bpf.c"],
    { cwd: folder, encoding: "utf8", shell: process.platform === "win32" },
  );
  expect(stdout, stderr).toContain("[deprecated-helper]");
  expect(status).toBe(1);
});

test.runIf(process.platform !== "win32")("the action hands over its inputs, and nothing in them is a command", () => {
  const { runs, inputs } = parse(readFileSync(join(root, "action.yml"), "utf8"));
  expect(Object.keys(inputs)).toEqual(["paths", "target", "fail-on", "version"]);
  const bin = join(folder, "bin");
  mkdirSync(bin);
  writeFileSync(join(bin, "npx"), '#!/bin/sh\nprintf "%s\\n" "$@"\n');
  chmodSync(join(bin, "npx"), 0o755);
  const [{ run, env }] = runs.steps;
  expect(Object.values(env)).toEqual(Object.keys(inputs).map((name) => `\${{ inputs.${name} }}`));
  const { stdout } = spawnSync("bash", ["-e", "-c", run], {
    cwd: folder,
    encoding: "utf8",
    env: {
      PATH: `${bin}${delimiter}${process.env["PATH"]}`,
      INPUT_PATHS: "src\n\n$(touch owned) dir\n",
      INPUT_TARGET: "5.15,rhel-8.6",
      INPUT_FAIL_ON: "warning",
      INPUT_VERSION: "latest",
    },
  });
  const options = ["--format", "github", "--fail-on", "warning", "--target", "5.15,rhel-8.6"];
  expect(stdout.split("\n").slice(0, -1)).toEqual([
    "--yes",
    "hookpoint@latest",
    "check",
    ...options,
    "--",
    "src",
    "$(touch owned) dir",
  ]);
});

test("the pre-commit hooks name commands that exist", () => {
  const hooks = parse(readFileSync(join(root, ".pre-commit-hooks.yaml"), "utf8"));
  for (const { entry, language, files } of hooks) {
    expect(entry).toMatch(/^hookpoint check(?: --fix)?$/);
    expect(language).toBe("node");
    expect(new RegExp(files).test("src/x.bpf.c")).toBe(true);
  }
});
