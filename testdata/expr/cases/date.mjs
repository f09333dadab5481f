// The formats of fn.date. Moment.js is the oracle: MOMENT names a folder in which `npm install moment@2.30.1` has run.
// Without it the vectors of the last time stay as they are.
import { createRequire } from 'node:module';
import { suite } from '../lib.mjs';

let suites;
if (process.env.MOMENT) {
  const moment = createRequire(process.env.MOMENT + '/')('moment');
  const s = suite('date');
  const at = (now, name, format) => {
    const text = format === undefined ? '${fn.date()}' : `\${fn.date('${format.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}')}`;
    const m = moment.utc(now);
    s.text(`${name} at ${now}`, text, format === undefined ? m.toISOString() : m.format(format), { now });
  };
  const some = '2025-05-14T22:03:07.045Z';
  const days = [
    '2024-02-29T00:00:00.000Z', '2024-12-31T23:59:59.999Z', '2025-01-01T00:00:00.000Z', '2026-01-03T11:59:00.100Z', '2026-01-04T12:00:00.010Z',
    '2027-01-01T01:01:01.001Z', '2020-12-27T13:05:09.500Z', '2021-01-02T10:10:10.120Z', '1999-11-11T04:00:00.000Z', '2000-08-22T15:23:33.333Z', '2016-10-13T21:00:00.000Z',
  ];
  at(some, 'the default');
  const tokens = 'M Mo MM MMM MMMM Q Qo D Do DD DDD DDDo DDDD d do dd ddd dddd e E w wo ww W Wo WW YY YYYY YYYYY YYYYYY Y y yo yy yyy yyyy N NN NNN NNNN NNNNN '
    + 'gg gggg ggggg GG GGGG GGGGG A a H HH h hh k kk m mm s ss S SS SSS SSSS SSSSS SSSSSS SSSSSSS SSSSSSSS SSSSSSSSS hmm hmmss Hmm Hmmss z zz Z ZZ X x LT LTS L LL LLL LLLL l ll lll llll';
  for (const token of tokens.split(' ')) at(some, token, token);
  for (const day of days) {
    at(day, 'weeks and days', '[w]w [ww]ww [W]W [WW]WW [g]gggg [gg]gg [G]GGGG [GG]GG [e]e [E]E DDDD Do Qo wo Wo DDDo');
    at(day, 'clocks', 'h hh H HH k kk hmm Hmm hmmss Hmmss A a LT LTS SSS');
    at(day, 'long formats', 'LLLL|llll|L|l|ll|LL');
  }
  for (const [name, format] of [
    ['a stamp', 'YYYYMMDD'], ['a stamp with a time', 'YYYYMMDD-HHmmss'], ['ISO 8601', 'YYYY-MM-DDTHH:mm:ssZ'], ['words in brackets', '[Today is] dddd'],
    ['brackets in words', '[a[b]c]'], ['empty brackets', '[]D'], ['an open bracket', '[D'], ['a closing bracket', 'D]'], ['two brackets', '[[D]'],
    ['an escaped token', '\\D D'], ['an escaped long format', '\\L \\LT'], ['an escaped letter', '\\q'], ['two backslashes', '\\\\D'], ['a backslash at the end', 'D\\'],
    ['an escaped bracket', '\\[D]'], ['letters that are no tokens', 'BCFIJKOPRTUV bcfijnopqrtuv'], ['five of a kind', 'DDDDD ddddd MMMMM'], ['ten of a kind', 'SSSSSSSSSSS'], ['mixed', 'yyyyYYYYyy'],
    ['three and more', 'LLLLL lllll AAa ZZZ zzz XXx'], ['text beyond ASCII', 'D. MMMM – 年 😀'], ['a line break', 'D\nM'], ['blanks', '   '], ['quotes', "D 'o' clock"],
    ['the ordinal in a word', '[of] MMMM Do'], ['HHmm', 'HHmm hhmm'], ['a comma', 'ddd, hA'], ['weeks', 'gggg-[W]ww GGGG-[W]WW-E'], ['quarters', 'YYYY-[Q]Q'], ['long formats in brackets', '[LT] LT'],
    ['half a long format', 'LTL LTSL'], ['ggg', 'ggg GGG'], ['Yo', 'Yo YYo'], ['yyyyy', 'yyyyy y'], ['w and bar', 'w| W|'], ['NNNNNN', 'NNNNNN'],
  ]) at(some, name, format);
  s.text('an empty format is the default', "${fn.date('')}", some, { now: some })
    .text('a format that does not resolve is the default', '${fn.date(args.MISSING)}', some, { now: some })
    .text('in a text', "backup-${fn.date('YYYYMMDD')}", 'backup-20250514', { now: some })
    .fails('an array', 'argument-type', ['L']).fails('two arguments', 'argument-count', 'L', 'L').fails('null', 'argument-type', null);
  suites = [s];
}
export default suites;
