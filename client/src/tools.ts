/** The desktop's commands that run tools. A bundle of its own: it is loaded with the first of them. */

import { commands } from "./commands/index.tools.ts";

export const toolCommands = commands;
