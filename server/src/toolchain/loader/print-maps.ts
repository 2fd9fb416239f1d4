/** Part: hash and array maps with plain keys and values, printed as long as the loader runs and at its end. */

import type { MapDescription } from "../../analysis/describe.ts";
import type { Shape } from "../../analysis/syntax/shape.ts";
import { indent, type Part } from "./part.ts";
import { printOf } from "./print.ts";
import { typeOf } from "./types.ts";

const PRINTED = /^BPF_MAP_TYPE_(?:(?:LRU_)?(?:PERCPU_)?HASH|(?:PERCPU_)?ARRAY|LRU_PERCPU_HASH|LPM_TRIE)$/;

export interface PrintedMap extends MapDescription {
  readonly key: Shape;
  readonly value: Shape;
}

/** @param inner names of maps that are printed with none: those within others */
export function printedMaps(maps: readonly MapDescription[]): readonly PrintedMap[] {
  const sent = new Set(maps.flatMap(({ records }) => records.map(({ spelling }) => spelling)));
  return maps.filter((map): map is PrintedMap => {
    const { type, key, value } = map;
    if (type === null || !PRINTED.test(type) || key === null || value === null) return false;
    if (typeOf(key) === undefined || typeOf(value) === undefined) return false;
    // Where records are put together before they are sent.
    if (value.kind === "record" && sent.has(value.spelling)) return false;
    return !isPerCpu(type) || numbersOf("", value) !== undefined;
  });
}

/** @param hasEvents whether something else is printed, in between which maps would be noise */
export function printMaps(maps: readonly PrintedMap[], hasEvents: boolean): Part | undefined {
  if (maps.length === 0) return undefined;
  const often = hasEvents ? 0 : 2;
  return {
    declarations: [
      `/* Seconds between two looks at the maps; 0: only at the end. */\nstatic long long every${often === 0 ? "" : ` = ${often}`};`,
      ...(maps.some(({ type }) => isPerCpu(type)) ? [CPUS] : []),
      ...maps.map(printer),
    ],
    options: [
      {
        name: "every",
        argument: "SECONDS",
        help: `how often maps are printed, ${often} by default; 0: only at the end`,
        take: [`err = read_number("every", optarg, 0, 86400, &every);`],
      },
    ],
    report: maps.map(({ name }) => `print_${name}(skel->maps.${name});`),
  };
}

const CPUS = `/* Each CPU has a value of its own. */
static int cpus(void)
{
	int count = libbpf_num_possible_cpus();

	return count > 0 ? count : 1;
}`;

function isPerCpu(type: string | null): boolean {
  return type?.includes("PERCPU") === true;
}

function printer(map: PrintedMap): string {
  const { name, type, key, value } = map;
  const isArray = type?.includes("ARRAY") === true;
  const perCpu = isPerCpu(type);
  const valueType = typeOf(value) ?? "";
  const read = perCpu ? ["values", "cpus() * sizeof(*values)"] : ["&value", "sizeof(value)"];
  const body = [
    `err = bpf_map__lookup_elem(map, &key, sizeof(key), ${read.join(", ")}, 0);`,
    "if (err)",
    "\t/* Gone in the meantime. */",
    "\tcontinue;",
    ...(perCpu ? sum(value, isAligned(value) ? "" : ".of") : []),
    ...(isArray
      ? ["/* Nothing has been counted here. */", "if (!memcmp(&value, &none, sizeof(value)))", "\tcontinue;"]
      : []),
    ...printOf(
      [
        { before: `${name}[`, value: "key", shape: key },
        { before: "] ", value: "value", shape: value },
      ],
      "\\n",
    ),
  ];
  return [
    `static void print_${name}(const struct bpf_map *map)`,
    "{",
    ...indent([
      ...(isArray ? [`static const ${valueType} none;`] : []),
      ...(perCpu ? [valuesOf(value, valueType)] : []),
      `${typeOf(key)} key, *before = NULL;`,
      `${valueType} value;`,
      `int err;\n`,
      ...(perCpu ? ["values = calloc(cpus(), sizeof(*values));", "if (!values)", "\treturn;"] : []),
      "while (!bpf_map__get_next_key(map, before, &key, sizeof(key))) {",
      ...indent(["before = &key;", ...body]),
      "}",
      ...(perCpu ? ["free(values);"] : []),
    ]),
    "}",
  ].join("\n");
}

/** The kernel hands over a value per CPU, each at a multiple of eight bytes. */
function valuesOf(value: Shape, type: string): string {
  return isAligned(value) ? `${type} *values;` : `struct {\n\t${type} of;\n} __attribute__((aligned(8))) *values;`;
}

function isAligned(value: Shape): boolean {
  return (value.kind === "number" || value.kind === "record") && value.size % 8 === 0;
}

function sum(value: Shape, inner: string): readonly string[] {
  const members = numbersOf("", value) ?? [];
  return [
    "memset(&value, 0, sizeof(value));",
    "for (int cpu = 0; cpu < cpus(); cpu++) {",
    ...indent(members.map((member) => `value${member} += values[cpu]${inner}${member};`)),
    "}",
  ];
}

/** How each number in a value is reached; undefined where it has something else in it, which has no sum. */
function numbersOf(path: string, shape: Shape): readonly string[] | undefined {
  switch (shape.kind) {
    case "number":
      return [path];
    case "array": {
      if (shape.count > 64) return undefined;
      return all(Array.from({ length: shape.count }, (_, i) => numbersOf(`${path}[${i}]`, shape.of)));
    }
    case "record":
      if (shape.tag === "union") return undefined;
      return all(
        shape.fields.map(({ name, shape: inner }) => numbersOf(name === "" ? path : `${path}.${name}`, inner)),
      );
    default:
      return undefined;
  }
}

function all(lists: readonly (readonly string[] | undefined)[]): readonly string[] | undefined {
  return lists.some((list) => list === undefined) ? undefined : lists.flatMap((list) => list ?? []);
}
