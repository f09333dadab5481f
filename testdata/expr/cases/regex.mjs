import { suite, raw } from '../lib.mjs';

// Node.js says what a pattern finds, and whether it is one at all.
const search = suite('search', (s, m) => s.search(m));
const split = suite('split', (s, m) => s.split(m));

const check = (source, flags, ...texts) => {
  let value;
  try {
    value = new RegExp(source, flags);
  } catch {
    search.fails(`not a pattern: /${source}/${flags}`, 'invalid-regex', 'a', raw(`/${source}/${flags}`));
    return;
  }
  split.js(`by /${source}/${flags}`, texts[0], raw(`/${source}/${flags}`, value));
  for (const t of texts.slice(1)) search.js(`/${source}/${flags} in ${JSON.stringify(t)}`, t, raw(`/${source}/${flags}`, value));
};

for (const flags of ['', 'u', 'i', 'iu']) {
  for (const source of [
    '\\b', '\\B', 'é\\b', '\\w+', '\\W', '\\s', '\\S+', '\\d', '\\D', '[\\w-]', '[\\W]', '[^\\s]', '[\\d.]+', '[\\b]', '\\.', '\\/', '\\-', '[\\-a]', '[a-]', '[-a]', '[a-c-e]', '[\\d-x]', '[]', '[^]', '[^a]',
    '\\t\\n\\v\\f\\r', '\\cJ', '\\c', '\\c1', '[\\c1]', '\\x41', '\\x4', '\\u0041', '\\u{41}', '\\u004', '\\ud83d\\ude00', '\\u{1F600}', '[\\ud83d\\ude00]', '[\\u{1F600}-\\u{1F64F}]', '\\0', '\\00', '\\7', '\\8', '\\101', '(a)\\1', '\\1(a)', '(a)\\2', '\\k', '\\k<n>', '(?<n>a)\\k<n>', '(?<n>a)\\k<m>', '(?<n>a)(?<n>b)', '(?<1>a)', '(?<n>a)\\k', '\\k<n>(?<n>a)',
    '\\p{L}', '\\p{Lu}', '\\P{L}', '[\\p{L}\\d]', '\\p{Script=Greek}', '\\p{sc=Cyrillic}', '\\p{gc=Nd}', '\\p{Uppercase}', '\\p{Alphabetic}', '\\p{ASCII}', '\\p{Any}', '\\p{White_Space}', '\\p{Letter}', '\\p{Nothing}', '\\p', '\\pL', '\\a', '\\_', '\\ ', '\\é',
    'a{2}', 'a{2,}', 'a{1,2}', 'a{,2}', 'a{', 'a{1', '{', '}', ']', '{1}', 'a{2,1}', 'a**', 'a+?', 'a??', 'a{2}?', '?', '(?=a)*b', '(?!a)+b', '(?<=a)*', '(?<!a)b', '^*', '$+', '\\b+', '(?:a|b)+', '(a|ab)(c|bcd)(d*)', 'a|', '|a', '()', '(?:)', '(', ')', '(?', '(?a)', '(?>a)', '(?#a)', '(?i)a', '(?i:a)', '(?P<n>a)', '[z-a]', '[a-\\d]', '[\\d-a]', 'x*', '.', '^.$', '^', '$', 'k', '[k]', '[^k]', 'K', 'ſ', 'ß', 'ẞ', 'σ', 'µ', 'İ', 'ı', '😀', '[😀a]', '😀+', '[a-z]+', '[À-Þ]', '[ÿŸ]',
  ]) check(source, flags, 'aB é_\nſς😀k', 'b{a}\\c1ẞÿıμ\ud83d.');
}
// Flags that hold within a group.
for (const source of ['(?i:b)c', '(?-i:b)', '(?i-:b)', '(?-:b)', '(?i-i:b)', '(?ii:b)', '(?u:b)', '(?i', '(?i-', '(?s:.)b', '(?-s:.)b', '(?m:^b)', '(?ims:^b.)', '(?m-is:^B$)', 'a(?i:(?-i:B)c)D', '(?i:k)', '(?i:(b))\\1', '(b)(?i:\\1)', '(?i:[^b])', '(?i:a|b)+']) {
  for (const flags of ['', 'i', 'msu']) check(source, flags, 'aB\nbC', 'a\nBcD', 'bbB\u212a');
}
for (const source of ['^b', 'a$', '^', '$', '(?<=^)b', '.$']) for (const flags of ['m', 'mu', 's', 'ms']) check(source, flags, 'a\nb\r\nc\u2028d', '\n');

// Invalid ones of the same kind are one vector each.
const seen = new Set();
search.vectors.splice(0, Infinity, ...search.vectors.filter((v) => !seen.has(v.text) && seen.add(v.text)));

export default [search, split];
