// What people script on resources that are there: by the official CLI and the JavaScript client on nf-run serve.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { client, until } from './clients.mjs'
import { input, loggedIn } from './commandline.mjs'
import * as resources from './resources.mjs'
import { served } from './served.mjs'

const projectId = 'client-project'
const probe = {
  protocol: 'HTTP', type: 'readinessProbe', path: '/health', port: 80,
  initialDelaySeconds: 10, periodSeconds: 60, timeoutSeconds: 1, failureThreshold: 3,
}
const port = { name: 'p02', internalPort: 8080, public: false, protocol: 'HTTP' }

/** A project with one of each of what runs. */
async function operated(t) {
  const server = await served(t, '--delay', '30ms')
  const api = await client(server)
  await api.create.project({ data: resources.project })
  const parameters = { projectId }
  await api.create.service.deployment({ parameters, data: resources.deployment })
  await api.create.service.build({ parameters, data: resources.build })
  await api.create.job.cron({ parameters, data: resources.cron })
  return { server, api }
}

test('the JavaScript client operates services', async (t) => {
  const { api } = await operated(t)
  const web = { parameters: { projectId, serviceId: 'web' } }
  const builder = { parameters: { projectId, serviceId: 'builder' } }
  const running = (n) => until(() => api.get.service.containers(web),
    (c) => c.containers.length === n && c.containers.every((k) => k.status === 'TASK_RUNNING'))

  await running(1)
  await api.scale.service({ ...web, data: { instances: 2 } })
  const before = await running(2)
  await api.restart.service(web)
  const after = await until(() => api.get.service.containers(web),
    (c) => c.containers.length === 2 && c.containers.every((k) => k.status === 'TASK_RUNNING' && !before.containers.some((b) => b.name === k.name)))
  await api.pause.service(web)
  assert.deepEqual((await api.get.service.containers(web)).data.containers, [])
  assert.equal((await api.get.service(web)).data.servicePaused, true)
  await api.resume.service({ ...web, data: { instances: 1 } })
  await running(1)

  await api.update.service.ports({ ...web, data: { ports: [port] } })
  assert.equal((await api.get.service.ports(web)).data.ports[0].internalPort, 8080)
  await api.update.service.healthChecks({ ...web, data: { healthChecks: [probe] } })
  assert.equal((await api.get.service.healthChecks(web)).data.healthChecks[0].path, '/health')
  await api.create.secret({ parameters: { projectId }, data: resources.secret })
  const changed = await api.update.service.runtimeEnvironment({ ...web, data: { runtimeEnvironment: { MODE: 'test' } } })
  assert.equal(changed.data.restartSuccessful, true)
  assert.deepEqual((await api.get.service.runtimeEnvironment(web)).data.runtimeEnvironment, { MODE: 'test', LEVEL: 'info' })
  assert.equal((await api.get.service.runtimeEnvironmentDetails(web)).data.runtimeEnvironment.LEVEL.inheritedFrom, 'settings')
  await api.update.service.deployment({ ...web, data: { external: { imagePath: 'caddy:2' } } })
  assert.equal((await api.get.service.deployment(web)).data.external.imagePath, 'caddy:2')

  await api.update.service.buildArguments({ ...builder, data: { buildArguments: { A: '1' } } })
  assert.deepEqual((await api.get.service.buildArguments(builder)).data.buildArguments, { A: '1' })
  assert.equal((await api.get.service.buildArgumentDetails(builder)).data.buildArguments.A.value, '1')
  await api.update.service.buildOptions({ ...builder, data: { fullGitClone: true } })
  await api.update.service.buildSource({ ...builder, data: { projectUrl: 'https://github.com/example/other' } })
  await api.reset.service.buildCache(builder)
  const build = await api.start.service.build({ ...builder, data: { branch: 'next', pullRequestId: 7 } })
  assert.ok((await api.get.service.branches(builder)).data.branches.some((b) => b.name === 'next'))
  assert.equal((await api.get.service.pullRequests(builder)).data.pullRequests[0].id, 7)
  await until(() => api.get.service.build({ parameters: { ...builder.parameters, buildId: build.data.id } }), (b) => b.concluded)

  const log = (await api.get.service.logs({ ...web, options: { direction: 'forward' } })).data
  assert.match(log[0].log, /is started/)
  assert.ok(log.some((line) => line.containerId === after.containers[0].name), 'the log tells of containers that are gone')
  const buildLog = (await api.get.service.buildLogs({ ...builder, options: { buildId: build.data.id, textIncludes: 'succeeded' } })).data
  assert.equal(buildLog.length, 1)
  const metrics = (await api.get.service.metrics({ ...web, options: { metricTypes: ['cpu', 'requests'] } })).data
  assert.deepEqual(Object.keys(metrics).sort(), ['cpu', 'requests'])
  assert.equal(metrics.cpu.values[0].data[0].value, 0)
  assert.ok((await api.get.service.metricsRange({ ...web, options: { metricTypes: ['memory'], duration: 60 } })).data.memory)
  assert.ok((await api.get.service.buildMetrics({ ...builder, options: { buildId: build.data.id } })).data.cpu)
})

