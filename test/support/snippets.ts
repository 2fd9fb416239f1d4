/** The templates that we offer, as the text that stands in a file when every stop keeps its default. */

import { snippetFile } from "../../server/src/features/complete/skeletons.ts";

const LICENCE = 'char LICENSE[] SEC("license") = "GPL";\n';

export interface Template {
  readonly prefix: string;
  /** A whole source, with includes and licence. */
  readonly source: string;
}

export function templates(): readonly Template[] {
  return Object.values(snippetFile()).map(({ prefix, body }) => {
    const text = expand(body.join("\n"));
    const licence = text.includes('SEC("license")') ? "" : LICENCE;
    return { prefix, source: `#include <linux/bpf.h>\n#include <bpf/bpf_helpers.h>\n${text}\n\n${licence}` };
  });
}

/** The text that an editor inserts when every stop keeps its default, or takes `choice` where it is offered. */
export function expand(body: string, choice?: string): string {
  const values = new Map<string, string>();
  const filled = body.replace(
    /\$\{(\d+)(?::([^}]*)|\|([^|]*)\|)\}/g,
    (_, stop: string, value?: string, choices?: string) => {
      const offered = choices?.split(",") ?? [];
      const chosen = value ?? (choice !== undefined && offered.includes(choice) ? choice : (offered[0] ?? ""));
      values.set(stop, chosen);
      return chosen;
    },
  );
  return filled.replace(/\$(\d+)/g, (_, stop: string) => values.get(stop) ?? "").replaceAll("\\\\", "\\");
}
