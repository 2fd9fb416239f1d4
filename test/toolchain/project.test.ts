/** New projects: which names they can have, and that they are written whole or not at all. */

import { spawnSync } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { createProject } from "../../server/src/toolchain/project/create.ts";
import { nameProblem } from "../../server/src/toolchain/project/names.ts";
import { kinds, languages } from "../../server/src/toolchain/project/project.ts";
import { dist } from "../support/paths.ts";

const folder = mkdtempSync(join(tmpdir(), "hookpoint new-"));
afterAll(() => rmSync(folder, { recursive: true }));

const fresh = (): string => mkdtempSync(join(folder, "case "));
const signal = new AbortController().signal;
const FILES = [
  { path: "a.txt", text: "a\n" },
  { path: "src/b.txt", text: "b\n" },
];

function hookpoint(args: readonly string[], cwd = folder) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [join(dist, "server/cli.js"), ...args], {
    cwd,
    encoding: "utf8",
  });
  return { status, stdout, stderr };
}

describe("names", () => {
  test.each(["execwatch", "exec-watch", "exec_watch2", "X"])("%s will do", (name) => {
    expect(nameProblem(name)).toBeUndefined();
  });

  test.each([
    ["", "The project needs a name."],
    ["../x", '"../x" does not begin with a letter (a to z), as identifiers must.'],
    ["a b", '"a b" has a space in it.'],
    ["a/b", '"a/b" has "/" in it.'],
    ["a.b", '"a.b" has "." in it.'],
    ["größe", '"größe" has "ö" in it.'],
    ["größe".normalize("NFD"), 'has "'],
    ["a\nb", '"a\nb" has "\n" in it.'],
    ["$(id)", '"$(id)" does not begin with a letter'],
    ["2fast", '"2fast" does not begin with a letter'],
    ["exec-", '"exec-" has a "-" or "_" at its end'],
    ["exec__watch", '"exec__watch" has a "-" or "_" at its end or beside another one'],
    ["switch", '"switch" is a keyword of C, Go or Rust'],
    ["Func", '"Func" is a keyword of C, Go or Rust'],
    ["con", '"con" is the name of a device on Windows'],
    ["LPT1", '"LPT1" is the name of a device on Windows'],
    ["stdio", "stdio.h is the name of a header"],
    ["vmlinux", "vmlinux.h is the name of a header"],
    ["x".repeat(41), "The name has 41 letters, and 40 is the most"],
  ])("%j will not, with the reason", (name, reason) => {
    expect(nameProblem(name)).toContain(reason);
  });
});

describe("writing", () => {
  test("a folder is made with those that it lies in", async () => {
    const target = join(fresh(), "new", "größe $(id)", "project");
    await createProject({ folder: target, files: FILES, force: false }, { signal });
    expect(readdirSync(target, { recursive: true }).sort()).toEqual(["a.txt", "src", join("src", "b.txt")]);
    expect(readdirSync(join(target, ".."))).toEqual(["project"]);
  });

  test("an empty folder, or one with a fresh repository, is used as it is", async () => {
    const target = fresh();
    mkdirSync(join(target, ".git"));
    await createProject({ folder: target, files: FILES, force: false }, { signal });
    expect(readdirSync(target).sort()).toEqual([".git", "a.txt", "src"]);
  });

  test("a folder with files in it is left alone", async () => {
    const target = fresh();
    for (const name of ["1", "2", "3", "4"]) writeFileSync(join(target, name), "mine");
    await expect(createProject({ folder: target, files: FILES, force: false }, { signal })).rejects.toThrow(
      `${target} has files in it (1, 2, 3 and 1 more). Choose a new or empty folder`,
    );
    expect(readdirSync(target).sort()).toEqual(["1", "2", "3", "4"]);
  });

  test("with force, files of ours take the place of those of the same name, and nothing else changes", async () => {
    const target = fresh();
    writeFileSync(join(target, "a.txt"), "mine");
    writeFileSync(join(target, "z.txt"), "mine");
    await createProject({ folder: target, files: FILES, force: true }, { signal });
    expect(readdirSync(target).sort()).toEqual(["a.txt", "src", "z.txt"]);
    expect(readFileSync(join(target, "a.txt"), "utf8")).toBe("a\n");
    expect(readFileSync(join(target, "z.txt"), "utf8")).toBe("mine");
  });

  test("where the last file cannot be written, the first is put back", async () => {
    const target = fresh();
    writeFileSync(join(target, "a.txt"), "mine");
    mkdirSync(join(target, "src", "b.txt"), { recursive: true });
    await expect(createProject({ folder: target, files: FILES, force: true }, { signal })).rejects.toThrow(
      "The project cannot be written to",
    );
    expect(readFileSync(join(target, "a.txt"), "utf8")).toBe("mine");
    expect(readdirSync(target, { recursive: true }).sort()).toEqual(["a.txt", "src", join("src", "b.txt")]);
  });

  test("a link that leads out of the folder is replaced and not followed", async () => {
    const target = fresh();
    const outside = join(fresh(), "outside");
    writeFileSync(outside, "mine");
    symlinkSync(outside, join(target, "a.txt"));
    await createProject({ folder: target, files: FILES, force: true }, { signal });
    expect(readFileSync(outside, "utf8")).toBe("mine");
    expect(readFileSync(join(target, "a.txt"), "utf8")).toBe("a\n");
  });

  test.each([false, true])("cancelled half-way, nothing is left (folder there: %s)", async (there) => {
    const parent = fresh();
    const target = there ? parent : join(parent, "new", "project");
    const abort = new AbortController();
    const files = [
      FILES[0],
      {
        path: "b.txt",
        get text() {
          abort.abort();
          return "b\n";
        },
      },
      { path: "c.txt", text: "c\n" },
    ].filter((file) => file !== undefined);
    await expect(createProject({ folder: target, files, force: false }, { signal: abort.signal })).rejects.toThrow(
      "Cancelled.",
    );
    expect(readdirSync(parent)).toEqual([]);
  });

  test("a file where a folder should be is said so", async () => {
    const file = join(fresh(), "file");
    writeFileSync(file, "");
    for (const target of [file, join(file, "below")])
      await expect(createProject({ folder: target, files: FILES, force: true }, { signal })).rejects.toThrow(
        /cannot be written to .*: a part of the path is a file and no folder\. Choose another folder\.$/,
      );
  });

  test.runIf(process.platform === "linux")("a folder that nobody may write to is said so", async () => {
    const target = "/sys/kernel/hookpoint-project";
    await expect(createProject({ folder: target, files: FILES, force: false }, { signal })).rejects.toThrow(
      `The project cannot be written to ${target}: you may not write there (permission denied). Choose another folder.`,
    );
    expect(existsSync(target)).toBe(false);
  });
});