test('the JavaScript client operates jobs', async (t) => {
  const { api } = await operated(t)
  const nightly = { parameters: { projectId, jobId: 'nightly' } }
  const suspended = async () => (await api.get.job(nightly)).data.suspended
  await api.suspend.job({ ...nightly, data: { suspended: true } })
  assert.equal(await suspended(), true)
  await api.suspend.job({ ...nightly, data: { suspended: false } })
  await api.pause.job(nightly)
  assert.equal(await suspended(), true)
  await api.resume.job({ ...nightly, data: {} })
  assert.equal(await suspended(), false)
  await api.scale.job({ ...nightly, data: { deploymentPlan: 'nf-compute-50' } })
  await api.update.job.settings({ ...nightly, data: { backoffLimit: 3, schedule: '5 4 * * *' } })
  await api.update.job.runtimeEnvironment({ ...nightly, data: { runtimeEnvironment: { MODE: 'test' } } })
  await api.update.job.healthChecks({ ...nightly, data: { healthChecks: [probe] } })
  await api.update.job.deployment({ ...nightly, data: { external: { imagePath: 'busybox:1' } } })
  const job = (await api.get.job(nightly)).data
  assert.equal(job.settings.backoffLimit, 3)
  assert.equal(job.billing.deploymentPlan, 'nf-compute-50')
  assert.equal((await api.get.job.deployment(nightly)).data.external.imagePath, 'busybox:1')
  assert.deepEqual((await api.get.job.runtimeEnvironment(nightly)).data.runtimeEnvironment, { MODE: 'test' })
  assert.equal((await api.get.job.healthChecks(nightly)).data.healthChecks.length, 1)

  const run = (await api.start.job.run({ ...nightly, data: {} })).data
  const one = { projectId, jobId: 'nightly', runId: run.id }
  await until(() => api.get.job.run({ parameters: one }), (r) => r.concluded)
  assert.equal((await api.get.job.runs(nightly)).data.runs[0].id, run.id)
  assert.equal((await api.get.job.containers(nightly)).data.containers[0].status, 'TASK_FINISHED')
  const log = (await api.get.job.logs({ ...nightly, options: { runId: run.id } })).data
  assert.match(log[0].log, /exit code 0/)
  assert.ok((await api.get.job.metrics({ ...nightly, options: { runId: run.id, metricTypes: ['cpu'] } })).data.cpu)
})

