/** How a minimum is told: the same words on the command line, on pages and in lenses. */

import type { Lowered, Minimum, Releases } from "./minimum.ts";
import type { Reason } from "./reasons.ts";

/** "Linux 5.8", "Linux 5.9, perhaps 5.8". */
export function minimumText({ release, reasons, ...rest }: Minimum): string {
  if (release !== undefined) return releaseText({ ...rest, release });
  return reasons.length === 0 ? "nothing is known to ask for" : "no release of Linux";
}

export function releaseText({ release, perhaps, until }: Releases & { readonly release: string }): string {
  const hedge = perhaps === undefined ? "" : `, perhaps ${perhaps}`;
  return `Linux ${release}${hedge}${until === undefined ? "" : `, until ${until} took something away`}`;
}

/** "5.9, perhaps 5.8" */
export function sinceText({ since, maybe, until }: Pick<Reason, "since" | "maybe" | "until">): string {
  const hedge = maybe === undefined ? "" : `, perhaps ${maybe}`;
  return `${since ?? "never"}${hedge}${until === undefined ? "" : `, until ${until}`}`;
}

/** "bpf_loop() in line 40: first at 3 places" as far as there is more to say. */
export function reasonText({ what, range, places, remark }: Reason): string {
  const more = places > 1 ? ` and ${places - 1} more` : "";
  return `${what}, line ${range.start.line + 1}${more}${remark === undefined ? "" : `; ${remark}`}`;
}

/** "without bpf_loop() in line 40: 5.8"; each step names what it takes out beyond the one before. */
export function loweredTexts(lowered: readonly Lowered[]): readonly string[] {
  let before = 0;
  return lowered.map(({ release, without, isChoice }) => {
    const parts = isChoice ? without : without.slice(before);
    if (!isChoice) before = without.length;
    const names = listed(parts.map(({ what, range }) => `${what} in line ${range.start.line + 1}`));
    if (isChoice) return `with others in the place of ${names}: ${release}`;
    return `without ${names}${parts.length < without.length ? " as well" : ""}: ${release}`;
  });
}

const MOST = 3;

function listed(names: readonly string[]): string {
  const shown = names.length > MOST ? [...names.slice(0, MOST - 1), `${names.length - MOST + 1} more`] : names;
  return shown.length < 2 ? shown.join("") : `${shown.slice(0, -1).join(", ")} and ${shown.at(-1)}`;
}
