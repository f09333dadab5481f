import { suite, arg, missing, nan, infinity } from '../lib.mjs';

const fold = (f) => (...list) => list.map(Number).reduce(f);

const numbers = (s) => s
  .js('two numbers', 7, 2).js('zeros', 0, 0).js('zero on the right', 7, 0).js('zero on the left', 0, 7)
  .js('negative ones', -7, -2).js('a negative left', -7, 2).js('a negative right', 7, -2)
  .js('fractions', 0.1, 0.2).js('small ones', 1e-7, 1e-7).js('beyond the integers', 9007199254740992, 1).js('large ones', 1e300, 10)
  .js('text that is a number', '7', '2').js('text with blanks', ' 7\n', 2).js('an exponent in text', '1e3', 2).js('the empty text is zero', '', 2)
  .js('a boolean', true, 2).js('null is zero', null, 2)
  .js('what does not resolve', missing, 2).js('not a number', nan, 1).js('infinity', infinity, 2).js('by infinity', 2, infinity)
  .js('arguments of the template', arg('3'), arg(4))
  .fails('text that is no number', 'argument-type', 'abc', 1)
  .fails('a number with a unit', 'argument-type', '10px', 1)
  .fails('an array', 'argument-type', [1], 2)
  .fails('an object', 'argument-type', 1, arg({ a: 1 }))
  .fails('one argument', 'argument-count', 1)
  .fails('no argument', 'argument-count');
const any = (s) => s.js('four numbers', 10, 1, 2, 3).js('text among them', 10, '1', 2);
const two = (s) => s.fails('three arguments', 'argument-count', 1, 2, 3);

const add = any(numbers(suite('add', fold((a, b) => a + b))));
const subtract = any(numbers(suite('subtract', fold((a, b) => a - b))));
const multiply = any(numbers(suite('multiply', fold((a, b) => a * b))));
const divide = two(numbers(suite('divide', fold((a, b) => a / b))));
const remainder = two(numbers(suite('remainder', fold((a, b) => a % b)))).js('of a fraction', 5.5, 2);
// ECMAScript leaves the last digit of a power to the implementation. With negative exponents V8 is not always at the
// number next to the true result; its division is.
const power = (a, b) => (Number.isInteger(b) && b < 0 ? 1 / a ** -b : a ** b);
const exp = two(numbers(suite('exp', fold(power))))
  .js('a root', 9, 0.5).js('a root of a negative number', -8, 0.5).js('one to infinity', 1, infinity).js('to the power of zero', nan, 0)
  .js('a negative exponent', 2, -2).js('too large', 10, 400).js('too small', 10, -400);

const rounding = (s) => s
  .js('a fraction', 2.7).js('a small fraction', 2.1).js('an integer', 3).js('zero', 0)
  .js('a negative fraction', -2.5).js('between minus one and zero', -0.5).js('a large one', 1e21).js('a tiny one', 1e-10)
  .js('text that is a number', '2.5').js('the empty text is zero', '').js('a boolean', true).js('null is zero', null)
  .js('what does not resolve', missing).js('not a number', nan).js('infinity', infinity)
  .js('an argument of the template', arg('7.9'))
  .fails('text that is no number', 'argument-type', 'abc')
  .fails('an array', 'argument-type', [1])
  .fails('no argument', 'argument-count')
  .fails('two arguments', 'argument-count', 1, 2);
const floor = rounding(suite('floor', (a) => Math.floor(Number(a))));
const ceil = rounding(suite('ceil', (a) => Math.ceil(Number(a))));

export default [add, subtract, multiply, divide, remainder, exp, floor, ceil];