test('the CLI operates services and jobs', async (t) => {
  const server = await served(t, '--delay', '30ms')
  const { call, json } = await loggedIn(server, resources.project)
  const inProject = ['--project', projectId]
  const web = [...inProject, '--service', 'web']
  const nightly = [...inProject, '--job', 'nightly']
  await json('create', 'service', 'deployment', ...inProject, ...input(resources.deployment))
  await json('create', 'job', 'cron', ...inProject, ...input(resources.cron))

  await json('update', 'service', 'ports', ...web, ...input({ ports: [port] }))
  await json('update', 'service', 'runtime-environment', ...web, ...input({ runtimeEnvironment: { MODE: 'test' } }))
  assert.deepEqual((await json('get', 'service', 'runtime-environment', ...web)).runtimeEnvironment, { MODE: 'test' })
  await json('scale', 'service', ...web, ...input({ instances: 2 }))
  await call('pause', 'service', ...web)
  assert.deepEqual((await json('get', 'service', 'containers', ...web)).containers, [])
  await json('resume', 'service', ...web, ...input({}))
  assert.equal((await json('get', 'service', 'containers', ...web)).containers.length, 2)
  const log = await call('get', 'service', 'logs', ...web, '-d', 'forward')
  assert.match(log.stdout, /is started/, log.stderr)
  const metrics = await call('get', 'service', 'metrics', ...web, '-t', 'cpu', '-o', 'json')
  assert.match(metrics.stdout, /"value": ?0/, metrics.stderr)

  await json('suspend', 'job', ...nightly, ...input({ suspended: true }))
  assert.equal((await json('get', 'job', ...nightly)).suspended, true)
  await json('update', 'job', 'settings', ...nightly, ...input({ backoffLimit: 3 }))
  const refused = await call('update', 'job', 'settings', ...nightly, '--skipValidation', ...input({ backoffLimit: -1 }))
  assert.match(refused.stdout + refused.stderr, /backoffLimit/)
})

test('the JavaScript client operates addons', async (t) => {
  const server = await served(t, '--delay', '30ms')
  const api = await client(server)
  await api.create.project({ data: resources.project })
  await api.create.addon({ parameters: { projectId }, data: resources.addon })
  const addon = { projectId, addonId: 'database' }
  const database = { parameters: addon }
  const is = (status) => until(() => api.get.addon(database), (a) => a.status === status)
  await is('running')
  await api.pause.addon(database)
  await is('paused')
  assert.deepEqual((await api.get.addon.containers(database)).data.containers, [])
  await api.resume.addon(database)
  await is('running')
  await api.scale.addon({ ...database, data: { replicas: 2, storage: 8192 } })
  await until(() => api.get.addon.containers(database), (c) => c.containers.length === 2)
  await is('running')
  await api.update.addon.networkSettings({ ...database, data: { externalAccessEnabled: true } })
  await api.update.addon.security({ ...database, data: { ipPolicies: [{ address: '203.0.113.7', action: 'ALLOW' }] } })
  assert.deepEqual((await api.get.addon(database)).data.spec.config.networking.ipPolicies, [{ address: '203.0.113.7', action: 'ALLOW' }])
  assert.equal((await api.get.addon.version(database)).data.upgradeTo[0].version, '17')
  await api.update.addon.version({ ...database, data: { version: '17' } })
  await is('running')

  const backup = (await api.backup.addon({ ...database, data: { name: 'before', backupType: 'dump' } })).data
  const stored = { ...addon, backupId: backup.id }
  await until(() => api.get.addon.backup({ parameters: stored }), (b) => b.status === 'completed')
  assert.match((await api.get.addon.backup.download({ parameters: stored })).data.downloadLink, /^https:/)
  await api.retain.addon.backup({ parameters: stored })
  const restore = (await api.restore.addon.backup({ parameters: stored })).data
  await until(() => api.get.addon.restores(database), (r) => r.restores[0].id === restore.restoreId && r.restores[0].status === 'completed')
  const restoreLog = (await api.get.addon.restores.logs({ parameters: { ...stored, restoreId: restore.restoreId } })).data
  assert.match(restoreLog[0].log, /restore is complete/)
  assert.match((await api.get.addon.backup.logs({ parameters: stored })).data[0].log, /backup is complete/)
  await api.import.addon.backup({ ...database, data: { name: 'imported', importUrl: 'https://example.com/dump.gz' } })
  await until(() => api.get.addon.backups(database), (b) => b.backups.length === 2 && b.backups[0].status === 'completed')
  await api.delete.backup({ parameters: stored })
  assert.equal((await api.get.addon.backups(database)).data.backups[0].name, 'imported')

  const schedule = { backupType: 'dump', retentionTime: 7, scheduling: { interval: 'daily', hour: [3], minute: [0] } }
  const made = (await api.create.addon.backupSchedule({ ...database, data: schedule })).data
  assert.equal((await api.get.addon.backupSchedules(database)).data.schedules[0].id, made.id)
  await api.delete.addon.backupSchedule({ parameters: { ...addon, scheduleId: made.id } })
  assert.deepEqual((await api.get.addon.backupSchedules(database)).data.schedules, [])
  assert.match((await api.get.addon.logs(database)).data[0].log, /is ready/)
  assert.ok((await api.get.addon.metrics({ ...database, options: { metricTypes: ['diskUsage'] } })).data.diskUsage)
  await api.reset.addon(database)
  await is('running')
})

