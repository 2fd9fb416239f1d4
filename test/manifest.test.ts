/** The extension's manifest agrees with what the code has, and with what is on disk. */

import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { settingFields } from "../server/src/settings.ts";
import { root } from "./support/paths.ts";

const manifest = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));

test("the settings are those of the server, with their defaults", () => {
  const defaults = (fields: Readonly<Record<string, { default: unknown }>>) =>
    Object.fromEntries(Object.entries(fields).map(([name, field]) => [name, field.default]));
  expect(defaults(manifest.contributes.configuration.properties)).toEqual(defaults(settingFields));
});

test("every command file is a command of the palette", () => {
  const files = readdirSync(join(root, "client/src/commands")).filter(
    (name) => !/^(?:index(?:\.\w+)?|command)\.ts$/.test(name),
  );
  expect(manifest.contributes.commands).toHaveLength(files.length);
  for (const { command, category } of manifest.contributes.commands) {
    expect(category).toBe("eBPF");
    expect(command).toMatch(/^hookpoint\.[a-z]\w+$/i);
    const entry = manifest.contributes.menus.commandPalette.find(
      (item: { command: string }) => item.command === command,
    );
    // Web workbenches show nothing that cannot work there, and plain C files nothing of BPF.
    expect(entry).toBeDefined();
  }
});

test("what needs no BPF file is offered before one was opened: nothing of ours has run by then", () => {
  for (const { command, when } of manifest.contributes.menus.commandPalette)
    if (!/activeFileIsBpf/.test(when)) expect(when, command).not.toMatch(/hookpoint\./);
});

test("what a workspace could turn into running a program of its choice is restricted until it is trusted", () => {
  expect(manifest.capabilities.untrustedWorkspaces.restrictedConfigurations).toEqual(
    expect.arrayContaining(["hookpoint.tools.clang", "hookpoint.tools.bpftool", "hookpoint.build.flags"]),
  );
});

test("every file that the manifest names is there", () => {
  const { main, browser, bin, icon, contributes } = manifest;
  const paths = [main, browser, bin.hookpoint, icon];
  for (const { path, url } of [...contributes.grammars, ...contributes.snippets, ...contributes.jsonValidation])
    paths.push(path ?? url);
  for (const path of paths) expect(existsSync(join(root, path)), path).toBe(true);
});

test("the walkthrough shows pages that ship, and its buttons and their ends are commands and settings of ours", () => {
  const commands = manifest.contributes.commands.map(({ command }: { command: string }) => command);
  const allowed = readFileSync(join(root, ".vscodeignore"), "utf8");
  expect(manifest.contributes.walkthroughs).not.toHaveLength(0);
  for (const { steps } of manifest.contributes.walkthroughs) {
    for (const { id, description, media, completionEvents } of steps) {
      expect(existsSync(join(root, media.markdown)), media.markdown).toBe(true);
      expect(allowed).toContain(`!${media.markdown.replace(/[^/]+$/, "")}**`);
      expect(completionEvents, id).not.toHaveLength(0);
      const named = [description, ...completionEvents]
        .join("\n")
        .matchAll(/\b(?:command:|onCommand:)(hookpoint\.\w+)/g);
      for (const [, command] of named) expect(commands, id).toContain(command);
      for (const [, setting = ""] of completionEvents.join("\n").matchAll(/onSettingChanged:(\S+)/g))
        expect(Object.keys(settingFields), id).toContain(setting);
    }
  }
});

test("nothing is needed to run what is installed: everything ships bundled", () => {
  expect(manifest.dependencies ?? {}).toEqual({});
  expect(manifest.optionalDependencies ?? {}).toEqual({});
});

test("the types are those of the oldest editor that is supported", () => {
  expect(manifest.engines.vscode).toBe(`^${manifest.devDependencies["@types/vscode"]}`);
});

test("dependencies are pinned", () => {
  for (const [name, version] of Object.entries(manifest.devDependencies))
    expect(version, name).toMatch(/^\d+\.\d+\.\d+(?:-[\w.]+)?$/);
});
