// One JSON value a line, in on stdin and out on stdout. A closed stdin ends the process, so that a test
// that dies leaves no orphan behind.
import { createInterface } from 'node:readline';

export function writeLine(value) {
  process.stdout.write(`${JSON.stringify(value)}\n`);
}

export function readLines(handle) {
  const lines = createInterface({ input: process.stdin });
  lines.on('line', (line) => {
    if (line.trim()) handle(line);
  });
  lines.on('close', () => process.exit(0));
}

// JSON has no bytes: {"$binary": "<base64>"} stands for them in both directions.
export function reviveBinary(value) {
  if (Array.isArray(value)) return value.map(reviveBinary);
  if (value === null || typeof value !== 'object') return value;
  if (typeof value.$binary === 'string') return Buffer.from(value.$binary, 'base64');
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, reviveBinary(item)]));
}

export function dropBinary(value) {
  if (Buffer.isBuffer(value)) return { $binary: value.toString('base64') };
  if (Array.isArray(value)) return value.map(dropBinary);
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, dropBinary(item)]));
}