test('the CLI operates addons', async (t) => {
  const server = await served(t, '--delay', '30ms')
  const { call, json } = await loggedIn(server, resources.project)
  const database = ['--project', projectId, '--addon', 'database']
  await json('create', 'addon', '--project', projectId, ...input(resources.addon))
  const schedule = { backupType: 'dump', retentionTime: 7, scheduling: { interval: 'daily', hour: [3], minute: [0] } }
  const made = await json('create', 'addon', 'backup-schedule', ...database, ...input(schedule))
  assert.equal((await json('get', 'addon', 'backup-schedules', ...database)).schedules[0].id, made.id)
  await call('pause', 'addon', ...database)
  assert.equal((await json('get', 'addon', ...database)).status, 'paused')
  await call('resume', 'addon', ...database)
  const backup = await json('backup', 'addon', ...database, ...input({ name: 'before', backupType: 'dump' }))
  assert.ok((await json('get', 'addon', 'backups', ...database)).backups.some((b) => b.id === backup.id))
  await call('restore', 'addon', 'backup', ...database, '--backup', backup.id)
  assert.equal((await json('get', 'addon', 'restores', ...database)).restores.length, 1)
  assert.equal((await json('get', 'addon', 'version', ...database)).version, '16')
  await json('scale', 'addon', ...database, ...input({ replicas: 2 }))
  assert.equal((await json('get', 'addon', ...database)).spec.config.deployment.replicas, 2)
  const log = await call('get', 'addon', 'logs', ...database)
  assert.match(log.stdout, /is started/, log.stderr)
})

test('the JavaScript client operates volumes', async (t) => {
  const { api } = await operated(t)
  await api.create.volume({ parameters: { projectId }, data: resources.volume })
  const uploads = { parameters: { projectId, volumeId: 'uploads' } }
  const nfObject = { id: 'web', type: 'service' }
  const attached = async () => (await api.get.volume(uploads)).data.attachedObjects
  await api.attach.volume({ ...uploads, data: { nfObject } })
  assert.deepEqual(await attached(), [nfObject])
  await assert.rejects(api.delete.volume(uploads), (error) => error.status === 409)
  await api.detach.volume({ ...uploads, data: { nfObject } })
  assert.deepEqual(await attached(), [])
  await api.update.volume({ ...uploads, data: { spec: { storageSize: 10240 } } })
  const backup = (await api.backup.volume({ ...uploads, data: { name: 'before' } })).data
  const stored = { parameters: { ...uploads.parameters, backupId: backup.id } }
  await until(() => api.get.volume.backup(stored), (b) => b.status === 'completed' && b.spec.storageSize === 10240)
  assert.equal((await api.get.volume.backups(uploads)).data[0].id, backup.id)
  await api.delete.volume.backup(stored)
  assert.deepEqual((await api.get.volume.backups(uploads)).data, [])
  await api.delete.volume(uploads)
})

