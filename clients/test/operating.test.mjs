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
