/** C that prints a value of a known shape with the formats that fit. */

import type { Shape } from "../../analysis/syntax/shape.ts";

/** More elements than these are shown as bytes. */
const MAX_ELEMENTS = 8;
const MAX_LENGTH = 90;

interface Piece {
  readonly format: string;
  readonly args: readonly string[];
  /** Printed as bytes behind the format, by `print_bytes()`. */
  readonly bytes?: string;
}

/**
 * Statements that print values, each behind some text; the last text ends the line. A value is an expression that may be read
 * again and again.
 */
export function printOf(
  values: readonly { readonly before: string; readonly value: string; readonly shape: Shape }[],
  after: string,
): readonly string[] {
  const statements: string[] = [];
  const pieces = values.flatMap(({ before, value, shape }) => [text(before), ...piecesOf(value, shape)]);
  let format = "";
  let args: string[] = [];
  const flush = (): void => {
    if (format !== "") statements.push(call(format, args));
    format = "";
    args = [];
  };
  for (const piece of [...pieces, text(after)]) {
    format += piece.format;
    args.push(...piece.args);
    if (piece.bytes === undefined) continue;
    flush();
    statements.push(`print_bytes(&${piece.bytes}, sizeof(${piece.bytes}));`);
  }
  flush();
  return statements;
}

/** In two lines where one would be hard to read. */
function call(format: string, args: readonly string[]): string {
  const whole = `printf(${[`"${format}"`, ...args].join(", ")});`;
  return whole.length <= MAX_LENGTH ? whole : `printf("${format}",\n       ${args.join(", ")});`;
}

function piecesOf(value: string, shape: Shape): readonly Piece[] {
  switch (shape.kind) {
    case "number":
      return [numberPiece(value, shape)];
    case "bool":
      return [{ format: "%s", args: [`${value} ? "yes" : "no"`] }];
    case "text":
      // It need not end with a zero.
      return [{ format: `%.${shape.length}s`, args: [value] }];
    case "pointer":
      return [{ format: "%#llx", args: [`(unsigned long long)(unsigned long)${value}`] }];
    case "array":
      return arrayPieces(value, shape);
    case "record":
      return recordPieces(value, shape);
  }
}

function numberPiece(value: string, { size, signed }: Extract<Shape, { kind: "number" }>): Piece {
  // What 64 bits are called differs from processor to processor.
  if (size === 8)
    return { format: signed ? "%lld" : "%llu", args: [`(${signed ? "" : "unsigned "}long long)${value}`] };
  return { format: signed ? "%d" : "%u", args: [value] };
}

function arrayPieces(value: string, { of, count }: Extract<Shape, { kind: "array" }>): readonly Piece[] {
  const areBytes = of.kind === "number" && of.size === 1;
  if (areBytes || count > MAX_ELEMENTS) return [{ format: "", args: [], bytes: value }];
  const elements = Array.from({ length: count }, (_, i) => [
    ...(i === 0 ? [] : [text(" ")]),
    ...piecesOf(`${value}[${i}]`, of),
  ]);
  return [text("["), ...elements.flat(), text("]")];
}

function recordPieces(value: string, { tag, fields }: Extract<Shape, { kind: "record" }>): readonly Piece[] {
  const access = value.startsWith("*") ? `${value.slice(1)}->` : `${value}.`;
  // Only the program knows which member of a union counts.
  const shown =
    tag === "union" ? fields.slice(0, 1) : fields.filter(({ name, shape }) => name !== "" || shape.kind === "record");
  return shown.flatMap(({ name, shape }, i) => {
    const before = i === 0 ? "" : " ";
    if (name === "") return shape.kind === "record" ? [text(before), ...recordPieces(value, shape)] : [];
    const inside = piecesOf(`${access}${name}`, shape);
    if (shape.kind === "record") return [text(`${before}${name}={`), ...inside, text("}")];
    return [text(`${before}${name}=`), ...inside];
  });
}

function text(format: string): Piece {
  return { format, args: [] };
}

/** The function that `printOf` may call. */
export const PRINT_BYTES = `static void print_bytes(const void *data, size_t size)
{
	const unsigned char *bytes = data;

	for (size_t i = 0; i < size; i++)
		printf("%02x", bytes[i]);
}`;
