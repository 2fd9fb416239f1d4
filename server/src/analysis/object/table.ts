/** Tables of Markdown with their columns aligned, so that they can be read in a terminal as well. */

/** Wider cells do not push the next column away. */
const WIDEST = 48;

/** @param head titles of the columns; one that begins with `>` has numbers. @returns nothing where there are no rows */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  if (rows.length === 0) return "";
  const titles = head.map((title) => title.replace(/^>/, ""));
  const numbers = head.map((title) => title.startsWith(">"));
  // A column that says nothing would only take up room.
  const shown = titles.map((_, i) => i).filter((i) => rows.some((row) => (row[i] ?? "") !== ""));
  const widths = shown.map((i) =>
    Math.min(WIDEST, Math.max(3, ...[titles, ...rows].map((row) => row[i]?.length ?? 0))),
  );
  const line = (row: readonly string[]): string => {
    const cells = shown.map((i, n) => pad(row[i] ?? "", widths[n] ?? 0, numbers[i] === true));
    return `| ${cells.join(" | ")} |`;
  };
  const rule = shown.map((i, n) =>
    numbers[i] === true ? `${"-".repeat((widths[n] ?? 3) - 1)}:` : "-".repeat(widths[n] ?? 3),
  );
  return [line(titles), `| ${rule.join(" | ")} |`, ...rows.map(line)].join("\n");
}

/** Text that stands for itself, in a cell or elsewhere. */
export function code(text: string): string {
  return text === "" ? "" : `\`${text.replaceAll("`", "'").replaceAll("|", "\\|").replace(/\s+/g, " ")}\``;
}

function pad(text: string, width: number, right: boolean): string {
  return right ? text.padStart(width) : text.padEnd(width);
}
