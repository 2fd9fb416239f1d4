// @ts-check
/** Builds and loads the examples of rules, and tells what really happened: `examples.mjs [RULE]…`. */

import { load } from "../../server/tools/load.mjs";
import { judge } from "./judge.mjs";
import { toolbox, whyNotHere } from "./toolbox.mjs";

const reason = whyNotHere();
if (reason !== undefined) {
  console.error(`Examples cannot be loaded here: ${reason}.`);
  process.exit(2);
}
const wanted = process.argv.slice(2);
const { rules } = await load("server/src/analysis/rules/index.ts");
const tools = await toolbox();
try {
  for (const { meta } of rules) {
    if (wanted.length > 0 && !wanted.includes(meta.id)) continue;
    for (const [i, example] of meta.examples.entries()) {
      const { problems, told } = await judge(`${meta.id}-${i + 1}`, example, tools);
      console.log(`${problems.length === 0 ? "ok  " : "FAIL"} ${meta.id}, example ${i + 1}${told}`);
      for (const problem of problems) console.log(`     ${problem.replaceAll("\n", "\n     ")}`);
      if (problems.length > 0) process.exitCode = 1;
    }
  }
} finally {
  tools.dispose();
}
