import { suite, arg, raw, missing, undef, nan } from '../lib.mjs';

// Equality of content for arrays and objects, strict equality for everything else.
const same = (a, b) => {
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return a === b;
  if (Array.isArray(a) !== Array.isArray(b)) return false;
  const keys = Object.keys(a);
  return keys.length === Object.keys(b).length && keys.every((k) => k in b && same(a[k], b[k]));
};
const allSame = (first, ...rest) => rest.every((r) => same(first, r));
const fails = raw('fn.slice()', undefined); // an error if it is evaluated

const not = suite('not', (a) => !a)
  .js('true', true).js('false', false)
  .js('zero', 0).js('minus zero', -0).js('a number', 3).js('a negative number', -1).js('not a number', nan)
  .js('the empty text', '').js('a text', 'a').js('the text false', 'false').js('the text 0', '0').js('a blank', ' ')
  .js('null', null).js('undefined', undef).js('what does not resolve', missing)
  .js('an empty array', []).js('an empty object', arg({}))
  .fails('no argument', 'argument-count')
  .fails('two arguments', 'argument-count', true, false);

const or = suite('or', (...list) => list.some(Boolean))
  .js('one is true', false, true).js('none is', false, false).js('all are', true, true)
  .js('a single one', true).js('a single falsy one', 0)
  .js('five of them', false, 0, '', null, 'x')
  .js('what does not resolve', missing, true).js('only what does not resolve', missing, missing)
  .js('a text is truthy', '', 'false').js('an empty array is', [], false).js('not a number is not', nan, 0)
  .js('the result is a boolean', 'a', 'b')
  .is('behind a truthy one nothing is evaluated', true, true, fails)
  .fails('before it everything is', 'argument-count', false, fails)
  .fails('no argument', 'argument-count');

const and = suite('and', (...list) => list.every(Boolean))
  .js('one is false', false, true).js('none is', true, true).js('all are', false, false)
  .js('a single one', 'x').js('a single falsy one', '')
  .js('five of them', 1, 'a', true, [], -1).js('the last of five', 1, 'a', true, [], 0)
  .js('what does not resolve', true, missing).js('an empty object', arg({}), true).js('not a number', nan, true)
  .js('the text 0 is truthy', '0', true)
  .js('the result is a boolean', 'a', 'b')
  .is('behind a falsy one nothing is evaluated', false, false, fails)
  .fails('before it everything is', 'argument-count', true, fails)
  .fails('no argument', 'argument-count');

const when = suite('if', (c, a, b) => (c ? a : b))
  .js('true', true, 'a', 'b').js('false', false, 'a', 'b')
  .js('a text', 'x', 1, 2).js('the empty text', '', 1, 2).js('the text false is truthy', 'false', 1, 2)
  .js('zero', 0, 1, 2).js('minus one', -1, 1, 2).js('not a number', nan, 1, 2)
  .js('null', null, 1, 2).js('what does not resolve', missing, 1, 2).js('an empty array', [], 1, 2)
  .js('no else', true, 'a').js('no else and false: nothing', false, 'a')
  .js('the result keeps its type', true, 3, '3').js('an array', false, 1, ['a']).js('an object', true, arg({ a: [1] }), null)
  .js('a result that does not resolve', true, missing, 1)
  .is('the other branch is not evaluated', 'b', false, fails, 'b')
  .is('nor is the else', 'a', true, 'a', fails)
  .fails('the chosen one is', 'argument-count', true, fails, 'b')
  .text('in each other', "${fn.if(fn.eq(args.branch, 'main'), fn.if(args.big, 3, 2), 1)}", 2, { args: { branch: 'main' } })
  .text('nothing in a text is empty', "a${fn.if(false, 'x')}b", 'ab')
  .fails('one argument', 'argument-count', true)
  .fails('four arguments', 'argument-count', true, 1, 2, 3);

const pairs = (s) => s
  .js('equal texts', 'main', 'main').js('different texts', 'main', 'dev').js('case', 'Main', 'main')
  .js('equal numbers', 1, 1.0).js('different numbers', 1, 2).js('zeros of both signs', 0, -0).js('not a number', nan, nan)
  .js('text and number differ', '1', 1).js('boolean and number differ', true, 1).js('boolean and text differ', true, 'true')
  .js('null and undefined differ', null, undef).js('what does not resolve equals undefined', missing, undef)
  .js('what does not resolve and the empty text differ', missing, '').js('null', null, null)
  .js('three of them', 1, 1, 1).js('the last of three differs', 1, 1, 2).js('the first of three differs', 2, 1, 1)
  .js('arrays by content', ['a', 1], ['a', 1]).js('arrays in another order', ['a', 'b'], ['b', 'a']).js('arrays of different lengths', ['a'], ['a', 'b'])
  .js('objects by content', arg({ a: 1, b: [2] }), arg({ b: [2], a: 1 })).js('objects that differ deep down', arg({ a: { b: 1 } }), arg({ a: { b: 2 } }))
  .js('an array and an object', [], arg({})).js('an object with more', arg({ a: 1 }), arg({ a: 1, b: 2 }))
  .js('characters that look alike', 'é', 'e\u0301').js('an argument of the template', arg('main'), 'main')
  .fails('one argument', 'argument-count', 1)
  .fails('no argument', 'argument-count');
const eq = pairs(suite('eq', allSame));
const neq = pairs(suite('neq', (...a) => !allSame(...a)));

const compare = (s) => s
  .js('less', 1, 2).js('equal', 2, 2).js('greater', 3, 2)
  .js('negative', -2, -1).js('zeros of both signs', -0, 0).js('fractions', 0.1, 0.2).js('large ones', 1e21, 1e300)
  .js('text that is a number', '10', '9').js('text with blanks around', ' 10 ', 9).js('a hexadecimal text', '0x10', 16).js('the empty text is zero', '', 0)
  .js('what does not resolve: never true', missing, 1).js('on the right', 1, missing).js('null is zero', null, 0).js('a boolean is zero or one', true, 1)
  .js('not a number', nan, 1).js('infinity as text', 'Infinity', 1).js('an argument of the template', arg('3'), 2)
  .fails('text that is no number', 'argument-type', 'abc', 1)
  .fails('an array', 'argument-type', [1], 1)
  .fails('an object', 'argument-type', 1, arg({}))
  .fails('one argument', 'argument-count', 1)
  .fails('three arguments', 'argument-count', 1, 2, 3);
const number = (f) => (a, b) => f(Number(a), Number(b));
const gt = compare(suite('gt', number((a, b) => a > b)));
const lt = compare(suite('lt', number((a, b) => a < b)));
const gte = compare(suite('gte', number((a, b) => a >= b)));
const lte = compare(suite('lte', number((a, b) => a <= b)));

export default [not, or, and, when, eq, neq, gt, lt, gte, lte];
