/** Where ways through a function meet: they wait there for one another, and only those go on that differ. */

import type { Node } from "./graph.ts";
import type { Path } from "./path.ts";
import { signature } from "./same.ts";
import type { Walker } from "./walk.ts";

/** Ways that go on separately from a place where ways meet: enough for two conditions in all their combinations. */
const MAX_WAYS = 5;
/** Turns of a loop come to where it begins as well. */
const MAX_WAYS_OF_LOOP = 8;

/** A way that has come to a node. */
export interface Way {
  readonly node: Node;
  readonly path: Path;
}

/** Where ways wait for others: a node has its turn when none is left that may still come to it, but by a loop. */
export class Crossings {
  private readonly walker: Walker;
  /** The last is the next. */
  private readonly nodes: Node[] = [];
  private readonly paths = new Map<Node, Path[]>();
  /** What was gone on with from each, and how often. */
  private readonly before = new Map<Node, { readonly states: Set<string>; count: number }>();
  private ready: Path[] = [];
  private at: Node | undefined;

  constructor(walker: Walker) {
    this.walker = walker;
  }

  /** Whether a way may go on there at once. */
  isAlone(node: Node): boolean {
    if (!node.isMerge && !node.isLoop) return true;
    return !node.isLoop && this.nodes.length === 0 && this.ready.length === 0 && !this.before.has(node);
  }

  add({ node, path }: Way): void {
    const others = this.paths.get(node);
    if (others !== undefined) {
      others.push(path);
      return;
    }
    this.paths.set(node, [path]);
    const { nodes } = this;
    let i = nodes.length;
    while (i > 0 && (nodes[i - 1]?.rank ?? 0) > node.rank) i--;
    nodes.splice(i, 0, node);
  }

  next(): Way | undefined {
    for (;;) {
      const path = this.ready.shift();
      if (path !== undefined && this.at !== undefined) return { node: this.at, path };
      const node = this.nodes.pop();
      if (node === undefined) return undefined;
      this.at = node;
      this.ready = this.chosen(node, this.paths.get(node) ?? []);
      this.paths.delete(node);
    }
  }

  /** Of ways that nobody can tell apart one goes on, and of many that differ only some, as unlike each other as can be. */
  private chosen(node: Node, paths: Path[]): Path[] {
    const mayComeAgain = node.isMerge || node.isLoop;
    if (paths.length === 1 && !mayComeAgain) return paths;
    let before = this.before.get(node);
    if (before === undefined) {
      before = { states: new Set(), count: 0 };
      this.before.set(node, before);
    }
    const room = (node.isLoop ? MAX_WAYS_OF_LOOP : MAX_WAYS) - before.count;
    if (room === 0) return [];
    const { states } = before;
    // Nothing to compare it with, yet: most ways never come a second time.
    const isFirst = before.count === 0 && paths.length === 1 && !node.isLoop;
    const fresh = isFirst
      ? paths
      : paths.filter((path) => {
          const state = signature(node, path, this.walker);
          return !states.has(state) && states.add(state);
        });
    const some = spread(fresh, room);
    before.count += some.length;
    return some;
  }
}

/** At most so many of them, from the first to the last. */
function spread<T>(list: readonly T[], count: number): T[] {
  if (list.length <= count) return [...list];
  const stride = (list.length - 1) / Math.max(1, count - 1);
  const places = new Set(Array.from({ length: count }, (_, i) => Math.round(i * stride)));
  return list.filter((_, i) => places.has(i));
}
