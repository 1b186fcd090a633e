// Writes src/api/schema.ts: the API's shapes as TypeScript, from the server's OpenAPI document.
// Only what that document uses is understood; anything else stops the build.
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const source = new URL('../../src/api/openapi.json', import.meta.url);
const target = new URL('../src/api/schema.ts', import.meta.url);

const pascal = (name) => name.charAt(0).toUpperCase() + name.slice(1);
const member = (name) => (/^[A-Za-z_]\w*$/.test(name) ? name : JSON.stringify(name));
const union = (types) => [...new Set(types)].join(' | ');
const indent = (text) => text.replace(/\n/g, '\n  ');

function objectType(schema) {
  const required = new Set(schema.required ?? []);
  const members = Object.entries(schema.properties ?? {}).map(([name, value]) => {
    const note = value.description ? `/** ${value.description.replace(/\*\//g, '* /')} */\n` : '';
    return `${note}${member(name)}${required.has(name) ? '' : '?'}: ${typeOf(value)};`;
  });
  const rest = schema.additionalProperties;
  if (members.length === 0) return `Record<string, ${rest ? typeOf(rest) : 'unknown'}>`;
  return `{\n  ${members.map(indent).join('\n  ')}\n}`;
}

function namedType(name, schema) {
  switch (name) {
    case 'null': return 'null';
    case 'string': return 'string';
    case 'boolean': return 'boolean';
    case 'integer':
    case 'number': return 'number';
    case 'array': return `Array<${typeOf(schema.items ?? {})}>`;
    case 'object': return objectType(schema);
    default: throw new Error(`type ${name} is not known to scripts/types.mjs`);
  }
}

function typeOf(schema) {
  if (schema === true || Object.keys(schema).every((key) => key === 'description')) return 'unknown';
  if (schema.$ref) return schema.$ref.split('/').pop();
  if (schema.oneOf ?? schema.anyOf) return union((schema.oneOf ?? schema.anyOf).map(typeOf));
  if (schema.allOf) return schema.allOf.map(typeOf).join(' & ');
  if ('const' in schema) return JSON.stringify(schema.const);
  if (schema.enum) return union(schema.enum.map((value) => JSON.stringify(value)));
  if (Array.isArray(schema.type)) return union(schema.type.map((name) => namedType(name, schema)));
  if (schema.type === undefined && schema.properties) return objectType(schema);
  return namedType(schema.type, schema);
}

function replyOf(operation) {
  const good = Object.entries(operation.responses).find(([status]) => status.startsWith('2'));
  return good?.[1].content?.['application/json']?.schema;
}

function write(document) {
  const lines = ['// Written by scripts/types.mjs from the OpenAPI document: change that instead.', ''];
  for (const [name, schema] of Object.entries(document.components.schemas)) {
    lines.push(`export type ${name} = ${typeOf(schema)};`, '');
  }
  for (const methods of Object.values(document.paths)) {
    for (const operation of Object.values(methods)) {
      if (!operation.operationId) continue;
      const reply = replyOf(operation);
      const body = operation.requestBody?.content?.['application/json']?.schema;
      if (reply) lines.push(`export type ${pascal(operation.operationId)}Reply = ${typeOf(reply)};`, '');
      if (body) lines.push(`export type ${pascal(operation.operationId)}Body = ${typeOf(body)};`, '');
    }
  }
  return lines.join('\n');
}

writeFileSync(fileURLToPath(target), write(JSON.parse(readFileSync(source, 'utf8'))));
