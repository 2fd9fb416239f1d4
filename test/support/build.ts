/** Builds dist/ once before the tests: those that start the server or the command line start what ships. */

import { execFileSync } from "node:child_process";
import { root } from "./paths.ts";

export default function setup(): void {
  execFileSync(process.execPath, ["server/tools/build.mjs"], { cwd: root, stdio: ["ignore", "ignore", "inherit"] });
}
