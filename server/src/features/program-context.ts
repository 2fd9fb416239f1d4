/** Which programs run the code at a place. */

export { functionAt, kindText, programKind, programsAt, programsOf } from "../analysis/knowledge/programs.ts";
