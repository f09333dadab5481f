// The published schemas in VS Code's JSON support, as an editor without nf-lsp uses them.
import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'

const root = new URL('../../', import.meta.url)
// The library is a peer in the measuring, and kept there.
const require = createRequire(new URL('bench/package.json', root))
const { getLanguageService, TextDocument } = require('vscode-json-languageservice')

const published = 'https://raw.githubusercontent.com/nf-lsp/nf-lsp/main/schemas/'
const schemas = {
  template: new URL('schemas/editor/template.json', root),
  releaseFlow: new URL('schemas/editor/release-flow.json', root),
  previewEnv: new URL('schemas/editor/preview-environment.json', root),
}

// The schemas refer to each other by the addresses that they are published at.
const read = (uri) => readFileSync(fileURLToPath(uri.startsWith(published) ? new URL(`schemas/${uri.slice(published.length)}`, root) : uri), 'utf8')

/** A document with the cursor at ‸, opened with one of the schemas. */
function open(marked, schema = schemas.template) {
  const service = getLanguageService({
    schemaRequestService: async (uri) => read(uri),
    workspaceContext: { resolveRelativePath: (relative, resource) => new URL(relative, resource).href },
  })
  service.configure({ validate: true, schemas: [{ uri: schema.href, fileMatch: ['*.json'] }] })
  const offset = marked.indexOf('‸')
  const text = marked.replace('‸', '')
  const document = TextDocument.create('file:///northflank.json', 'json', 1, text)
  const tree = service.parseJSONDocument(document)
  const position = document.positionAt(Math.max(offset, 0))
  return {
    complete: async () => (await service.doComplete(document, position, tree)).items,
    hover: async () => [(await service.doHover(document, position, tree))?.contents ?? []].flat().map((c) => c.value ?? c).join('\n'),
    problems: async () => (await service.doValidation(document, tree, { schemaRequest: 'error' })).map((d) => d.message),
  }
}

const labels = (items) => items.map((i) => i.label)
const node = (text) => `{ "apiVersion": "v1.2", "spec": { "kind": "Workflow", "spec": { "type": "sequential", "steps": [${text}] } } }`
const kinds = readdirSync(new URL('schemas/nodes/', root)).map((f) => f.replace('.json', ''))

test('the kinds of nodes are offered', async () => {
  const offered = labels(await open(node('{ "kind": "‸" }')).complete())
  const missing = ['Addon', 'CombinedService', 'Workflow', 'Condition', 'SecretGroup'].filter((k) => !offered.includes(`"${k}"`))
  assert.deepEqual(missing, [], offered.join())
})

test('the properties of a kind are offered with their descriptions', async () => {
  for (const kind of kinds) {
    const { properties } = JSON.parse(readFileSync(new URL(`schemas/nodes/${kind}.json`, root), 'utf8'))
    const items = await open(node(`{ "kind": "${kind}", "‸" }`)).complete()
    const offered = labels(items)
    // kind stands there already.
    for (const name of Object.keys(properties).filter((n) => n !== 'kind')) {
      if (properties[name]['x-nf-hidden']) continue
      assert.ok(offered.includes(name), `${kind}.${name} is not offered: ${offered}`)
    }
    const spec = items.find((i) => i.label === 'spec')
    if (spec) assert.match(spec.documentation?.value ?? spec.documentation, /\w/, kind)
  }
})

test('the properties of a spec are offered for the kind that stands beside it', async () => {
  const items = await open(node('{ "kind": "CombinedService", "spec": { "name": "web", "‸" } }')).complete()
  for (const name of ['billing', 'deployment', 'ports', 'healthChecks', 'buildSettings']) assert.ok(labels(items).includes(name), name)
  assert.ok(!labels(items).includes('backupSchedules'), 'those of an Addon are not')
})

test('values and examples are offered', async () => {
  const modes = labels(await open(node('{ "kind": "Volume", "spec": { "spec": { "accessMode": "‸" } } }')).complete())
  assert.ok(modes.includes('"ReadWriteOnce"') && modes.includes('"ReadWriteMany"'), modes.join())
})

test('a hover says what a property is for', async () => {
  const said = await open(node('{ "kind": "Volume", "spec": { "spec": { "acc‸essMode": "ReadWriteOnce" } } }')).hover()
  assert.match(said, /How many containers/)
})

test('mistakes are reported, and expressions are not', async () => {
  const right = '{ "kind": "Volume", "spec": { "name": "data", "mounts": [{ "containerMountPath": "/data" }], "spec": { "accessMode": "${args.mode}", "storageSize": "${args.size}" } } }'
  assert.deepEqual(await open(node(right)).problems(), [])
  const wrong = await open(node(right.replace('"mounts"', '"mount"'))).problems()
  assert.ok(wrong.some((m) => m.includes('mount')), wrong.join())
})

test('our templates are right as they are', async () => {
  const folder = new URL('testdata/templates/', root)
  for (const file of readdirSync(folder).filter((f) => f.endsWith('.json') && !/mistake|fragment|single-node/.test(f))) {
    // A template may name a schema of the vendor's, which is not at hand.
    const text = readFileSync(new URL(file, folder), 'utf8').replace(/"\$schema": "[^"]*",/, '')
    const schema = file.startsWith('release-') ? schemas.releaseFlow : file === 'preview-environment.json' ? schemas.previewEnv : schemas.template
    assert.deepEqual(await open(text, schema).problems(), [], file)
  }
})
