// Payloads as values: strict UTF-8, JSON, and the contract's schema. Pure.
//
// Readers ignore fields that they do not know. What does not fit is refused with the field's path in the message, so
// that nothing past this module meets a text where a number should be.

import { CHANNELS, SCHEMAS } from "./contract.js";

/** Bytes; the largest payload that is looked at. The broker of docker-compose.yml lets 1 MiB through. */
export const MAX_PAYLOAD = 1_048_576;
const REFERENCE = "#/components/schemas/";
const strict = new TextDecoder("utf-8", { fatal: true });

/** A payload as its channel's row says it: a text for a plain one, else an object or a list. Throws RangeError. */
export function decode(channel, bytes) {
  const row = CHANNELS[channel];
  if (bytes.length > MAX_PAYLOAD) throw new RangeError(`${bytes.length} bytes; at most ${MAX_PAYLOAD} are read`);
  const text = textOf(bytes);
  if (row.schema === undefined) {
    if (row.values.length && !row.values.includes(text)) throw new RangeError(`allowed: ${row.values.join(", ")}`);
    return text;
  }
  let value;
  try {
    value = JSON.parse(text);
  } catch {
    throw new RangeError("is not JSON");
  }
  const one = { $ref: REFERENCE + row.schema };
  const fault = misfit(value, row.many ? { type: "array", items: one } : one, "$");
  if (fault) throw new RangeError(fault);
  return value;
}

function textOf(bytes) {
  try {
    return strict.decode(bytes);
  } catch {
    throw new RangeError("is not UTF-8");
  }
}

const TYPES = {
  string: (value) => typeof value === "string",
  integer: Number.isInteger,
  number: Number.isFinite,
  boolean: (value) => typeof value === "boolean",
  null: (value) => value === null,
  array: Array.isArray,
  object: (value) => typeof value === "object" && value !== null && !Array.isArray(value),
};

/** What is wrong with a value, as `$.field: …`; null when it fits. The part of JSON Schema that the contract uses. */
export function misfit(value, schema, path) {
  if (schema.$ref) return misfit(value, SCHEMAS[schema.$ref.slice(REFERENCE.length)], path);
  if (schema.anyOf) {
    const faults = schema.anyOf.map((choice) => misfit(value, choice, path));
    return faults.includes(null) ? null : faults[0];
  }
  if (schema.enum) return schema.enum.includes(value) ? null : `${path}: allowed: ${schema.enum.join(", ")}`;
  if (schema.type && !TYPES[schema.type](value)) return `${path}: is no ${schema.type}`;
  return outside(value, schema, path) ?? within(value, schema, path);
}

function outside(value, schema, path) {
  if (value < schema.minimum || value > schema.maximum || value <= schema.exclusiveMinimum) {
    return `${path}: ${value} is out of range`;
  }
  if (schema.pattern && !pattern(schema.pattern).test(value)) return `${path}: is not of the form ${schema.pattern}`;
  return null;
}

function within(value, schema, path) {
  if (schema.items) return first(value, (item, index) => misfit(item, schema.items, `${path}[${index}]`));
  if (schema.additionalProperties) {
    return first(Object.entries(value), ([name, inner]) =>
      misfit(inner, schema.additionalProperties, `${path}.${name}`),
    );
  }
  if (!schema.properties) return null;
  const missing = (schema.required ?? []).find((name) => !Object.hasOwn(value, name));
  if (missing) return `${path}.${missing}: is missing`;
  const known = Object.entries(schema.properties).filter(([name]) => Object.hasOwn(value, name));
  return first(known, ([name, inner]) => misfit(value[name], inner, `${path}.${name}`));
}

function first(items, fault) {
  for (const [index, item] of items.entries()) {
    const found = fault(item, index);
    if (found) return found;
  }
  return null;
}

const patterns = new Map();

function pattern(source) {
  if (!patterns.has(source)) patterns.set(source, new RegExp(source, "u"));
  return patterns.get(source);
}
