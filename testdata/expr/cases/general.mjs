import { suite, arg, raw, missing } from '../lib.mjs';

// Random texts have no fixed value: the vectors look at their length and their alphabet.
const random = (name) => {
  const s = suite(name);
  for (const n of [1, 2, 3, 7, 16, 32, 64, 256, 65536]) s.text(`${n} characters`, `\${fn.length(fn.${name}(${n}))}`, n);
  return s
    .text('a length as text', `\${fn.length(fn.${name}('24'))}`, 24)
    .text('a length from the template', `\${fn.length(fn.${name}(args.a))}`, 12, { args: { a: 12 } })
    .text('in a text', `\${fn.length(fn.join(['a', fn.${name}(4), 'b'], '-'))}`, 8)
    .text('nested in the form for release flows and previews', `\${fn.length(template.fn.${name}(5))}`, 5)
    .fails('zero', 'argument-value', 0).fails('a negative length', 'argument-value', -1).fails('a fraction', 'argument-value', 1.5)
    .fails('too long', 'argument-value', 65537).fails('what does not resolve', 'argument-value', missing)
    .fails('no number', 'argument-type', 'long').fails('an array', 'argument-type', [1]).fails('no argument', 'argument-count');
};
const randomSecret = random('randomSecret')
  .text('Base64 is the default', "${fn.search(fn.randomSecret(200), '^[A-Za-z0-9+/]{200}$')}", 0)
  .text('Base64', "${fn.search(fn.randomSecret(200, 'base64'), '^[A-Za-z0-9+/]{200}$')}", 0)
  .text('hex', "${fn.search(fn.randomSecret(200, 'hex'), '^[0-9a-f]{200}$')}", 0)
  .text('an odd length in hex', "${fn.search(fn.randomSecret(33, 'hex'), '^[0-9a-f]{33}$')}", 0)
  .text('an encoding that does not resolve is the default', '${fn.length(fn.randomSecret(9, args.MISSING))}', 9)
  .fails('an unknown encoding', 'argument-value', 32, 'ascii').fails('capitals', 'argument-value', 32, 'HEX')
  .fails('three arguments', 'argument-count', 32, 'hex', 1);
const randomString = random('randomString')
  .text('letters and digits', "${fn.search(fn.randomString(200), '^[A-Za-z0-9]{200}$')}", 0)
  .fails('two arguments', 'argument-count', 32, 'hex');

const secrets = { secrets: { db: { values: { HOST: 'h', deep: { list: [1, 2] } }, files: { cert: { data: 'PEM', path: '/cert' } } } } };
const withArgs = (args) => ({ ...secrets, args });
const fetchSecret = suite('fetchSecret')
  .text('a value', "${fn.get(fn.fetchSecret('db'), 'values.HOST')}", 'h', secrets)
  .text('the whole secret', "${fn.fetchSecret('db')}", secrets.secrets.db, secrets)
  .text('a computed identifier', '${fn.get(fn.fetchSecret(args.ID), \'values.HOST\')}', 'h', withArgs({ ID: 'db' }))
  .text('in a text', "postgres://${fn.get(fn.fetchSecret('db'), 'values.HOST')}/x", 'postgres://h/x', secrets)
  .text('a list', "${fn.get(fn.fetchSecret('db'), 'values.deep.list')}", [1, 2], secrets)
  .text('a file', "${fn.get(fn.fetchSecret('db'), 'files.cert.data')}", 'PEM', secrets)
  .text('a value that is not there', "${fn.get(fn.fetchSecret('db'), 'values.NO')}", undefined, secrets)
  .text('only where it is needed', "${fn.if(false, fn.fetchSecret('none'), 1)}", 1, secrets)
  .text('the same as a reference', "${fn.eq(secrets.db.values.HOST, fn.get(fn.fetchSecret('db'), 'values.HOST'))}", true, secrets)
  .textFails('an identifier that is not there', "${fn.fetchSecret('none')}", 'environment', secrets)
  .fails('what does not resolve', 'argument-type', missing)
  .fails('an array', 'argument-type', ['db'])
  .fails('a function', 'argument-type', raw('(x) => x'))
  .fails('no argument', 'argument-count')
  .fails('two arguments', 'argument-count', arg('db'), 'x');

export default [randomSecret, randomString, fetchSecret];
