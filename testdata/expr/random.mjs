// Writes random vectors to standard output: `node testdata/expr/random.mjs 5000 [seed]`. See README.md.
import { createRequire } from 'node:module';
import { suite, arg, re } from './lib.mjs';

const count = Number(process.argv[2] ?? 1000);
let state = Number(process.argv[3] ?? 1) >>> 0;
const random = () => {
  // mulberry32
  state = (state + 0x6d2b79f5) >>> 0;
  let t = Math.imul(state ^ (state >>> 15), 1 | state);
  t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
  return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
};
const below = (n) => Math.floor(random() * n);
const pick = (list) => list[below(list.length)];
const repeat = (most, f) => Array.from({ length: below(most + 1) }, f).join('');

const letter = () => pick(['a', 'b', 'c', 'A', 'B', '-', ' ', '1', '2', '0', '.', '\n', 'é', 'ß', 'Σ', 'ς', 'k', 'K', 's', '😀', '\ud83d', '\ude00', '_', '$', '東', '\u2028', 'İ', 'ŉ']);
const text = () => repeat(8, letter);
const unit = () => String.fromCharCode(below(0x10000));
const anyText = () => repeat(4, () => (random() < 0.3 ? unit() : String.fromCodePoint(below(0x20000))));
const position = () => pick([0, 1, 2, 3, -1, -2, 5, 99, -99, 1.5]);

const floats = new DataView(new ArrayBuffer(8));
const number = () => {
  if (random() < 0.5) return (below(2000) - 1000) * 10 ** (below(60) - 30);
  floats.setUint32(0, below(2 ** 32));
  floats.setUint32(4, below(2 ** 32));
  const n = floats.getFloat64(0);
  return Number.isFinite(n) ? n : 0;
};

