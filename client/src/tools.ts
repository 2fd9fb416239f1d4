/** What runs tools on the desktop: commands, and the status of the tools. A bundle of its own, loaded with the first BPF file or command. */

import { commands } from "./commands/index.ts";

export const toolCommands = commands;

export { buildSaved } from "./build/on-save.ts";
export { buildTasks, resolveBuildTask } from "./build/tasks.ts";
export { welcomeProject } from "./fresh-project.ts";
export { startVerifier } from "./kernel/start.ts";
export { startToolchainStatus } from "./toolchain-status.ts";
