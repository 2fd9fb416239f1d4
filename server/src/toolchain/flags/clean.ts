/** Takes out of a project's flags what is no business of ours: source and object, dependency files, what would run programs. */

export interface Cleaned {
  readonly words: readonly string[];
  /** What was left out because a build of ours must not do it. */
  readonly refused: readonly string[];
}

/** With a value of their own as the next word. */
const WITH_VALUE = new Set(["-o", "-MF", "-MT", "-MQ", "-MJ", "-dependency-file", "--serialize-diagnostics", "-arch"]);
/** What says what to make, or how to print it. */
const OURS =
  /^(?:-c|-S|-E|-P|-fsyntax-only|-emit-llvm|-M[DMPGV]*|-M[FTQJ].+|-o.+|-pipe|-v|-###|-save-temps(?:=.*)?|--serialize-diagnostics=.*|-f(?:no-)?color-diagnostics|-fdiagnostics-.*|-f(?:no-)?caret-diagnostics|-ftime-.*|-Wp,-M.*|-flto(?:=.*)?)$/;
/** What loads code into the compiler, or makes it start other programs: a file from somewhere must not have it done. */
const RUNS_CODE =
  /^(?:-fplugin.*|-fpass-plugin.*|-wrapper|-specs.*|--specs.*|--config.*|-B.*|--prefix.*|-f?no-integrated-as|-ccc-.*|-load=.*|@.+|-no-canonical-prefixes)$/;
/** Their next word is a flag for a part of the compiler. */
const HANDS_ON = new Set(["-Xclang", "-mllvm", "-Xpreprocessor"]);
const LOADS = new Set(["-load", "-plugin", "-add-plugin"]);

/** @param isSource whether a word names the source */
export function cleaned(words: readonly string[], isSource: (word: string) => boolean): Cleaned {
  const kept: string[] = [];
  const refused: string[] = [];
  for (let i = 0; i < words.length; i++) {
    const word = words[i] ?? "";
    const next = words[i + 1] ?? "";
    if (WITH_VALUE.has(word)) i++;
    else if (HANDS_ON.has(word) && LOADS.has(next)) {
      // -Xclang -load -Xclang FILE
      refused.push(words.slice(i, i + 4).join(" "));
      i += 3;
    } else if (HANDS_ON.has(word) && RUNS_CODE.test(next)) {
      refused.push(`${word} ${next}`);
      i++;
    } else if (word === "-wrapper") {
      refused.push(`${word} ${next}`);
      i++;
    } else if (RUNS_CODE.test(word)) refused.push(word);
    else if (TAKES_PATH.has(word)) {
      kept.push(word, next);
      i++;
    } else if (!OURS.test(word) && !(isSource(word) && !word.startsWith("-"))) kept.push(word);
  }
  return { words: kept, refused };
}

/** Their value may look like anything, a source's name even. */
const TAKES_PATH = new Set([
  ...["-I", "-D", "-U", "-include", "-imacros", "-isystem", "-iquote", "-idirafter", "-iprefix", "-iwithprefix"],
  ...["-isysroot", "--sysroot", "-target", "-x", "-mllvm", "-Xclang", "-Xpreprocessor"],
]);

/** Of flags that are for the machine, those that also mean something for BPF: where headers are, what is defined, warnings. */
export function portable(words: readonly string[]): readonly string[] {
  const kept: string[] = [];
  for (let i = 0; i < words.length; i++) {
    const word = words[i] ?? "";
    if (/^-(?:I|D|U|include|imacros|isystem|iquote|idirafter)$/.test(word)) kept.push(word, words[++i] ?? "");
    else if (TAKES_PATH.has(word)) i++;
    else if (/^-(?:I|D|U|isystem|iquote|idirafter|std=|W(?!l,|a,|p,)).*/.test(word)) kept.push(word);
  }
  return kept;
}

export function isForBpf(words: readonly string[]): boolean {
  return words.some((word, i) => /^--target=bpf/.test(word) || (word === "-target" && /^bpf/.test(words[i + 1] ?? "")));
}
