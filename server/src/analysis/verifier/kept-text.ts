/** Of a long text the beginning and the end, as much of each as is worth keeping. */

export interface KeptText {
  add(line: string): void;
  text(): string;
}

const HEAD = 256 * 1024;
const TAIL = 2 * 1024 * 1024;

export function keptText(): KeptText {
  const head: string[] = [];
  let tail: string[] = [];
  let headLength = 0;
  let tailLength = 0;
  let dropped = 0;
  const shorten = (): void => {
    let from = 0;
    while (from < tail.length && tailLength > TAIL) {
      const length = (tail[from++] ?? "").length + 1;
      tailLength -= length;
      dropped += length;
    }
    tail = tail.slice(from);
  };
  return {
    add: (line) => {
      if (headLength < HEAD) {
        head.push(line);
        headLength += line.length + 1;
        return;
      }
      tail.push(line);
      tailLength += line.length + 1;
      // Twice as much is let in, so that it is seldom.
      if (tailLength > 2 * TAIL) shorten();
    },
    text: () => {
      shorten();
      const gap = dropped === 0 ? [] : [`(${dropped} bytes of the log are left out here)`];
      return [...head, ...gap, ...tail].join("\n");
    },
  };
}
