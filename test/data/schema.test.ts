/** Everything in `data/` has the shape that its schema, or the types, say. */

import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { Ajv } from "ajv";
import { expect, test } from "vitest";
import { buildKnowledge, KINDS } from "../../data/tools/build.mjs";

const DATA = join(import.meta.dirname, "../../data");
const read = (path: string) => JSON.parse(readFileSync(join(DATA, path), "utf8"));
const ajv = new Ajv({ allErrors: true, strict: false, validateFormats: false });
const known = read("schema/knowledge.schema.json");
ajv.addSchema(known, "knowledge");

test("the knowledge base has the shape of its types", () => {
  const valid = ajv.getSchema("knowledge");
  if (valid === undefined) throw new Error("no schema");
  valid(buildKnowledge(DATA));
  expect((valid.errors ?? []).slice(0, 5)).toEqual([]);
});

test("a wrong field, a missing one and a wrong value are found", () => {
  const valid = ajv.getSchema("knowledge");
  const knowledge = buildKnowledge(DATA);
  const [first, ...others] = knowledge.helpers;
  const { result: _, ...without } = first ?? {};
  for (const helper of [{ ...first, colour: "red" }, without, { ...first, since: 5.1 }, { ...first, result: "maybe" }])
    expect(valid?.({ ...knowledge, helpers: [helper, ...others] })).toBe(false);
});

test("every fact says where it was read, in a way that can be followed", () => {
  const pins = Object.keys(read("upstream.json"));
  const knowledge = buildKnowledge(DATA);
  for (const [key, kind] of Object.entries(KINDS)) {
    const curated = existsSync(join(DATA, `curated/${kind}.json`)) ? read(`curated/${kind}.json`).upstreams : undefined;
    const upstreams = [...pins, ...Object.keys(curated ?? {})];
    for (const { name, source } of knowledge[key as keyof typeof KINDS]) {
      expect(source.length, `${kind} ${name}`).toBeGreaterThan(0);
      for (const place of source) {
        const [, upstream] = /^([a-z0-9-]+):(?!\/\/)/.exec(place) ?? [];
        if (upstream === undefined) expect(place, `${kind} ${name}`).toMatch(/^https:\/\//);
        else expect(upstreams, `${kind} ${name}: ${place}`).toContain(upstream);
      }
    }
  }
});

test("curated lists and pins have the shape of their schemas", () => {
  const files = readdirSync(join(DATA, "curated")).map((file) => `curated/${file}`);
  for (const file of [...files, "upstream.json"]) {
    const name = file.replace(/^curated\//, "").replace(/\.json$/, "");
    const schema = read(`schema/${name}.schema.json`);
    const valid = ajv.compile(schema);
    const value = read(file);
    if (!valid(value) && !("$schema" in (schema.properties ?? {}))) delete value.$schema;
    valid(value);
    expect((valid.errors ?? []).slice(0, 5), file).toEqual([]);
  }
});

test("facts and curated lists stand in order, each name once", () => {
  for (const folder of ["facts", "curated"])
    for (const file of readdirSync(join(DATA, folder))) {
      const names: string[] = read(`${folder}/${file}`).entries.map(({ name }: { name: string }) => name);
      expect(new Set(names).size, file).toBe(names.length);
      // Releases and distributions stand in the order of their versions.
      if (!/^(?:kernels|distributions)\.json$/.test(file)) expect(names, file).toEqual([...names].sort());
    }
});
