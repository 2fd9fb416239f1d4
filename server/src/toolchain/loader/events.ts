/** C that prints a record that a program has sent: its fields where its structure is known, else its bytes. */

import type { MapDescription } from "../../analysis/describe.ts";
import { indent } from "./part.ts";
import { printOf } from "./print.ts";

/** The body of a callback that is given `data` and `size`. */
export function printRecords({ name, records }: MapDescription): string {
  // A perf buffer may add some bytes at the end, so that the largest that fits is the one.
  const bySize = [...records].sort((a, b) => b.size - a.size);
  const lines = bySize.flatMap((record) => [
    `if (size >= sizeof(${record.spelling})) {`,
    ...indent([
      `const ${record.spelling} *e = data;\n`,
      ...printOf([{ before: `${name} `, value: "*e", shape: record }], "\\n"),
    ]),
    "} else",
  ]);
  const bytes = [`printf("${name} ");`, "print_bytes(data, size);", `printf("\\n");`];
  if (lines.length === 0) return `\n${indent(bytes).join("\n")}`;
  lines[lines.length - 1] = "} else {";
  const joined = lines.join("\n").replaceAll("} else\nif (", "} else if (").split("\n");
  return indent([...joined, ...indent(bytes), "}"]).join("\n");
}
