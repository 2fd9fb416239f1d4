/** The formats by name. */

import { github } from "./github.ts";
import { gitlab } from "./gitlab.ts";
import { json } from "./json.ts";
import type { Format } from "./report.ts";
import { sarif } from "./sarif.ts";
import { text } from "./text.ts";

export const formats: readonly Format[] = [text, json, sarif, github, gitlab];
