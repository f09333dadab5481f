import { suite } from '../lib.mjs';

const s = suite('the language');
// JavaScript itself reads the literals.
for (const literal of [
  "'a'", '"a"', "'it\\'s'", "'say \"hi\"'", '"it\'s"', "'\\n\\t\\r\\b\\f\\v\\0'", "'\\x41\\u0041\\u{41}'", "'\\u{1F600}'", "'\\ud83d\\ude00'", "'\\ud83d'", "'\\a\\q\\/\\$'", "'a\\\nb'", "'a\\\r\nb'", "''", "'é😀'", "'\\\\'", "'}'", "'${'.length", "'\\u{10FFFF}'",
  '0', '1', '-1', '1.5', '-1.5', '.5', '5.', '1e3', '1E3', '1e-7', '1e+21', '123456789012345680000', '0x1F', '0b101', '0o17', '1_000', '-0', '5e-324', '1.7976931348623157e308', 'true', 'false', 'null', '[]', "[1, 'a', [true, null]]", '[1 , 2 ]',
]) {
  if (literal.endsWith('.length')) continue;
  s.text(`the literal ${JSON.stringify(literal)}`, `\${${literal}}`, eval(literal));
  s.text(`the literal ${JSON.stringify(literal)} in a text`, `<\${ ${literal} }>`, `<${eval(literal)}>`);
}
s.text('undefined', '${undefined}', undefined)
  .text('undefined in a text is empty', 'a${undefined}b', 'ab')
  .text('text alone', 'plain', 'plain').text('nothing', '', '').text('a dollar sign', '5$ {x} $', '5$ {x} $')
  .text('an escaped expression', '\\${args.a}', '${args.a}').text('an escaped one beside another', '\\${x}-${args.a}', '${x}-1', { args: { a: 1 } })
  .text('an escaped one in a string', "${'\\${aws_s3_bucket.nf.id}'}", '${aws_s3_bucket.nf.id}')
  .text('what a container gets is left alone', 'x${{ secrets.db.values.P }}y', 'x${{ secrets.db.values.P }}y')
  .text('a value keeps its type', '${args.a}', { b: [1, null, 'x'] }, { args: { a: { b: [1, null, 'x'] } } })
  .text('values are joined', '${args.a}/${args.b}/${args.c}', '1/true/1,2', { args: { a: 1, b: true, c: [1, 2] } })
  .text('an object in a text', '${args.a}!', '[object Object]!', { args: { a: {} } })
  .text('null in a text', '${args.a}!', 'null!', { args: { a: null } })
  .text('a reference with hyphens and positions', '${refs.my-web.ports.0.dns}', 'd', { refs: { 'my-web': { ports: [{ dns: 'd' }] } } })
  .text('a reference in brackets', "${refs['my web'].ports[0]['dns']}", 'd', { refs: { 'my web': { ports: [{ dns: 'd' }] } } })
  .text('a secret', '${secrets.db.values.HOST}', 'h', { secrets: { db: { values: { HOST: 'h' } } } })
  .text('the outer template', '${template.args.a}', 1, { args: { a: 1 } })
  .text('the outer template in arguments', '${template.fn.if(template.args.a, template.args.a, 2)}', 1, { args: { a: 1 } })
  .text('parentheses', '${(fn.add((1), (2)))}', 3)
  .text('line breaks between arguments', '${fn.add(\n  1,\n  2\n)}', 3)
  .text('the example of the guides', "${fn.if(fn.eq(args.branch, 'main'), 3, 1)}", 3, { args: { branch: 'main' } })
  .textFails('an argument that does not resolve', '${args.MISSING}', 'undefined')
  .textFails('a root that is none', '${VAR}', 'undefined')
  .textFails('a path that does not resolve', '${args.a.b.c}', 'undefined', { args: { a: {} } })
  .textFails('an unknown function', "${fn.slugify('a')}", 'unknown-function')
  .textFails('a function of another case', "${fn.ToUpper('a')}", 'unknown-function')
  .textFails('a lambda alone', '${(x) => x}', 'result-type')
  .textFails('a regular expression alone', '${/x/}', 'result-type')
  .textFails('no end', '${args.a', 'unclosed-expression').textFails('nothing', '${}', 'empty-expression').textFails('an operator', '${1 + 1}', 'operator')
  .textFails('a bad escape', "${'\\xZ'}", 'bad-escape').textFails('a bad number', '${1.2.3}', 'bad-number').textFails('a method', "${args.a.trim()}", 'missing-fn');

export default [s];
