// The official JavaScript client on nf-run serve, over every family that it can make.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { client, until } from './clients.mjs'
import * as resources from './resources.mjs'
import { served } from './served.mjs'

const projectId = 'client-project'

// family: what the client calls it; make: its methods by name; parameter: of its id; change: a patch, and how it shows.
const families = [
  {
    family: 'deployment service',
    make: (api) => [api.create.service.deployment, api.put.service.deployment, api.patch.service.deployment],
    read: (api) => [api.get.service, api.list.services, api.delete.service],
    parameter: 'serviceId', member: 'services', body: resources.deployment, id: 'web',
    change: { deployment: { instances: 2 } }, shows: (s) => s.deployment.instances === 2,
  },
  {
    family: 'combined service',
    make: (api) => [api.create.service.combined, api.put.service.combined, api.patch.service.combined],
    read: (api) => [api.get.service, api.list.services, api.delete.service],
    parameter: 'serviceId', member: 'services', body: resources.combined, id: 'app',
    change: { deployment: { instances: 2 } }, shows: (s) => s.deployment.instances === 2,
  },
  {
    family: 'build service',
    make: (api) => [api.create.service.build, api.put.service.build, api.patch.service.build],
    read: (api) => [api.get.service, api.list.services, api.delete.service],
    parameter: 'serviceId', member: 'services', body: resources.build, id: 'builder',
    change: { description: 'changed' }, shows: (s) => s.description === 'changed',
  },
  {
    family: 'addon',
    make: (api) => [api.create.addon, api.put.addon, api.patch.addon],
    read: (api) => [api.get.addon, api.list.addons, api.delete.addon],
    parameter: 'addonId', member: 'addons', body: resources.addon, id: 'database',
    change: { description: 'changed' }, shows: (a) => a.description === 'changed',
  },
  {
    family: 'manual job',
    make: (api) => [api.create.job.manual, api.put.job.manual, api.patch.job.manual],
    read: (api) => [api.get.job, api.list.jobs, api.delete.job],
    parameter: 'jobId', member: 'jobs', body: resources.job, id: 'migration',
    change: { description: 'changed' }, shows: (j) => j.description === 'changed',
  },
  {
    family: 'cron job',
    make: (api) => [api.create.job.cron, api.put.job.cron, api.patch.job.cron],
    read: (api) => [api.get.job, api.list.jobs, api.delete.job],
    parameter: 'jobId', member: 'jobs', body: resources.cron, id: 'nightly',
    change: { description: 'changed' }, shows: (j) => j.description === 'changed',
  },
  {
    family: 'secret group',
    make: (api) => [api.create.secret, api.put.secret, api.patch.secret],
    read: (api) => [api.get.secret, api.list.secrets, api.delete.secret],
    parameter: 'secretId', member: 'secrets', body: resources.secret, id: 'settings',
    change: { priority: 20 }, shows: (s) => s.priority === 20,
  },
]

test('every family is made, listed, read, put, changed and deleted', async (t) => {
  const server = await served(t)
  const api = await client(server)
  const made = await api.create.project({ data: resources.project })
  assert.equal(made.data.id, projectId)
  for (const f of families) {
    await t.test(f.family, async () => {
      const [create, put, patch] = f.make(api)
      const [get, list, remove] = f.read(api)
      const one = { projectId, [f.parameter]: f.id }
      const created = await create({ parameters: { projectId }, data: f.body })
      assert.equal(created.data.id, f.id)
      const listed = await list({ parameters: { projectId } })
      assert.ok(listed.data[f.member].some((item) => item.id === f.id), 'it is listed')
      assert.equal((await get({ parameters: one })).data.name, f.body.name)
      const again = await put({ parameters: { projectId }, data: f.body })
      assert.equal(again.data.id, f.id)
      await patch({ parameters: one, data: f.change })
      assert.ok(f.shows((await get({ parameters: one })).data), 'the change shows')
      await remove({ parameters: one })
      await assert.rejects(get({ parameters: one }), (error) => error.status === 404)
    })
  }
  await api.delete.project({ parameters: { projectId } })
  assert.deepEqual((await api.list.projects({})).data.projects, [])
})

