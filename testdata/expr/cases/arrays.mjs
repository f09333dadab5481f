import { suite, arg, raw, missing, undef, nan } from '../lib.mjs';

const ports = [{ name: 'http', port: 80, public: true }, { name: 'admin', port: 8080, public: false }, { name: 'grpc', port: 9000, public: true }];
const truthy = raw('(item) => item', (x) => x);
const isPublic = raw('(p) => p.public', (p) => p.public);
const never = raw('(x) => false', () => false);
const always = raw('x => true', () => true);
const big = raw('(n) => fn.gt(n, 2)', (n) => n > 2);
const odd = raw('(n, i) => fn.remainder(i, 2)', (n, i) => i % 2);
const boom = raw('(x) => fn.slice()', undefined);

// é in one and in two code points, a family of seven, halves of a pair, a capital that becomes two, a line separator.
const wide = ['é', 'e\u0301', '👨\u200d👩\u200d👧', '\ud83d', '\ude00', 'İ', 'ß', '\u2028', '東京'];
const conditions = (s) => s
  .js('elements beyond ASCII', wide, raw("(x) => fn.eq(x, 'ß')", (x) => x === 'ß'))
  .js('a name in one or two code points', wide, raw("(x) => fn.eq(x, 'e\u0301')", (x) => x === 'e\u0301'))
  .js('how long elements beyond ASCII are', wide, raw('(x) => fn.gt(fn.length(x), 2)', (x) => x.length > 2))
  .js('half of a pair', wide, raw("(x) => fn.eq(x, '\\ude00')", (x) => x === '\ude00'))
  .js('of numbers', [1, 2, 3, 4], big).js('none of them', [1, 2], big).js('an empty array', [], big)
  .js('of objects', ports, isPublic).js('always', ['a', 'b'], always).js('never', ['a', 'b'], never)
  .js('truthy elements', [0, '', null, 'a', [], 1], truthy).js('by index', ['a', 'b', 'c', 'd'], odd)
  .js('what does not resolve is falsy', ports, raw('(p) => p.nothing', (p) => p.nothing))
  .js('an argument of the template in the function', ports, raw("(p) => fn.eq(p.name, 'admin')", (p) => p.name === 'admin'))
  .js('a function without parameters', [1, 2], raw('() => true', () => true))
  .js('a third parameter is undefined', [1], raw('(a, b, c) => c', (a, b) => undefined))
  .js('arrays as elements', [[1], [2, 3]], raw('(a) => fn.gt(fn.arrLength(a), 1)', (a) => a.length > 1))
  .js('a function that looks at another array', [1, 5], raw('(n) => fn.some([4, 5], (m) => fn.eq(n, m))', (n) => [4, 5].includes(n)))
  .js('a parameter hides one of the same name', [[1, 9], [2]], raw('(x) => fn.some(x, (x) => fn.gt(x, 5))', (x) => x.some((y) => y > 5)))
  .js('undefined elements', raw('[undefined, 1]', [undefined, 1]), truthy)
  .fails('an error in the function', 'argument-count', [1], boom)
  .fails('a text', 'argument-type', 'abc', truthy).fails('an object', 'argument-type', arg({ a: 1 }), truthy)
  .fails('what does not resolve', 'argument-type', missing, truthy)
  .fails('no function', 'argument-type', [1], true)
  .fails('one argument', 'argument-count', [1])
  .fails('three arguments', 'argument-count', [1], truthy, truthy);

const find = conditions(suite('find', (a, f) => a.find((x, i) => f(x, i))));
const some = conditions(suite('some', (a, f) => a.some((x, i) => f(x, i)))).is('behind the first one nothing is evaluated', true, ['a', 1], raw("(x, i) => fn.if(fn.eq(i, 0), true, fn.slice())"));
const every = conditions(suite('every', (a, f) => a.every((x, i) => f(x, i)))).is('behind the first one nothing is evaluated', false, ['a', 1], raw("(x, i) => fn.if(fn.eq(i, 0), false, fn.slice())"));
const filter = conditions(suite('filter', (a, f) => a.filter((x, i) => f(x, i))));

