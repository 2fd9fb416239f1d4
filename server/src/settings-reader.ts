/** The settings that hold for a file: what the editor has for it, under what its project says. */

import { labelsIn } from "./analysis/knowledge/target.ts";
import { rules } from "./analysis/rules/index.ts";
import type { Core } from "./core.ts";
import type { BesideC } from "./features/card.ts";
import type { Host } from "./host.ts";
import { loadersInUse } from "./loader-in-use.ts";
import { profileReader } from "./profiles.ts";
import { type Project, projects } from "./project.ts";
import type { TargetsInForce } from "./protocol.ts";
import { readSettings, type Settings, targetSetting } from "./settings.ts";

/** The settings of a file, with whether plain C is left to another server there. */
export interface Own extends Settings {
  readonly besideC: BesideC | undefined;
}

/** What of an editor has to do with settings. */
export interface Editor {
  /** What it has in the section `hookpoint` for a file. */
  readonly settings: (uri: string) => Promise<unknown>;
  readonly warn: (problem: string) => void;
  /** The folder that is open in it and that a file is below. */
  readonly folderOf: (uri: string) => string | undefined;
}

export interface SettingsReader {
  /** What the editor has told with its first request, and whether it can be asked. */
  initialize(pushed: unknown, canAsk: boolean): void;
  of(uri: string): Promise<Settings>;
  targetsOf(uri: string): Promise<TargetsInForce>;
  changed(pushed?: unknown): void;
}

/** Asks the editor for its settings where it can be asked, and takes what it pushes where it cannot. */
export function settingsReader(editor: Editor, host: Host, loaded: () => Promise<Core>): SettingsReader {
  const project = projects(host);
  const loaders = loadersInUse(host);
  const kernels = profileReader(host);
  const cache = new Map<string, Promise<Settings>>();
  const said = new Set<string>();
  let canAsk = false;
  let pushed: unknown;

  const written = (uri: string, files = project): Promise<readonly [unknown, Project | undefined]> => {
    const own = canAsk ? editor.settings(uri) : pushed;
    return Promise.all([own, files.of(uri)]);
  };
  const read = async (uri: string): Promise<Settings> => {
    const [own, found] = await written(uri);
    const target = targetSetting(own, found?.content);
    // Files that it names lie beside what names them: the project file, or the folder that the settings are of.
    const isProjects = targetSetting(undefined, found?.content) !== undefined;
    const folder = editor.folderOf(uri);
    const base = isProjects ? found?.uri : folder && `${folder.replace(/\/$/, "")}/`;
    const profiles = await kernels.of(target, base ?? found?.uri ?? uri);
    const { kb } = await loaded();
    const names = {
      distribution: kb.distribution,
      profile: (label: string) => profiles.get(label),
      rules: rules.map(({ meta }) => meta.id),
      loader: await loaders.of(uri),
    };
    const settings = readSettings(own, found?.content, names);
    for (const problem of [...settings.problems, ...(found?.problem === undefined ? [] : [found.problem])]) {
      if (!said.has(problem)) editor.warn(problem);
      said.add(problem);
    }
    return settings;
  };

  return {
    initialize: (told, asks) => {
      pushed = told;
      canAsk = asks;
    },
    of: (uri) => {
      const known = cache.get(uri) ?? read(uri);
      cache.set(uri, known);
      known.catch(() => cache.delete(uri));
      return known;
    },
    targetsOf: async (uri) => {
      // Editors may tell that the file has changed after they have asked for this.
      const [own, found] = await written(uri, projects(host));
      const ofProject = targetSetting(undefined, found?.content);
      const labels = labelsIn(ofProject ?? targetSetting(own));
      return ofProject === undefined || found === undefined ? { labels } : { labels, project: found.uri };
    },
    changed: (now) => {
      const section = (now as { hookpoint?: unknown } | null | undefined)?.hookpoint;
      if (section !== undefined) pushed = section;
      cache.clear();
      project.clear();
      loaders.clear();
      kernels.clear();
    },
  };
}