describe("hookpoint new", () => {
  test("writes a project in C on a tracepoint, and names its files", () => {
    const cwd = fresh();
    const { status, stdout, stderr } = hookpoint(["new", "execwatch"], cwd);
    expect([status, stderr]).toEqual([0, ""]);
    const names = [
      ".gitignore",
      "Makefile",
      "README.md",
      "execwatch.bpf.c",
      "execwatch.c",
      "execwatch.h",
      "hookpoint.json",
    ];
    expect(stdout.trim().split("\n").sort()).toEqual(names.map((name) => join("execwatch", name)));
    expect(readdirSync(join(cwd, "execwatch")).sort()).toEqual(names);
  });

  test("takes the folder for the name only where it can be one", () => {
    const cwd = fresh();
    const refused = hookpoint(["new", "my project"], cwd);
    expect(refused.status).toBe(2);
    expect(refused.stderr).toContain('"my project" has a space in it.');
    expect(refused.stderr).toContain("Give it one with --name.");
    expect(readdirSync(cwd)).toEqual([]);
    const { status, stdout } = hookpoint(["new", "--name", "mine", "--format", "json", "my project"], cwd);
    expect(status).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({
      folder: join(cwd, "my project"),
      name: "mine",
      kind: "c",
      program: "tracepoint",
    });
  });

  test("bad use is told with what there is", () => {
    for (const [args, reason] of [
      [[], "No directory given."],
      [["a", "b"], "Only one directory can be given."],
      [["--kind", "cobol", "x"], 'There is no kind "cobol". Choose '],
      [["--program", "tracepiont", "x"], 'There is no program "tracepiont". Did you mean tracepoint?'],
      [["--name", "../x", "x"], '"../x" does not begin with a letter'],
      [["--format", "xml", "x"], 'There is no format "xml". Choose text or json.'],
    ] as const) {
      const cwd = fresh();
      const { status, stdout, stderr } = hookpoint(["new", ...args], cwd);
      expect([status, stdout], reason).toEqual([2, ""]);
      expect(stderr).toContain(reason);
      expect(readdirSync(cwd)).toEqual([]);
    }
  });

  test("leaves a folder that is in use alone, unless told otherwise", () => {
    const cwd = fresh();
    writeFileSync(join(cwd, "Makefile"), "mine");
    const refused = hookpoint(["new", "--name", "mine", "."], cwd);
    expect(refused.status).toBe(2);
    expect(refused.stderr).toContain("has files in it (Makefile)");
    expect(readdirSync(cwd)).toEqual(["Makefile"]);
    expect(hookpoint(["new", "--name", "mine", "--force", "."], cwd).status).toBe(0);
    expect(readFileSync(join(cwd, "Makefile"), "utf8")).toContain("APP := mine");
  });
});

describe("every project", () => {
  test.each(languages.map(({ id, files }) => [id, files] as const))("in %s has no finding", async (_id, files) => {
    const cwd = fresh();
    for (const kind of kinds)
      await createProject(
        { folder: join(cwd, kind.id), files: files({ name: "exec-watch", kind }), force: false },
        { signal },
      );
    const { status, stdout, stderr } = hookpoint(["check", "--fail-on", "hint", "."], cwd);
    expect([status, stdout]).toEqual([0, ""]);
    expect(stderr).not.toMatch(/bpf\.c/);
  });

  test("has the files that it says it has, each with an end of line", () => {
    for (const { files, main } of languages)
      for (const kind of kinds) {
        const made = files({ name: "exec-watch", kind });
        expect(made.map(({ path }) => path)).toContain(main("exec-watch"));
        for (const { path, text } of made) {
          expect(text.endsWith("\n") && !text.endsWith("\n\n"), `${kind.id} ${path}`).toBe(true);
          expect(text, `${kind.id} ${path}`).not.toMatch(/undefined|\[object|[ \t]\n|\n\n\n/);
        }
      }
  });
});
