/** The report as Markdown that also reads well in a terminal. */

import { AREAS, type Check, isBad, type Report } from "./report.ts";

export function reportText({ hookpoint, editor, system, ready, checks, install }: Report): string {
  const kernel = system.kernel === undefined ? "" : `, kernel ${system.kernel}`;
  const areas = Object.entries(AREAS).flatMap(([area, title]) => {
    const own = checks.filter((check) => check.area === area);
    return own.length === 0 ? [] : [`## ${title}`, own.map(line).join("\n")];
  });
  const parts = [
    "# Toolchain for eBPF",
    `Hookpoint ${hookpoint}${editor === undefined ? "" : ` in ${editor}`} on ${system.name}${kernel}, ${system.machine}`,
    ready ? "All that is needed to build is there." : "**Something that is needed to build is missing.**",
    ...installLines(install),
    ...areas,
  ];
  return `${parts.join("\n\n")}\n`;
}

function installLines(install: Report["install"]): readonly string[] {
  if (install === undefined) return [];
  const { command, advice } = install;
  const lines = command === undefined ? [] : ["What is missing is installed by", `\`\`\`sh\n${command}\n\`\`\``];
  return advice === "" ? lines : [...lines, advice];
}

const SIGNS = { good: "✓", missing: "✗", unfit: "✗", note: "–" } as const;

function line(check: Check): string {
  const { state, name, version, path, says, remedy, purpose } = check;
  const head = [SIGNS[state], name, ...(version === undefined ? [] : [version])].join(" ");
  const where = path === undefined ? "" : `: \`${path}\``;
  const why = isBad(check) ? [`It is needed to ${purpose}.`] : [];
  const rest = [...(says === undefined ? [] : [says]), ...why, ...(remedy === undefined ? [] : [remedy])].join(" ");
  const dot = rest === "" ? "" : path === undefined ? ": " : ". ";
  return `- ${head}${where}${dot}${rest}`;
}