const atom = (depth) => {
  const r = random();
  if (r < 0.45) return pick(['a', 'b', 'c', 'A', '1', '-', ' ', 'é', 'ß', 'Σ', 'k', 's', '😀', '東', 'K']);
  if (r < 0.65) return pick(['.', '\\d', '\\D', '\\w', '\\W', '\\s', '\\S', '\\b', '\\B', '^', '$', '\\n', '\\x61', '\\u0062', '\\.', '\\$', '\\-'.slice(1)]);
  if (r < 0.8) return `[${pick(['', '^'])}${repeat(3, () => pick(['a', 'b', 'a-c', '0-9', '\\d', '\\W', '\\s', 'é', '😀', '-', 'K', '\\b', '.', '$'])) || 'x'}]`;
  if (depth > 2) return 'x';
  return pick(['(', '(?:', '(?=', '(?!', '(?<=', '(?<!']) + pattern(depth + 1) + ')';
};
function pattern(depth) {
  const term = () => {
    const a = atom(depth);
    const quantifier = random() < 0.3 ? pick(['*', '+', '?', '{2}', '{1,2}', '{0,}', '*?', '+?', '??']) : '';
    // JavaScript refuses an empty round of a repetition and tries on, the engine of Go does not.
    try { if (a.startsWith('(') && new RegExp(a).exec('') !== null) return a; } catch { /* not a pattern */ }
    return a + quantifier;
  };
  return repeat(3, term) + (random() < 0.2 ? '|' + term() : '');
}
// With the flag u V8 finds empty matches between the halves of a pair, where ECMAScript has no position.
const between = (s, m) => m.value?.unicode && /[\ud800-\udbff][\udc00-\udfff]/.test(s) && new RegExp(m.value.source + '|', m.value.flags.replace('y', '')).exec(s)?.[0] === '' || /\^|\$|\\b|\\B|\(\?|[*?0]/.test(m.value?.unicode ? m.value.source : '');
// A group in a repetition keeps an earlier match here, which JavaScript forgets: no groups are used in replacements.
const regex = () => {
  for (;;) {
    try {
      const source = pattern(0);
      if (source) return re(new RegExp(source, pick(['', 'g', 'i', 'm', 's', 'u', 'gi', 'iu', 'gu', 'y', 'gmsu'])));
    } catch { /* not a pattern */ }
  }
};

const json = (depth = 0) => {
  switch (below(depth > 3 ? 4 : 6)) {
    case 0: return number();
    case 1: return anyText();
    case 2: return pick([true, false, null]);
    case 3: return text();
    case 4: return Array.from({ length: below(4) }, () => json(depth + 1));
  }
  return Object.fromEntries(Array.from({ length: below(4) }, () => [pick(['a', 'b', '02', '', 'x' + anyText()]), json(depth + 1)]));
};
const broken = () => {
  const s = JSON.stringify(json());
  const at = below(s.length + 1);
  return s.slice(0, at) + pick(['', ' ', ',', '"', '\\', '1', '{', ']', '-', 'e', '.']) + s.slice(at + below(2));
};

const suites = {
  slice: suite('slice', (s, a, b) => s.slice(a, b)),
  indexOf: suite('indexOf', (s, m) => s.indexOf(m)),
  search: suite('search', (s, m) => s.search(m)),
  replace: suite('replace', (s, m, r) => s.replace(m, r)),
  replaceAll: suite('replaceAll', (s, m, r) => s.replaceAll(m, r)),
  split: suite('split', (s, m, l) => s.split(m, l)),
  toUpper: suite('toUpper', (s) => s.toUpperCase()),
  toLower: suite('toLower', (s) => s.toLowerCase()),
  join: suite('join', (l, s) => l.join(s)),
  toBase64: suite('toBase64', (s) => Buffer.from(s, 'utf8').toString('base64')),
  fromBase64: suite('fromBase64', (s) => Buffer.from(s, 'base64').toString('utf8')),
  parseJSON: suite('parseJSON', (s) => { try { return JSON.parse(s); } catch { return ''; } }),
  stringifyJSON: suite('stringifyJSON', (v) => JSON.stringify(v)),
  remainder: suite('remainder', (a, b) => a % b),
  add: suite('add', (a, b) => Number(a) + Number(b)),
  date: suite('date'),
};
const moment = process.env.MOMENT && createRequire(process.env.MOMENT + '/')('moment');
for (let i = 0; i < count; i++) {
  const name = String(i);
  suites.slice.js(name, text(), position(), position());
  suites.indexOf.js(name, text(), repeat(2, letter));
  const subject = text();
  const m = regex();
  const both = pick([() => repeat(2, letter), regex])();
  if (!between(subject, m)) suites.search.js(name, subject, m);
  if (!between(subject, both)) suites.replace.js(name, subject, both, repeat(3, () => pick(['x', '$&', '$$', '$`', "$'", '$'])));
  if (m.value.global && !between(subject, m)) suites.replaceAll.js(name, subject, m, '<$&>');
  if (!between(subject, both)) suites.split.js(name, subject, both, pick([undefined, 0, 1, 3]) ?? 1e9);
  suites.toUpper.js(name, anyText());
  suites.toLower.js(name, anyText());
  suites.join.js(name, arg([json(), number(), anyText()]), pick([',', '', '-']));
  suites.toBase64.js(name, anyText());
  suites.fromBase64.js(name, repeat(10, () => pick(['A', 'b', '8', 'J', '+', '/', '-', '_', '=', ' ', 'é', '4', 'o', 'w'])));
  const maybe = broken();
  if (!/"\d+" *:/.test(maybe)) suites.parseJSON.js(name, maybe); // JavaScript would move such keys to the front
  suites.stringifyJSON.js(name, arg(json()));
  suites.remainder.js(name, number(), number());
  suites.add.js(name, pick([String, (n) => n, (n) => ` ${n.toExponential()}\n`])(number()), number());
  if (moment) {
    const now = new Date(below(2 ** 31) * 1000 + below(1000) + (random() < 0.2 ? 3e12 : 0)).toISOString();
    const format = repeat(6, () => pick(['D', 'DD', 'M', 'MM', 'Y', 'w', 'W', 'g', 'G', 'o', 'h', 'H', 'm', 's', 'S', 'L', 'l', 'T', 'd', 'e', 'E', 'Q', 'k', 'a', 'A', 'N', 'x', 'X', 'z', 'Z', 'y', '[', ']', '\\', ' ', '\n', '|', 'é'])) + 'L';
    suites.date.text(name, `\${fn.date('${format.replaceAll('\\', '\\\\').replaceAll('\n', '\\n')}')}`, moment.utc(now).format(format).toWellFormed(), { now });
  }
}
console.log('[\n' + Object.values(suites).flatMap((s) => s.vectors).map((v) => JSON.stringify(v)).join(',\n') + '\n]');
