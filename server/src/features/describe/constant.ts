/** What the editor says about a constant of the kernel's headers. */

import type { ConstantFact } from "../../analysis/knowledge/types.ts";
import { type Card, sinceText } from "../card.ts";

export function describeConstant(constant: ConstantFact): Card {
  const { name, value, header, kind, group, inBtf, inBtfSince, internal, note } = constant;
  const inVmlinux = inBtf || inBtfSince !== undefined;
  return {
    isPlain: true,
    declaration: `${kind === "define" ? `#define ${name}` : `${name} =`} ${value}`,
    what: [group, constant.enum !== undefined && `\`enum ${constant.enum}\``],
    note,
    facts: [
      internal
        ? {
            label: "Header",
            text: `the kernel's own \`${header}\`, which programs cannot include${inVmlinux ? "" : ": define it"}`,
          }
        : { label: "Header", text: `\`#include <${header}>\`` },
      {
        label: "vmlinux.h",
        text:
          inBtfSince !== undefined
            ? `has it ${sinceText({ since: inBtfSince })}`
            : inBtf
              ? "has it"
              : "does not have it: it is a `#define`",
      },
    ],
  };
}
