import { suite, arg, raw, missing, undef, nan } from '../lib.mjs';

const service = { id: 'web', ports: [{ name: 'http', dns: 'a.example.com' }, { name: 'admin' }], 'a.b': 'dotted', deep: { n: 0 } };

const get = suite('get', (o, path) => {
  if (Object.hasOwn(Object(o), path)) return o[path];
  return String(path).replace(/\[(?:'([^']*)'|"([^"]*)"|([^\]]*))\]/g, (_, a, b, c) => '.' + (a ?? b ?? c)).replace(/^\./, '').split('.')
    .reduce((v, k) => (v !== null && typeof v === 'object' && Object.hasOwn(v, k) ? v[k] : undefined), o);
})
  .js('a member', service, 'id').js('a path', service, 'ports.0.dns').js('a position in brackets', service, 'ports[1].name')
  .js('a name in brackets', service, 'deep["n"]').js('a key with a dot in it', service, 'a.b').js('a zero', service, 'deep.n')
  .js('no such member', service, 'nothing').js('no such position', service, 'ports.9.dns').js('below a text', service, 'id.length')
  .js('in an array', ['a', 'b'], '1').js('a position as a number', ['a', 'b'], 1).js('a negative position', ['a'], '-1')
  .js('the length of an array', service, 'ports.length').js('a whole array', service, 'ports').js('of what does not resolve', missing, 'a')
  .js('of null', null, 'a').js('an empty path', service, '').js('of arrays in arrays', [['a', 'b']], '0.1').js('a position with a zero in front', ['a', 'b'], '01')
  .js('keys beyond ASCII', arg({ é: { '😀': [1, 'ß'] } }), 'é.😀.1').js('a key in two code points is another', arg({ é: 1 }), 'e\u0301').js('a key beyond ASCII in brackets', arg({ 東京: 2 }), "['東京']")
  .text('of parsed JSON', '${fn.get(fn.parseJSON(\'{"a":[1,{"b":2}]}\'), \'a.1.b\')}', 2)
  .fails('of a text', 'argument-type', 'abc', 'length')
  .fails('a path that does not resolve', 'argument-type', service, missing)
  .fails('one argument', 'argument-count', service)
  .fails('three arguments', 'argument-count', service, 'a', 'b');

const stringifyJSON = suite('stringifyJSON', (v) => JSON.stringify(v))
  .js('a text', 'a').js('quotes and backslashes', 'a"b\\c').js('control characters', '\u0000\u0007\b\t\n\u000b\f\r\u001f\u007f')
  .js('no escapes for the web', '<a>&\u2028').js('half of a pair', '\ud83d').js('an emoji', '😀')
  .js('a number', 1.5).js('minus zero', -0).js('a large number', 1e21).js('a small number', 1e-7).js('not a number', nan)
  .js('a boolean', false).js('null', null).js('undefined stays undefined', undef).js('what does not resolve', missing)
  .js('an array', ['a', 1, null, [true]]).js('undefined in an array', raw('[undefined, 1]', [undefined, 1]))
  .js('keys and texts beyond ASCII', arg({ 'é': '👨\u200d👩\u200d👧', 東京: ['İ', '\u2029'] })).js('the second half of a pair', '\ude00').js('halves that do not meet', '\ude00\ud83d')
  .js('an object', { b: 1, a: { c: [] } }).js('positions among the keys come first', { b: 1, 10: 'x', 2: 'y', '01': 'z' })
  .js('an empty object', {}).js('an empty array', [])
  .fails('a regular expression', 'argument-type', raw('/a/'))
  .fails('a function', 'argument-type', raw('(x) => x'))
  .fails('no argument', 'argument-count')
  .fails('two arguments', 'argument-count', 1, 2);

const parseJSON = suite('parseJSON', (s) => { try { return JSON.parse(s); } catch { return ''; } })
  .js('an object', '{"a":1,"b":[true,null]}').js('an array', ' [1, 2 , 3]\n').js('a text', '"a\\u0041\\n\\/"').js('a number', '-1.5e3').js('a boolean', 'true').js('null', 'null')
  .js('the order of keys', '{"b":1,"a":2}').js('a key twice', '{"a":1,"b":2,"a":3}').js('a pair in two escapes', '"\\ud83d\\ude00"').js('half of a pair', '"\\ud83d"')
  .js('the empty text', '').js('blanks', '  ').js('a trailing comma', '[1,]').js('no quotes', '{a:1}').js('single quotes', "{'a':1}").js('a comment', '[1] // x')
  .js('a leading zero', '01').js('a leading plus', '+1').js('a dot without digits', '1.').js('hexadecimal', '0x1').js('NaN', 'NaN').js('undefined', 'undefined')
  .js('more than one value', '1 2').js('an open array', '[1').js('an open text', '"a').js('a raw line break in a text', '"a\nb"').js('an unknown escape', '"\\x41"').js('a code point escape', '"\\u{41}"')
  .js('a no-break space', '\u00a0[1]').js('a byte order mark', '\ufeff1').js('nested', '[[[[[]]]]]').js('a number that is too large', '1e999').js('a number', 12).js('a boolean value', true)
  .js('an argument of the template', arg('{"plan":"nf-compute-20"}'))
  .js('a pair as it is', '"😀é東"').js('a half as it is and the other in an escape', '"\ud83d\\ude00"').js('a half in an escape and the other as it is', '"\\ud83d\ude00"')
  .js('two halves in the wrong order', '"\\ude00\ud83d"').js('line separators as they are', '"\u2028\u2029"').js('a key in halves', '{"\ud83d\\ude00":1}').js('a letter beside a half', '"\ud83dé"')
  .fails('what does not resolve', 'argument-type', missing)
  .fails('an object', 'argument-type', arg({ a: 1 }))
  .fails('no argument', 'argument-count')
  .fails('two arguments', 'argument-count', '1', '2');

const members = (s) => s
  .js('an object', { b: 1, a: 'x' }).js('an empty object', {}).js('nested values', { a: { b: [1] }, c: null }).js('positions come first, in order', { b: 1, 10: 'x', 2: 'y' })
  .js('a key with leading zeros is none', { b: 1, '01': 'x' }).js('a position beyond all arrays is none', { a: 1, 4294967295: 'x', 4294967294: 'y' }).js('the empty key', { '': 1 })
  .js('an array', ['a', 'b']).js('an empty array', []).js('keys beyond ASCII', { é: 1, '😀': 2 }).js('values beyond ASCII', { a: 'ß', b: ['\u2028', '東'] })
  .js('one key in one and in two code points', { é: 1, 'e\u0301': 2 }).js('one member', { only: false })
  .fails('a text', 'argument-type', 'abc').fails('a number', 'argument-type', 1).fails('null', 'argument-type', null)
  .fails('what does not resolve', 'argument-type', missing)
  .fails('no argument', 'argument-count')
  .fails('two arguments', 'argument-count', arg({}), arg({}));
const entries = members(suite('entries', Object.entries));
const values = members(suite('values', Object.values));
const keys = members(suite('keys', Object.keys));

export default [get, stringifyJSON, parseJSON, entries, values, keys];
