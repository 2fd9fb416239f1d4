/** What `hookpoint` runs. */

import { start } from "./start.ts";

start("cli", module);
