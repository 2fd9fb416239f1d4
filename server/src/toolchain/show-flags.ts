/** The flags of a build as a page: the compiler, each flag with where it comes from and why, and how to change them. */

import { relative } from "node:path";
import type { Plan } from "./plan.ts";
import { quoted } from "./step.ts";

export function flagsPage({ source, object, program, compiler, version, parts, cwd, origin, notes }: Plan): string {
  const name = relative(cwd, source);
  const rows = parts.map(
    ({ words, origin: from, why }) =>
      `| ${words.map((word) => code(quoted(word))).join(" ")} | ${cell(from)} | ${cell(why)} |`,
  );
  const command = [program, ...parts.flatMap(({ words }) => words), "-c", source, "-o", object].map(quoted).join(" ");
  return [
    `# How ${name} is built`,
    `With ${compiler} ${version}, ${code(program)}, in ${code(cwd)}. The flags come from ${origin === "derived" ? "what BPF needs: the project says nothing about them" : code(origin)}.`,
    ["| Flags | From | Why |", "| --- | --- | --- |", ...rows].join("\n"),
    ...(notes.length === 0 ? [] : [notes.map((note) => `- ${note}`).join("\n")]),
    ["## The command", "", "```sh", command, "```"].join("\n"),
    CHANGE,
  ]
    .join("\n\n")
    .concat("\n");
}

const CHANGE = `## To change them

The first of these that says anything about a file counts, and what BPF needs is added where it lacks:

1. \`hookpoint.json\` in the source's folder or above: \`{ "build": { "flags": ["-DDEBUG", "-Iinclude"], "compiler": "clang" } }\`
2. \`compile_commands.json\`, or \`build/compile_commands.json\`: the entry for that file
3. a Makefile: the command with \`-target bpf\` in it, or \`BPF_CFLAGS\`; nothing of it is run
4. \`//go:generate … bpf2go … -- FLAGS\` in a Go file

Last come those of the setting \`hookpoint.build.flags\`, always.`;

function code(text: string): string {
  const fence = text.includes("`") ? "``" : "`";
  return `${fence}${text.replaceAll("|", "\\|")}${fence}`;
}

function cell(text: string): string {
  return text.replaceAll("|", "\\|");
}
