/** What the measuring tools need of the core, in one bundle so that its parts know each other. */

export { buildModel } from "../../server/src/analysis/model.ts";
export { outlineOf } from "../../server/src/analysis/syntax/outline.ts";
export { loadSyntax } from "../../server/src/analysis/syntax/parse.ts";
export { MAX_LENGTH } from "../../server/src/core.ts";
export { headerFollower } from "../../server/src/headers.ts";
export { isBpfSource } from "../../server/src/protocol.ts";
