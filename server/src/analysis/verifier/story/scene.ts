/** What a story is told from: a log, the step that it ends with, and which line each step is of. */

import type { Found } from "../family.ts";

export type Scene = Omit<Found, "match">;
