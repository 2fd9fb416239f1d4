/** The comments that libbpf's `bpf_helper_defs.h` on the user's machine has on helpers. Shown from there, never shipped. */

export function officialComments(header: string): ReadonlyMap<string, string> {
  const blocks = header.matchAll(/\/\*\r?\n \* (bpf_\w+)\r?\n([\s\S]*?)\r?\n \*\/\r?\nstatic/g);
  return new Map([...blocks].map(([, name = "", body = ""]) => [name, plain(body)]));
}

/** Without the stars and the indentation of the comment; paragraphs stay. */
function plain(body: string): string {
  return body
    .split(/\r?\n/)
    .map((line) => line.replace(/^ \*\s?/, "").replace(/^\t+ ?/, ""))
    .join("\n")
    .replace(/\n{3,}/g, "\n\n")
    .trim();
}
