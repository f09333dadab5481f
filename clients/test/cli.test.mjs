// The official CLI on nf-run serve.
import assert from 'node:assert/strict'
import path from 'node:path'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import * as resources from './resources.mjs'
import { commandLine, input } from './commandline.mjs'
import { served } from './served.mjs'

const projectId = 'client-project'
const inProject = ['--project', projectId]

test('the CLI works in every family', async (t) => {
  const server = await served(t, '--delay', '50ms')
  const { call, json } = commandLine(server)

  const login = await call('login', '-n', 'local', '-t', server.token, '--host', server.url)
  assert.match(login.stdout, /Successfully logged in/)
  assert.equal((await json('create', 'project', ...input(resources.project))).id, projectId)

  const families = [
    { create: ['service', 'deployment'], one: ['service', '--service', 'web'], list: 'services', body: resources.deployment, id: 'web', change: { deployment: { instances: 2 } } },
    { create: ['service', 'combined'], one: ['service', '--service', 'app'], list: 'services', body: resources.combined, id: 'app', change: { description: 'changed' } },
    { create: ['addon'], one: ['addon', '--addon', 'database'], list: 'addons', body: resources.addon, id: 'database', change: { description: 'changed' } },
    { create: ['job', 'manual'], one: ['job', '--job', 'migration'], list: 'jobs', body: resources.job, id: 'migration', change: { description: 'changed' } },
    { create: ['secret'], one: ['secret', '--secret', 'settings'], list: 'secrets', body: resources.secret, id: 'settings', change: { priority: 20 } },
  ]
  await Promise.all(families.map((f) => t.test(f.create.join(' '), async () => {
    const [kind, ...which] = f.one
    assert.equal((await json('create', ...f.create, ...inProject, ...input(f.body))).id, f.id)
    assert.ok((await json('list', f.list, ...inProject))[f.list].some((item) => item.id === f.id), 'it is listed')
    await json('patch', ...f.create, ...inProject, ...which, ...input(f.change))
    const got = await json('get', kind, ...inProject, ...which)
    const [property, value] = Object.entries(f.change)[0]
    assert.deepEqual(property === 'deployment' ? { instances: got.deployment.instances } : got[property], value)
    await call('delete', kind, ...inProject, ...which, '--force')
    const gone = await call('get', kind, ...inProject, ...which)
    assert.match(gone.stdout + gone.stderr, /does not exist/)
  })))
  await t.test('what is refused is told with its property', async () => {
    const refused = await call('create', 'addon', ...inProject, ...input({ ...resources.addon, name: 'DB' }))
    assert.match(refused.stdout + refused.stderr, /name is 2 characters long/)
  })
})

test('clients and templates see the same resources', async (t) => {
  const server = await served(t)
  const { call, json } = commandLine(server)
  await call('login', '-n', 'local', '-t', server.token, '--host', server.url)
  const template = path.join(path.dirname(fileURLToPath(import.meta.url)), '../../testdata/templates/payload.json')
  const ran = await server.run('run', template)
  assert.equal(ran.code, 0, ran.stderr)
  const { projects } = await json('list', 'projects')
  assert.equal(projects.length, 1)
  const { services } = await json('list', 'services', '--project', projects[0].id)
  assert.ok(services.length > 0, 'the template has made services')
})
