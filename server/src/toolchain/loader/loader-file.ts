/** Where the loader of a source goes, and writing it there, which never happens over something of the person's. */

import { basename, dirname, join, posix, relative, sep } from "node:path";
import { stemOf } from "../plan.ts";
import { refuseOverwriting } from "../skeleton/overwrite.ts";
import { writeWhole } from "../write.ts";
import { cLoader, type LoaderModel } from "./loader.ts";

/** `foo.c` for `foo.bpf.c`; a plain `foo.c` is the BPF program itself. */
export function loaderFile(source: string): string {
  const stem = stemOf(source);
  return join(dirname(source), source.endsWith(".bpf.c") ? `${stem}.c` : `${stem}_user.c`);
}

export interface LoaderPlace {
  readonly source: string;
  readonly path: string;
  /** The header of the skeleton, and what it is called in C. */
  readonly header: string;
  readonly name: string;
  /** Whether what is there may be written over. */
  readonly force: boolean;
}

/** @param models of the sources that were linked to one object, in their order */
export async function writeLoaderFile(models: readonly LoaderModel[], place: LoaderPlace): Promise<void> {
  const { source, path, header, name, force } = place;
  // A loader is the person's from the first line they change, so that ours counts as theirs.
  await refuseOverwriting(path, () => false, force);
  const folder = dirname(path);
  const text = cLoader(together(models), {
    program: basename(path).replace(/\.c$/, ""),
    skeleton: name,
    header: relative(folder, header).split(sep).join(posix.sep),
    source: basename(source),
    folder,
  });
  await writeWhole(path, text);
}

/** What is declared in one and defined in another is there once. */
function together(models: readonly LoaderModel[]): LoaderModel {
  const byName = <T extends { readonly name: string }>(lists: readonly (readonly T[])[]): readonly T[] => [
    ...new Map(lists.flat().map((item) => [item.name, item])).values(),
  ];
  return {
    programs: byName(models.map(({ programs }) => programs)),
    maps: byName(models.map(({ maps }) => maps)),
    globals: byName(models.map(({ globals }) => globals.filter(({ kind }) => kind !== "extern"))),
    calls: models.flatMap(({ calls }) => calls),
    includes: models.flatMap(({ includes }) => includes),
    outside: {
      maps: byName(models.map(({ outside }) => outside.maps)),
      programs: models.flatMap(({ outside }) => outside.programs),
      headers: models.flatMap(({ outside }) => outside.headers),
    },
  };
}
