/** How long work that somebody else waits beside goes on before others have their turn. */
const TURN_MS = 4;

/** Work that takes long asks after each step whether it has lasted long enough for others to have their turn. */
export function pauser(turns: () => Promise<void>): () => Promise<void> {
  let since = performance.now();
  return async () => {
    if (performance.now() - since < TURN_MS) return;
    await turns();
    since = performance.now();
  };
}
