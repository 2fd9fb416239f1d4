/** When two paths may go on as one: what can still be asked is the same on both. Ids are renamed in the order they turn up. */

import type { Node } from "./graph.ts";
import type { Path } from "./path.ts";
import type { NumberValue, Thing, Value } from "./values.ts";
import type { Walker } from "./walk.ts";

/** Forgets what nobody can reach any more, and says in a text what is left. */
export function signature(node: Node, path: Path, walker: Walker, value?: Value): string {
  const reader = new Reader(node, path, walker);
  return reader.run(value);
}

/** A class, for the tables that each step writes to. */
class Reader {
  private readonly node: Node;
  private readonly path: Path;
  private readonly walker: Walker;
  private readonly names = new Map<number, string>();
  private text = "";

  constructor(node: Node, path: Path, walker: Walker) {
    this.node = node;
    this.path = path;
    this.walker = walker;
  }

  run(value: Value | undefined): string {
    const { path, walker } = this;
    if (value !== undefined) this.value(value);
    const last = path.frames.length - 1;
    for (let i = 0; i <= last; i++) {
      const frame = path.frames[i];
      if (frame === undefined) continue;
      const { variables, routine, at } = frame;
      const { graph } = routine;
      this.text += `|${routine.name}`;
      // What nobody reads any more is not compared.
      for (const variable of graph.liveAt(i === last ? this.node : at)) {
        const value = variables.get(variable.index);
        if (value === undefined) continue;
        this.text += `;${variable.index}=`;
        this.value(value);
      }
    }
    for (const [key, value] of path.stores) {
      if (!this.isRead(lastField(key))) continue;
      this.text += `;${key}=`;
      this.value(value);
    }
    this.facts();
    for (const [key, value] of path.decided) {
      if (key.startsWith("#")) this.text += `;${key}=${value}`;
      else if (!key.startsWith("loop")) {
        // `== 12 7`, as comparisons are kept.
        const [first, second] = [key.indexOf(" "), key.lastIndexOf(" ")];
        const a = this.nameOf(Number(key.slice(first + 1, second)));
        const b = a === undefined ? undefined : this.nameOf(Number(key.slice(second + 1)));
        if (b !== undefined) this.text += `;${key.slice(0, first)}${a},${b}=${value}`;
      }
    }
    this.text += path.isCertain ? "" : ";?";
    const nameOf = (id: number): string => this.names.get(id) ?? "";
    for (let i = 0; i < walker.watches.length; i++) {
      const watch = walker.watches[i];
      if (watch?.key !== undefined) this.text += `;${i}:${watch.key(path.slots[i], nameOf)}`;
    }
    return this.text;
  }

  private nameOf(id: number): string | undefined {
    const constant = this.walker.values.constantsById.get(id);
    return constant === undefined ? this.names.get(id) : `${constant}`;
  }

  private isRead(field: string | undefined): boolean {
    if (field === undefined) return true;
    return this.isLive(`.${field}`);
  }

  private isLive(name: string): boolean {
    const { frames } = this.path;
    for (let i = frames.length - 1; i >= 0; i--) {
      const frame = frames[i];
      if (frame?.routine.graph.isLive(i === frames.length - 1 ? this.node : frame.at, name)) return true;
    }
    return false;
  }

  private value(value: Value): void {
    if (value.kind === "uninitialised") this.text += "u";
    else if (value.kind === "pointer") {
      this.thing(value.thing);
      this.text += `+${value.offset ?? "?"}${value.path}`;
      for (const one of value.added) this.value(one);
    } else this.number(value);
  }

  private number(value: NumberValue): void {
    if (value.low === value.high) {
      this.text += value.low;
      return;
    }
    const known = this.names.get(value.id);
    if (known !== undefined) {
      this.text += known;
      return;
    }
    const name = `n${this.names.size}`;
    this.names.set(value.id, name);
    // How it came about does not matter: whichever of the two goes on, goes a way that there is.
    const { low, high, notZero } = this.path.boundsOf(value);
    this.text += `${name}${value.isLoose ? "~" : ""}[${low},${high}${notZero ? "!" : ""}]`;
  }

  private thing(thing: Thing): void {
    const known = this.names.get(thing.id);
    if (known !== undefined) {
      this.text += known;
      return;
    }
    const name = `t${this.names.size}`;
    this.names.set(thing.id, name);
    this.text += `${name}${thing.kind}@${thing.source.span.start}${thing.name}${this.path.isNull(thing)}`;
  }

  /** What is known of values that no variable holds, but that would be read again. */
  private facts(): void {
    const { path, walker } = this;
    for (const [id, { of: number }] of path.bounds) {
      if (this.names.has(id)) continue;
      if (number === undefined || !this.isReachable(number)) path.bounds.delete(id);
      else {
        this.text += ";";
        this.number(number);
      }
    }
    for (const id of path.nullness.keys()) {
      if (this.names.has(id)) continue;
      const thing = walker.values.loaded.get(id);
      if (thing === undefined || !this.isLive(thing.source.name)) continue;
      this.text += ";";
      this.thing(thing);
    }
  }

  private isReachable(value: Value): boolean {
    if (value.kind !== "number") return value.kind === "pointer" && this.isThingReachable(value.thing);
    if (value.low === value.high || this.names.has(value.id)) return true;
    if (value.operator !== undefined) return value.operands.every((one) => this.isReachable(one));
    const { source } = value;
    if (source === undefined || (source.kind !== "load" && source.kind !== "global")) return false;
    // What a pointer without a name leads to, somebody may read by another way.
    return source.name === "" || this.isLive(source.name);
  }

  private isThingReachable(thing: Thing): boolean {
    if (this.names.has(thing.id) || thing.kind === "context" || thing.kind === "global") return true;
    return thing.source.kind === "load" && this.isLive(thing.source.name);
  }
}

/** The last name on the way to a place, `b` of `12.a.b[3]`: it is what somebody would read. */
function lastField(place: string): string | undefined {
  const dot = place.lastIndexOf(".");
  if (dot === -1) return undefined;
  const bracket = place.indexOf("[", dot);
  return bracket === -1 ? place.slice(dot + 1) : place.slice(dot + 1, bracket);
}
