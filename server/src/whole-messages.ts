/** Output for a server over stdio: a message's head and its content, which come one after the other, are written at once. */

import { Writable } from "node:stream";

const HEAD = /^Content-Length: /;

/** Each write wakes the editor up, and the first of the two for nothing. */
export function wholeMessages(output: Writable): Writable {
  let head: Buffer | undefined;
  const whole = new Writable({
    write(chunk: Buffer, _, done) {
      if (head === undefined && HEAD.test(chunk.toString("latin1", 0, 16))) {
        head = chunk;
        done();
        return;
      }
      const message = head === undefined ? chunk : Buffer.concat([head, chunk]);
      head = undefined;
      output.write(message, done);
    },
  });
  output.on("error", (error) => whole.destroy(error));
  output.on("close", () => whole.destroy());
  return whole;
}
