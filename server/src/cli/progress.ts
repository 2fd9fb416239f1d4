/** A bar on a terminal while many files are read; nothing where nobody looks. */

const WIDTH = 24;
/** Fewer are done before anybody has seen a bar. */
const MANY = 20;
const PAUSE_MS = 80;

export interface Progress {
  step(): void;
  /** Takes the bar away before something else is printed. */
  clear(): void;
}

export function progressOf(total: number, out: NodeJS.WriteStream): Progress {
  if (!out.isTTY || total < MANY) return { step: () => {}, clear: () => {} };
  let done = 0;
  let shownAt = 0;
  let shown = false;
  return {
    step: () => {
      done++;
      if (Date.now() - shownAt < PAUSE_MS) return;
      shownAt = Date.now();
      shown = true;
      const filled = Math.round((done / total) * WIDTH);
      out.write(`\r[${"█".repeat(filled)}${"·".repeat(WIDTH - filled)}] ${done} of ${total} files`);
    },
    clear: () => {
      if (shown) out.write("\r\u001b[K");
      shown = false;
      shownAt = 0;
    },
  };
}
