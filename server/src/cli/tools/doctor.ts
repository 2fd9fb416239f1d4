/** `hookpoint doctor`: what is there to build with, and what is missing. */

import { version } from "../../files.ts";
import { examine } from "../../toolchain/doctor/doctor.ts";
import { reportText } from "../../toolchain/doctor/text.ts";
import { BadUse, print } from "../source.ts";
import type { ToolCommand } from "./tool-command.ts";

export const doctor: ToolCommand = {
  name: "doctor",
  usage:
    "  hookpoint doctor [--format text|json]            look at tools, headers and the kernel; 2 when builds lack something",
  options: {},
  run: async (names, { work, values }) => {
    if (names.length > 0) throw new BadUse("hookpoint doctor takes no files.");
    const { format = "text" } = values;
    if (format !== "text" && format !== "json")
      throw new BadUse(`There is no format "${format}". Choose text or json.`);
    const report = await examine(work, { hookpoint: version });
    print(format === "json" ? `${JSON.stringify(report, null, 2)}\n` : reportText(report));
    return report.ready ? 0 : 2;
  },
};