const map = suite('map', (a, f) => a.map((x, i) => f(x, i)))
  .js('of numbers', [1, 2, 3], raw('(n) => fn.multiply(n, 2)', (n) => n * 2)).js('an empty array', [], truthy)
  .js('a member', ports, raw('(p) => p.name', (p) => p.name)).js('a path', arg([{ a: [{ b: 1 }] }]), raw('x => x.a.0.b', (x) => x.a[0].b))
  .js('with the index', ['a', 'b'], raw("(x, i) => fn.join([x, i], '-')", (x, i) => `${x}-${i}`)).js('only the index', ['a', 'b'], raw('(_, i) => i', (_, i) => i))
  .js('a constant', [1, 2], raw("() => 'x'", () => 'x')).js('to arrays', [1, 2], raw('(n) => [n, n]', (n) => [n, n]))
  .js('the result may be anything', [1], raw('(n) => null', () => null)).js('what does not resolve is undefined', [1], raw('(n) => args.MISSING', () => undefined))
  .js('in each other', [[1, 2], [3]], raw('(a) => fn.map(a, (n) => fn.add(n, 1))', (a) => a.map((n) => n + 1)))
  .js('outer parameters are seen inside', ['a', 'b'], raw("(x) => fn.map([1, 2], (n) => fn.join([x, n], ''))", (x) => [1, 2].map((n) => x + n)))
  .js('an argument of the template', arg(['a', 'b']), raw('(x) => fn.toUpper(x)', (x) => x.toUpperCase()))
  .js('elements that are themselves', [1, 'a', null], truthy)
  .js('the length of elements beyond ASCII', wide, raw('(x) => fn.length(x)', (x) => x.length))
  .js('capitals beyond ASCII', wide, raw('(x) => fn.toUpper(x)', (x) => x.toUpperCase()))
  .js('halves that meet in a text', ['\ud83d'], raw("(x) => fn.join([x, '\\ude00'], '')", (x) => x + '\ude00'))
  .fails('a function as result', 'result-type', [1], raw('(x) => (y) => y'))
  .fails('an error in the function', 'argument-type', ['a'], raw('(x) => fn.add(x, 1)'))
  .fails('a text', 'argument-type', 'abc', truthy)
  .fails('what does not resolve', 'argument-type', missing, truthy)
  .fails('no function', 'argument-type', [1], 'x')
  .fails('one argument', 'argument-count', [1])
  .fails('three arguments', 'argument-count', [1], truthy, 1);

const concat = suite('concat', (...a) => [].concat(...a))
  .js('two arrays', [1], [2, 3]).js('one array', [1, 2]).js('four arrays', [1], [], [2], [3]).js('empty ones', [], [])
  .js('elements that are arrays stay arrays', [[1]], [[2], 3]).js('mixed elements', ['a', null], [true, 1.5]).js('the same twice', arg(['a']), ['a'])
  .js('null elements', [null], [null]).js('arguments of the template', arg([{ a: 1 }]), arg([{ b: 2 }])).js('of results', raw("fn.split('a,b', ',')", ['a', 'b']), ['c'])
  .js('many', [1], [2], [3], [4], [5], [6], [7], [8])
  .js('elements beyond ASCII', wide, ['😀']).js('halves stay apart', ['\ud83d'], ['\ude00'])
  .fails('a text', 'argument-type', [1], 'a').fails('a number', 'argument-type', 1, [2]).fails('an object', 'argument-type', [1], arg({}))
  .fails('what does not resolve', 'argument-type', [1], missing)
  .fails('no argument', 'argument-count');

const arrSlice = suite('arrSlice', (a, s, e) => a.slice(s, e))
  .js('both positions', ['a', 'b', 'c', 'd'], 1, 3).js('no end', ['a', 'b', 'c'], 1).js('from zero', ['a', 'b'], 0).js('a negative start', ['a', 'b', 'c'], -2)
  .js('a negative end', ['a', 'b', 'c'], 0, -1).js('beyond the end', ['a', 'b'], 1, 9).js('before the beginning', ['a', 'b'], -9, 1).js('crossed positions', ['a', 'b', 'c'], 2, 1)
  .js('an empty array', [], 0, 1).js('fractions', ['a', 'b', 'c'], 0.9, 1.9).js('positions as text', ['a', 'b', 'c'], '1', '2').js('not a number', ['a', 'b'], nan)
  .js('an end that is undefined', ['a', 'b'], 1, undef).js('a start that does not resolve', ['a', 'b'], missing, 1).js('null', ['a', 'b'], 0, null)
  .js('objects', ports, 2)
  .js('elements beyond ASCII', wide, 1, -1).js('between two halves', wide, 4, 5)
  .fails('a text', 'argument-type', 'abc', 0).fails('a position that is no number', 'argument-type', ['a'], 'x')
  .fails('what does not resolve', 'argument-type', missing, 0)
  .fails('one argument', 'argument-count', ['a'])
  .fails('four arguments', 'argument-count', ['a'], 0, 1, 2);

const arrLength = suite('arrLength', (a) => a.length)
  .js('two elements', ['a', 'b']).js('none', []).js('arrays in it', [[1, 2], [3]]).js('undefined in it', raw('[undefined, undefined]', [undefined, undefined])).js('null in it', [null])
  .js('an argument of the template', arg([1, 2, 3])).js('of objects', ports).js('of a result', raw("fn.split('a,b,c', ',')", ['a', 'b', 'c'])).js('of a filter', raw('fn.filter([1, 2, 3], (n) => fn.gt(n, 1))', [2, 3]))
  .js('of an empty text that was split', raw("fn.split('', ',')", ['']))
  .js('elements beyond ASCII count once each', wide).js('of a pair that was cut apart', raw("fn.split('😀', '')", ['\ud83d', '\ude00']))
  .fails('a text has a function of its own', 'argument-type', 'abc').fails('an object', 'argument-type', arg({ length: 2 })).fails('null', 'argument-type', null)
  .fails('what does not resolve', 'argument-type', missing)
  .fails('no argument', 'argument-count')
  .fails('two arguments', 'argument-count', ['a'], ['b']);

export default [find, concat, some, every, filter, map, arrSlice, arrLength];
