/** Builds dist/ once before the tests: those that start the server or the command line start what ships. */

import { execFileSync } from "node:child_process";
import { root } from "./paths.ts";

export default function setup(): void {
  // Nothing here asks the network. Where it is set, Node reads these certificates at each of some thousand starts.
  delete process.env["NODE_EXTRA_CA_CERTS"];
  execFileSync(process.execPath, ["server/tools/build.mjs"], { cwd: root, stdio: ["ignore", "ignore", "inherit"] });
}
