/** Tables that paths share until one of them writes: most forks end before anything is written. */

/** A map that is copied when somebody writes to what others still read. */
export class Shared<K, V> {
  private map: Map<K, V> | undefined;
  /** Nobody else has this map. */
  private isOwn: boolean;

  constructor(map?: Map<K, V>) {
    this.map = map;
    this.isOwn = map === undefined;
  }

  /** The same for another path. */
  copy(): Shared<K, V> {
    this.isOwn = false;
    return new Shared(this.map);
  }

  get size(): number {
    return this.map?.size ?? 0;
  }

  get(key: K): V | undefined {
    return this.map?.get(key);
  }

  has(key: K): boolean {
    return this.map?.has(key) ?? false;
  }

  keys(): Iterable<K> {
    return this.map?.keys() ?? [];
  }

  [Symbol.iterator](): Iterator<readonly [K, V]> {
    return (this.map ?? NOTHING)[Symbol.iterator]() as Iterator<readonly [K, V]>;
  }

  set(key: K, value: V): void {
    this.own().set(key, value);
  }

  delete(key: K): void {
    if (this.map?.has(key) === true) this.own().delete(key);
  }

  clear(): void {
    if (this.size === 0) return;
    this.map = undefined;
    this.isOwn = true;
  }

  private own(): Map<K, V> {
    if (this.map === undefined || !this.isOwn) {
      this.map = new Map(this.map);
      this.isOwn = true;
    }
    return this.map;
  }
}

const NOTHING: ReadonlyMap<unknown, unknown> = new Map();

/** The same for what is numbered from 0, close together. */
export class SharedList<V> {
  private list: (V | undefined)[];
  private isOwn = true;

  constructor(list: (V | undefined)[] = []) {
    this.list = list;
  }

  copy(): SharedList<V> {
    const other = new SharedList(this.list);
    this.isOwn = false;
    other.isOwn = false;
    return other;
  }

  get(i: number): V | undefined {
    return this.list[i];
  }

  set(i: number, value: V): void {
    this.own()[i] = value;
  }

  delete(i: number): void {
    if (this.list[i] !== undefined) this.own()[i] = undefined;
  }

  private own(): (V | undefined)[] {
    if (!this.isOwn) {
      this.list = this.list.slice();
      this.isOwn = true;
    }
    return this.list;
  }
}
