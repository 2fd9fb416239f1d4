/** `fs/promises` without its streams and file handles, which take as long to load as fifty files to read. */

import * as fs from "node:fs";
import { promisify } from "node:util";

export const access = promisify(fs.access);
export const close = promisify(fs.close);
export const open = promisify(fs.open);
export const read = promisify(fs.read);
export const readdir = promisify(fs.readdir);
export const readFile = promisify(fs.readFile);
export const stat = promisify(fs.stat);
export const writeFile = promisify(fs.writeFile);
