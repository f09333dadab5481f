import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { before, describe, it } from 'node:test';
// Both are CommonJS whose names Node does not find.
import oniguruma from 'vscode-oniguruma';
import textmate from 'vscode-textmate';

// The tests are started in the folder of the extension.
const read = (path: string) => readFileSync(path, 'utf8');
const { contributes } = JSON.parse(read('package.json')) as { contributes: { grammars: { scopeName: string; path: string; language?: string; injectTo?: string[] }[] } };

/** What of JSON's own grammar the others build upon: its strings. VS Code brings the whole one. */
const json = {
  scopeName: 'source.json',
  patterns: [
    {
      begin: '"', end: '"', name: 'string.quoted.double.json',
      beginCaptures: { 0: { name: 'punctuation.definition.string.begin.json' } }, endCaptures: { 0: { name: 'punctuation.definition.string.end.json' } },
      patterns: [{ match: '\\\\(?:["\\\\/bfnrt]|u[0-9a-fA-F]{4})', name: 'constant.character.escape.json' }],
    },
    { match: '\\b(?:true|false|null)\\b', name: 'constant.language.json' },
  ],
  repository: {},
};

describe('the colours of expressions', () => {
  const grammars = new Map<string, textmate.IGrammar>();

  before(async () => {
    await oniguruma.loadWASM(readFileSync('node_modules/vscode-oniguruma/release/onig.wasm'));
    const registry = new textmate.Registry({
      onigLib: Promise.resolve({ createOnigScanner: sources => new oniguruma.OnigScanner(sources), createOnigString: text => new oniguruma.OnigString(text) }),
      loadGrammar: async scope => {
        const own = contributes.grammars.find(one => one.scopeName === scope);
        return textmate.parseRawGrammar(own === undefined ? JSON.stringify(json) : read(own.path), 'grammar.json');
      },
      // As VS Code does with what package.json says.
      getInjections: scope => contributes.grammars.filter(one => one.injectTo?.includes(scope)).map(one => one.scopeName),
    });
    for (const scope of ['source.json.northflank', 'source.json']) {
      const grammar = await registry.loadGrammar(scope);
      assert(grammar);
      grammars.set(scope, grammar);
    }
  });

  const scopes = (line: string, language = 'source.json.northflank') => {
    const grammar = grammars.get(language);
    assert(grammar);
    return grammar.tokenizeLine(line, textmate.INITIAL).tokens.map(token => ({ text: line.slice(token.startIndex, token.endIndex), scopes: token.scopes }));
  };
  /** The pieces of a line whose innermost scope is one of ours, with that scope. */
  const named = (line: string, language?: string) =>
    scopes(line, language).filter(({ scopes }) => scopes.at(-1)?.endsWith('.northflank') && scopes.length > 1).map(({ text, scopes }) => `${text.trim()} ${scopes.at(-1)}`);

  it('tells a reference, its ref and its properties apart', () => {
    assert.deepEqual(named('"${refs.shop.id}"'), [
      '${ punctuation.definition.template-expression.begin.northflank',
      'refs variable.language.northflank',
      '. punctuation.accessor.northflank',
      'shop entity.name.type.northflank',
      '. punctuation.accessor.northflank',
      'id variable.other.property.northflank',
      '} punctuation.definition.template-expression.end.northflank',
    ]);
  });

  it('knows arguments, functions, strings and numbers', () => {
    const found = named('"a ${fn.default(args.SIZE, \'small\', 12.5, true)} b"');
    for (const one of ['default support.function.northflank', 'SIZE variable.parameter.northflank', '12.5 constant.numeric.northflank', 'true constant.language.northflank']) {
      assert(found.includes(one), `${one} is not in ${found.join(', ')}`);
    }
    assert(scopes('"${\'small\'}"').some(({ text, scopes }) => text === 'small' && scopes.includes('string.quoted.single.northflank')));
  });

  it('ends with the string when the expression has no end', () => {
    const found = scopes('"${refs.shop", "name": true');
    assert.deepEqual(found.find(({ text }) => text === 'true')?.scopes, ['source.json.northflank', 'constant.language.json']);
    assert.deepEqual(found.find(({ text }) => text === 'name')?.scopes, ['source.json.northflank', 'string.quoted.double.json']);
  });

  it('keeps what is escaped, and braces of an object, inside', () => {
    const [whole] = scopes('"\\\\${refs.a}"').filter(({ text }) => text.includes('refs'));
    assert(whole?.scopes.every(scope => !scope.includes('expression')), JSON.stringify(whole));
    assert.equal(named('"${fn.get({ a: 1 }, \'a\')} b"').filter(one => one.startsWith('}')).at(-1), '} punctuation.definition.template-expression.end.northflank');
  });

  it('marks placeholders as such', () => {
    assert(scopes('"${{ name }}"').some(({ text, scopes }) => text.includes('name') && scopes.includes('meta.placeholder.northflank')));
  });

  it('leaves expressions of other JSON alone that are not of templates', () => {
    assert(named('"${refs.shop.id}"', 'source.json').includes('shop entity.name.type.northflank'));
    assert.deepEqual(named('"${workspaceFolder}/a"', 'source.json'), []);
    assert.notDeepEqual(named('"${workspaceFolder}/a"'), []);
  });
});