test('lifecycles go on until they have ended', async (t) => {
  const server = await served(t, '--delay', '50ms')
  const api = await client(server)
  await api.create.project({ data: resources.project })
  await api.create.service.combined({ parameters: { projectId }, data: resources.combined })
  const started = await api.start.service.build({ parameters: { projectId, serviceId: 'app' }, data: {} })
  const build = { projectId, serviceId: 'app', buildId: started.data.id }
  const built = await until(() => api.get.service.build({ parameters: build }), (b) => b.concluded)
  assert.equal(built.status, 'SUCCESS')

  await api.create.job.manual({ parameters: { projectId }, data: resources.job })
  const run = await api.start.job.run({ parameters: { projectId, jobId: 'migration' }, data: {} })
  const ran = await until(
    () => api.get.job.run({ parameters: { projectId, jobId: 'migration', runId: run.data.id } }), (r) => r.concluded)
  assert.equal(ran.status, 'SUCCESS')

  await api.create.addon({ parameters: { projectId }, data: resources.addon })
  const addon = { projectId, addonId: 'database' }
  await until(() => api.get.addon({ parameters: addon }), (a) => a.status === 'running')
  const credentials = (await api.get.addon.credentials({ parameters: addon })).data
  assert.ok(Object.keys(credentials.secrets).some((key) => /password/i.test(key)), 'an addon has a password')
  const backup = await api.backup.addon({ parameters: addon, data: { name: 'before' } })
  await until(
    () => api.get.addon.backup({ parameters: { ...addon, backupId: backup.data.id } }), (b) => b.status === 'completed')
})

test('lists go on page by page', async (t) => {
  const server = await served(t)
  const api = await client(server)
  for (let i = 0; i < 7; i++) await api.create.project({ data: { name: `Project ${i}`, region: 'europe-west' } })
  const names = []
  for (let options = { per_page: 3 }; ;) {
    const page = await api.list.projects({ options })
    names.push(...page.data.projects.map((p) => p.name))
    if (!page.pagination.hasNextPage) break
    options = { per_page: 3, cursor: page.pagination.cursor }
  }
  assert.deepEqual([...new Set(names)].sort(), Array.from({ length: 7 }, (_, i) => `Project ${i}`))
})

test('errors arrive with status, identifier, message and details', async (t) => {
  const server = await served(t)
  const api = await client(server, undefined, false)
  const wrong = await api.create.project({ data: { name: 'x'.repeat(60) } })
  assert.equal(wrong.error.status, 400)
  assert.ok(wrong.error.details.name, 'the details name the property')
  await api.create.project({ data: resources.project })
  const taken = await api.create.project({ data: resources.project })
  assert.equal(taken.error.status, 409)
  assert.match(taken.error.message, /exists already/)
  const missing = await api.get.service({ parameters: { projectId, serviceId: 'none' } })
  assert.equal(missing.error.status, 404)
  const stranger = await client(server, 'wrong-token', false)
  assert.equal((await stranger.list.projects({})).error.status, 401)
})

test('the rate limit is told in the headers', async (t) => {
  const server = await served(t, '--rate-limit', '2')
  const api = await client(server, undefined, false)
  const first = await api.list.projects({})
  assert.equal(first.rawResponse.headers.get('x-ratelimit-limit'), '2')
  assert.equal(first.rawResponse.headers.get('x-ratelimit-remaining'), '1')
  await api.list.projects({})
  assert.equal((await api.list.projects({})).error.status, 429)

  const without = await client(await served(t), undefined, false)
  const { headers } = (await without.list.projects({})).rawResponse
  assert.deepEqual(['limit', 'remaining', 'reset'].map((what) => headers.get(`x-ratelimit-${what}`)), ['1000', '1000', '3600'])
})
