// Terminals of xterm.js that count cells in three ways: Unicode 6, Unicode 11 and by grapheme cluster.
// stdin: one JSON line each, {"write": base64}; stdout: {"screens": {name: rows of cells}}.
// A cell is its text, '' behind a wide one. The first line says which terminals there are.
import { createInterface } from 'node:readline';
import graphemes from '@xterm/addon-unicode-graphemes';
import unicode11 from '@xterm/addon-unicode11';
import headless from '@xterm/headless';

const [columns, rows] = process.argv.slice(2).map(Number);

function terminal(version, addon) {
  const made = new headless.Terminal({ cols: columns, rows, allowProposedApi: true });
  if (addon) made.loadAddon(addon);
  made.unicode.activeVersion = version;
  return made;
}

const terminals = {
  'unicode 6': terminal('6'),
  'unicode 11': terminal('11', new unicode11.Unicode11Addon()),
  graphemes: terminal('15-graphemes', new graphemes.UnicodeGraphemesAddon()),
};

function cells(made) {
  const buffer = made.buffer.active;
  return Array.from({ length: made.rows }, (_, y) =>
    Array.from({ length: made.cols }, (_, x) => {
      const cell = buffer.getLine(buffer.viewportY + y).getCell(x);
      return cell.getWidth() === 0 ? '' : cell.getChars() || ' ';
    }),
  );
}

const answer = (line) => process.stdout.write(`${JSON.stringify(line)}\n`);

answer({ terminals: Object.keys(terminals) });
for await (const line of createInterface({ input: process.stdin })) {
  const bytes = Buffer.from(JSON.parse(line).write, 'base64');
  const written = Object.values(terminals).map((made) => new Promise((done) => made.write(bytes, done)));
  await Promise.all(written);
  answer({ screens: Object.fromEntries(Object.entries(terminals).map(([name, made]) => [name, cells(made)])) });
}
