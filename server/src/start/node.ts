/** What the extension starts as the language server. */

import { start } from "./start.ts";

start("node", module);