test('the JavaScript client operates external addons and models', async (t) => {
  const { api } = await operated(t)
  const parameters = { projectId }
  await api.create.externalAddon({ parameters, data: { name: 'Bucket', spec: { resourceType: 's3' } } })
  const bucket = { parameters: { projectId, externalAddonId: 'bucket' } }
  await api.update.externalAddon({ ...bucket, data: { description: 'changed', spec: { resourceType: 's3' } } })
  assert.equal((await api.get.externalAddon(bucket)).data.description, 'changed')
  assert.equal((await api.list.externalAddons({ parameters })).data.data.externalAddons[0].id, 'bucket')
  await api.delete.externalAddon(bucket)
  await assert.rejects(api.get.externalAddon(bucket), (error) => error.status === 404)

  const port = { name: 'p01', internalPort: 8000, public: false, protocol: 'HTTP' }
  const spec = { type: 'custom', configuration: { name: 'example/model', engine: 'vllm', revision: 'main' } }
  await api.create.llmModelDeployment({ parameters, data: { name: 'Model', ports: [port], spec } })
  const model = { parameters: { projectId, llmModelDeploymentId: 'model' } }
  await until(() => api.get.llmModelDeployment(model), (m) => m.status === 'running')
  await api.update.llmModelDeployment({ ...model, data: { description: 'changed' } })
  assert.equal((await api.list.llmModelDeployments({ parameters })).data.llmModelDeployments[0].description, 'changed')
  await api.delete.llmModelDeployment(model)
})

test('the CLI operates volumes', async (t) => {
  const server = await served(t)
  const { call, json } = await loggedIn(server, resources.project)
  const inProject = ['--project', projectId]
  const uploads = [...inProject, '--volume', 'uploads']
  const nfObject = { id: 'web', type: 'service' }
  await json('create', 'service', 'deployment', ...inProject, ...input(resources.deployment))
  await json('create', 'volume', ...inProject, ...input(resources.volume))
  await call('attach', 'volume', ...uploads, ...input({ nfObject }))
  assert.deepEqual((await json('get', 'volume', ...uploads)).attachedObjects, [nfObject])
  await call('detach', 'volume', ...uploads, ...input({ nfObject }))
  assert.deepEqual((await json('get', 'volume', ...uploads)).attachedObjects, [])
  await call('delete', 'volume', ...uploads, '--force')
  const gone = await call('get', 'volume', ...uploads)
  assert.match(gone.stdout + gone.stderr, /does not exist/)
})

test('what goes on is aborted by the JavaScript client and by the CLI', async (t) => {
  const server = await served(t, '--delay', '1m', '--delay', 'provision=10ms')
  const api = await client(server)
  const { call, json } = await loggedIn(server, resources.project)
  const parameters = { projectId }
  await api.create.service.build({ parameters, data: resources.build })
  await api.create.job.manual({ parameters, data: resources.job })
  await api.create.addon({ parameters, data: resources.addon })
  const [service, job, addon] = [{ projectId, serviceId: 'builder' }, { projectId, jobId: 'migration' }, { projectId, addonId: 'database' }]
  await until(() => api.get.addon({ parameters: addon }), (a) => a.status === 'running')

  const build = { ...service, buildId: (await api.start.service.build({ parameters: service, data: {} })).data.id }
  await api.abort.service.build({ parameters: build })
  assert.equal((await api.get.service.build({ parameters: build })).data.status, 'ABORTED')
  const run = { ...job, runId: (await api.start.job.run({ parameters: job, data: {} })).data.id }
  await api.abort.job.run({ parameters: run })
  assert.equal((await api.get.job.containers({ parameters: job })).data.containers[0].status, 'TASK_KILLED')
  const backup = { ...addon, backupId: (await api.backup.addon({ parameters: addon, data: { name: 'going' } })).data.id }
  await api.abort.addon.backup({ parameters: backup })
  assert.equal((await api.get.addon.backup({ parameters: backup })).data.status, 'aborted')
  assert.equal((await api.get.addon({ parameters: addon })).data.status, 'running')

  const second = await json('start', 'job', 'run', '--project', projectId, '--job', 'migration', ...input({}))
  await call('abort', 'job', 'run', '--project', projectId, '--job', 'migration', '--run', second.id)
  const after = await json('get', 'job', 'run', '--project', projectId, '--job', 'migration', '--run', second.id)
  assert.equal(after.status, 'FAILED')
})
