/** What the measuring tools need of the core, in one bundle so that its parts know each other. */

export { applyFixes } from "../../server/src/analysis/fix.ts";
export { flowOf } from "../../server/src/analysis/flow/flow.ts";
export { Walker } from "../../server/src/analysis/flow/walk.ts";
export { headersOf as joinHeaders, readHeader } from "../../server/src/analysis/header.ts";
export { knowledgeBase } from "../../server/src/analysis/knowledge/knowledge-base.ts";
export { readTargets } from "../../server/src/analysis/knowledge/target.ts";
export { lint } from "../../server/src/analysis/lint.ts";
export { Earlier } from "../../server/src/analysis/lint-again.ts";
export { minimumOf } from "../../server/src/analysis/minimum/minimum.ts";
export { buildModel } from "../../server/src/analysis/model.ts";
export { rules } from "../../server/src/analysis/rules/index.ts";
export { outlineOf } from "../../server/src/analysis/syntax/outline.ts";
export { loadSyntax } from "../../server/src/analysis/syntax/parse.ts";
export { applyEdits } from "../../server/src/analysis/text.ts";
export { families } from "../../server/src/analysis/verifier/families/index.ts";
export { MAX_LENGTH } from "../../server/src/core.ts";
export { completion } from "../../server/src/features/completion.ts";
export { definition } from "../../server/src/features/go-to.ts";
export { hover } from "../../server/src/features/hover.ts";
export { documentHighlights, references } from "../../server/src/features/references.ts";
export { prepareRename, rename } from "../../server/src/features/rename.ts";
export { signatureHelp } from "../../server/src/features/signature-help.ts";
export { headerFollower } from "../../server/src/headers.ts";
export { isBpfSource } from "../../server/src/protocol.ts";
export { expectationsOf } from "../kernel/refusals-expected.ts";
