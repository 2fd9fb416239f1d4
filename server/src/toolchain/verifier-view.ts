/** What the editor shows of verifications: the texts and shapes of the analysis that the client needs. */

export type { Answer, LoadAnswer, Place, ProgramAnswer, Stats } from "../analysis/verifier/answer.ts";
export { answerPage, CLASS_NAMES, type LinkTo, logPage, summary } from "../analysis/verifier/answer-page.ts";
export { costPage } from "../analysis/verifier/cost-page.ts";
export { costText } from "../analysis/verifier/cost-text.ts";
export type { Costs } from "../analysis/verifier/costs.ts";
export { type Heat, heatOf } from "../analysis/verifier/heat.ts";
export { kernelPage } from "../analysis/verifier/kernel-page.ts";
export type { SourceText } from "../analysis/verifier/place-by-text.ts";
export { placeRange } from "../analysis/verifier/place-range.ts";
export { sameFile } from "../analysis/verifier/same-file.ts";
export { type Lines, sameFindings } from "../analysis/verifier/same-finding.ts";
export { type PlaceOfName, sourcePlaces } from "../analysis/verifier/source-places.ts";
