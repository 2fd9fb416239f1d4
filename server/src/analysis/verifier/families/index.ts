/** All families, in the order in which they are tried: what is said more exactly stands before what is said in general. */

import type { Family } from "../family.ts";
import { resultMayBeNull } from "./result-may-be-null.ts";

export const families: readonly Family[] = [resultMayBeNull];
