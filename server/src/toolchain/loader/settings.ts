/** Part: what can be set before a program is loaded: its constants in `.rodata`, and how many entries maps have. */

import type { GlobalDescription, MapDescription } from "../../analysis/describe.ts";
import type { Option, Part } from "./part.ts";

/** Constants that a loader may set: those that the compiler must not rely on. */
export function settable(globals: readonly GlobalDescription[]): readonly GlobalDescription[] {
  return globals.filter(
    ({ kind, type, shape }) =>
      kind === "rodata" &&
      /\bvolatile\b/.test(type) &&
      !/\bstatic\b/.test(type) &&
      (shape?.kind === "number" || shape?.kind === "bool" || shape?.kind === "text"),
  );
}

/** @param taken names of options that have a meaning already */
export function constants(globals: readonly GlobalDescription[], taken: readonly string[]): Part {
  return { options: settable(globals).map((global) => optionOf(global, taken)) };
}

function optionOf({ name, shape }: GlobalDescription, taken: readonly string[]): Option {
  const plain = name
    .replaceAll("_", "-")
    .replace(/^-+|-+$/g, "")
    .toLowerCase();
  const option = taken.includes(plain) || plain === "" ? `set-${plain}` : plain;
  const target = `skel->rodata->${name}`;
  if (shape?.kind === "bool") return { name: option, help: `sets ${name}`, take: [`${target} = true;`] };
  if (shape?.kind === "text") {
    return {
      name: option,
      argument: "TEXT",
      help: `sets ${name}, up to ${shape.length - 1} bytes`,
      take: [`snprintf((char *)${target}, sizeof(${target}), "%s", optarg);`],
    };
  }
  const { size, signed } = shape?.kind === "number" ? shape : { size: 8, signed: true };
  const [least, most] = limits(size, signed);
  return {
    name: option,
    argument: "NUMBER",
    help: `sets ${name}`,
    take: [`err = read_number("${option}", optarg, ${least}, ${most}, &number);`, `${target} = number;`],
  };
}

function limits(size: number, signed: boolean): readonly [string, string] {
  if (size === 8) return [signed ? "LLONG_MIN" : "0", "LLONG_MAX"];
  const most = 2 ** (size * 8 - (signed ? 1 : 0)) - 1;
  return [signed ? `-${most}LL - 1` : "0", `${most}LL`];
}

/** Maps whose size is a matter of taste: a hash, or a buffer. */
const SIZED = /^BPF_MAP_TYPE_(?:(?:LRU_)?(?:PERCPU_)?HASH|LRU_PERCPU_HASH|RINGBUF|QUEUE|STACK|LPM_TRIE|SOCKHASH)$/;

export function mapSizes(maps: readonly MapDescription[]): Part | undefined {
  const sized = maps.filter(({ type, dialect }) => type !== null && SIZED.test(type) && dialect === "btf");
  const [first] = sized;
  if (first === undefined) return undefined;
  return {
    declarations: [SET_ENTRIES],
    options: [
      {
        name: "entries",
        argument: "MAP=NUMBER",
        help: `another size for a map: ${sized.map(({ name }) => name).join(", ")}`,
        take: ["err = set_entries(skel->obj, optarg);"],
      },
    ],
  };
}

const SET_ENTRIES = `/* The size of a map is settled when it is made, so it is set before that. */
static int set_entries(struct bpf_object *object, const char *text)
{
	const char *equals = strchr(text, '=');
	struct bpf_map *map;
	long long number;
	char name[64];
	int err;

	snprintf(name, sizeof(name), "%.*s", equals ? (int)(equals - text) : 0, text);
	map = bpf_object__find_map_by_name(object, name);
	if (!map) {
		fprintf(stderr, "--entries takes the name of a map, = and a number; it was given %s\\n", text);
		return -EINVAL;
	}
	err = read_number("entries", equals + 1, 1, UINT_MAX, &number);
	return err ? err : bpf_map__set_max_entries(map, number);
}`;
