import { expect, test } from "vitest";
import { placeByText } from "../../../server/src/analysis/verifier/place-by-text.ts";

const SOURCE = `int one(void *ctx)
{
	int key = 1;
	if (!ctx)
		return 1;
	key++;
	if (!ctx)
		return 2;
	return key;
}

int two(void *ctx)
{
	int key = 1;
	key += 2;
	if (!ctx)
		return 7;
	return  key + 1;
}
`;

test("what stands there once is there", () => {
  expect(placeByText(SOURCE, ["key++;", "return key + 1;", "key += 2;"])).toEqual([6, 18, 15]);
});

test("of lines that stand there twice the one between its sure neighbours", () => {
  expect(placeByText(SOURCE, ["key += 2;", "if (!ctx)", "return 7;"])).toEqual([15, 16, 17]);
  expect(placeByText(SOURCE, ["key++;", "if (!ctx)", "return 2;"])).toEqual([6, 7, 8]);
});

test("never a guess", () => {
  expect(placeByText(SOURCE, ["if (!ctx)"])).toEqual([undefined]);
  expect(placeByText(SOURCE, ["int key = 1;", "key++;"])).toEqual([undefined, 6]);
  // Neighbours of two functions.
  expect(placeByText(SOURCE, ["key++;", "if (!ctx)", "key += 2;"])).toEqual([6, undefined, 15]);
  expect(placeByText(SOURCE, ["return key;", "if (!ctx)", "key++;"])).toEqual([9, undefined, 6]);
  expect(placeByText(SOURCE, ["no such line", ""])).toEqual([undefined, undefined]);
  expect(placeByText("", ["x"])).toEqual([undefined]);
});

test("white space and line ends of Windows do not matter", () => {
  expect(placeByText("a\r\n\tb  =  1;\r\n", ["b = 1;"])).toEqual([2]);
});
