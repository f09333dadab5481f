// Pipelines, release flows, previews, blueprints, workflows and secret links: the official
// CLI and JavaScript client on nf-run serve, which runs the documents with its engine.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as resources from './resources.mjs'
import { client, until } from './clients.mjs'
import { input, loggedIn } from './commandline.mjs'
import { served } from './served.mjs'

const projectId = 'client-project'
const inProject = ['--project', projectId]
const repoUrl = 'https://github.com/example/app'

/** The CLI takes these two for lists, because their documentation has parameters for pages. */
const only = (answer) => (Array.isArray(answer) ? answer[0] : answer)

const build = (branch) => ({
  kind: 'Workflow',
  spec: { type: 'sequential', steps: [{ kind: 'Build', ref: 'build', spec: { id: 'builder', type: 'service', branch } }] },
})

const releaseFlow = {
  apiVersion: 'v1.2',
  triggers: [{ ref: 'source', vcsService: 'github', repoUrl, branchRestrictions: ['main'] }],
  spec: build('${refs.source.branch}'),
}

const environment = {
  kind: 'Workflow',
  spec: {
    type: 'sequential',
    steps: [{ kind: 'DeploymentService', ref: 'web', spec: { ...resources.deployment, name: 'web-${args.name}', description: '${refs.source.branch}' } }],
  },
}

const push = { kind: 'vcs-push', ref: 'source', spec: { vcs: { vcsService: 'github', repoUrl }, branchNamePatterns: ['develop'] } }

/** A pipeline is made with the spec of its node: no client has an operation for it. */
async function pipeline(server) {
  const answer = await fetch(`${server.url}/v1/projects/${projectId}/pipelines`, {
    method: 'PUT',
    headers: { Authorization: `Bearer ${server.token}`, 'Content-Type': 'application/json' },
    body: JSON.stringify({ name: 'Shop', stages: [{ name: 'Staging', nfObjects: [{ id: 'web', type: 'service' }] }] }),
  })
  assert.equal(answer.status, 200, await answer.text())
}

test('the CLI sets, runs and follows a release flow', async (t) => {
  const server = await served(t)
  const { call, json } = await loggedIn(server, resources.project)
  await json('create', 'service', 'deployment', ...inProject, ...input(resources.deployment))
  await json('create', 'service', 'build', ...inProject, ...input(resources.build))
  await pipeline(server)
  assert.deepEqual((await json('list', 'pipelines', ...inProject)).pipelines.map((p) => p.id), ['shop'])
  const ofPipeline = [...inProject, '--pipeline', 'shop']
  assert.deepEqual((await json('get', 'pipeline', ...ofPipeline)).nfObjects, [{ id: 'web', type: 'service', stage: 'Staging' }])
  const stage = [...ofPipeline, '--stage', 'staging']
  await call('update', 'release-flow', ...stage, ...input(releaseFlow))
  assert.equal((await json('get', 'release-flow', ...stage)).spec.spec.steps[0].spec.branch, '${refs.source.branch}')
  await call('run', 'release-flow', ...stage, ...input({ overrides: { source: { branch: 'hotfix' } } }))
  const { runs } = await json('list', 'release-flow-runs', ...stage)
  const one = [...stage, '--run', runs[0].id]
  const ended = await until(async () => ({ data: await json('get', 'release-flow-run', ...one) }), (run) => run.concluded)
  assert.equal(ended.status, 'success', JSON.stringify(ended))
  assert.equal(ended.refs.build.branch, 'hotfix')
  const again = await call('abort', 'release-flow-run', ...one)
  assert.match(again.stdout + again.stderr, /ended already/)
})

test('the CLI sets the preview template of a pipeline and deletes an environment', async (t) => {
  const server = await served(t)
  const { call, json } = await loggedIn(server, resources.project)
  await json('create', 'service', 'deployment', ...inProject, ...input(resources.deployment))
  await pipeline(server)
  const ofPipeline = [...inProject, '--pipeline', 'shop']
  await call('update', 'preview-template', ...ofPipeline, ...input({ ...releaseFlow, spec: environment }))
  assert.equal(only(await json('get', 'preview-template', ...ofPipeline)).triggers[0].repoUrl, repoUrl)
  const api = await client(server)
  const parameters = { projectId, pipelineId: 'shop' }
  const started = await api.run.previewTemplate({ parameters, data: { name: 'pr-7', triggers: { source: { branch: 'fix' } } } })
  const run = [...ofPipeline, '--templateRun', started.data.id]
  await until(async () => ({ data: await json('get', 'preview-template-run', ...run) }), (r) => r.status === 'success')
  assert.equal((await json('list', 'preview-template-runs', ...ofPipeline)).previewTemplateRuns[0].id, started.data.id)
  assert.equal((await json('list', 'preview-template-previews', ...ofPipeline)).previewEnvironments[0].id, 'pr-7')
  assert.equal((await json('get', 'service', ...inProject, '--service', 'web-pr-7')).description, 'fix')
  await api.delete.pipelineTemplatePreview({ parameters: { ...parameters, previewId: 'pr-7' }, data: {} })
  assert.deepEqual((await json('list', 'preview-template-previews', ...ofPipeline)).previewEnvironments, [])
  const gone = await call('get', 'service', ...inProject, '--service', 'web-pr-7')
  assert.match(gone.stdout + gone.stderr, /does not exist/)
})

test('the CLI links a secret group to an addon', async (t) => {
  const server = await served(t)
  const { call, json } = await loggedIn(server, resources.project)
  await json('create', 'addon', ...inProject, ...input(resources.addon))
  await json('create', 'secret', ...inProject, ...input(resources.secret))
  const group = [...inProject, '--secret', 'settings']
  const link = [...group, '--addon', 'database']
  await json('update', 'secret-link', ...link, ...input({ keys: [{ keyName: 'HOST', aliases: ['DB_HOST'] }] }))
  assert.deepEqual((await json('get', 'secret-link', ...link)).linkedKeys[0].aliases, ['DB_HOST'])
  assert.ok((await json('get', 'secret-details', ...group)).addonSecrets[0].variables.DB_HOST)
  await call('update', 'secret', ...group, ...input({ priority: 30 }))
  assert.equal((await json('get', 'secret', ...group)).priority, 30)
  await call('delete', 'secret-link', ...link, '--force')
  assert.equal((await json('get', 'secret-link', ...link)).linked, false)
})

test('the CLI creates, lists, gets, updates, runs and deletes a template', async (t) => {
  const server = await served(t)
  const { call, json } = await loggedIn(server, resources.project)
  const template = { name: 'Of the CLI', apiVersion: 'v1.2', arguments: { region: 'europe-west' }, spec: {
    kind: 'Workflow', spec: { type: 'sequential', steps: [{ kind: 'Project', ref: 'made', spec: { name: 'Made', region: '${args.region}' } }] } } }
  await json('create', 'template', ...input(template))
  const one = ['--template', 'of-the-cli']
  assert.deepEqual((await json('list', 'templates')).templates.map((x) => x.id), ['of-the-cli'])
  await call('update', 'template', ...one, ...input({ ...template, description: 'changed' }))
  assert.equal(only(await json('get', 'template', ...one)).description, 'changed')
  await call('run', 'template', ...one, ...input({ arguments: {} }))
  const runs = (await json('list', 'template-runs', ...one)).templateRuns
  const ended = await until(async () => ({ data: await json('get', 'template-run', ...one, '--templateRun', runs[0].id) }), (run) => run.concluded)
  assert.equal(ended.refs.made.id, 'made')
  await call('delete', 'template', ...one, '--force')
  assert.deepEqual((await json('list', 'templates')).templates, [])
})

test('a workflow is created, listed, changed, run and aborted by the JavaScript client', async (t) => {
  const server = await served(t, '--delay', 'build=60s')
  const api = await client(server)
  await api.create.project({ data: resources.project })
  await api.create.service.build({ parameters: { projectId }, data: resources.build })
  const workflow = { name: 'Build It', apiVersion: 'v1.2', triggers: [push], spec: build('${refs.source.branch}') }
  await api.create.workflow({ parameters: { projectId }, data: workflow })
  const one = { projectId, workflowId: 'build-it' }
  await api.update.workflow({ parameters: one, data: { ...workflow, description: 'changed' } })
  assert.equal((await api.get.workflow({ parameters: one })).data.description, 'changed')
  assert.deepEqual((await api.list.workflows({ parameters: { projectId } })).data.pipelines.map((x) => x.id), ['build-it'])
  await api.run.workflow({ parameters: one, data: {} })
  const [first] = (await api.list.workflowRuns({ parameters: one })).data.runs
  const ended = await until(() => api.get.workflowRun({ parameters: { ...one, runId: first.id } }), (run) => run.refs.build)
  assert.equal(ended.refs.build.branch, 'develop')
  await api.create.workflow({ parameters: { projectId }, data: { ...workflow, name: 'Wait For It', spec: {
    kind: 'Workflow', spec: { type: 'sequential', steps: [{ ...build('main').spec.steps[0], condition: 'success' }] } } } })
  const waiting = { projectId, workflowId: 'wait-for-it' }
  const started = await api.run.workflow({ parameters: waiting, data: {} })
  const run = { ...waiting, runId: started.data.id }
  await until(() => api.get.workflowRun({ parameters: run }), (r) => r.status === 'running')
  await api.abort.workflowRun({ parameters: run })
  assert.equal((await until(() => api.get.workflowRun({ parameters: run }), (r) => r.concluded)).status, 'aborted')
})

test('a preview blueprint is used to its end by the JavaScript client', async (t) => {
  const server = await served(t)
  const api = await client(server)
  await api.create.project({ data: resources.project })
  const blueprint = { name: 'Previews', apiVersion: 'v1.2', triggers: [push], options: { nameFormat: 'branch' }, spec: environment }
  await api.create.previewBlueprint({ parameters: { projectId }, data: blueprint })
  const one = { projectId, previewBlueprintId: 'previews' }
  await api.update.previewBlueprint({ parameters: one, data: { ...blueprint, description: 'changed' } })
  assert.equal((await api.get.previewBlueprint({ parameters: one })).data.description, 'changed')
  assert.deepEqual((await api.list.previewBlueprints({ parameters: { projectId } })).data.pipelines.map((x) => x.id), ['previews'])
  const started = await api.run.previewBlueprint({ parameters: one, data: { name: 'feature-x', triggers: { source: { branch: 'feature/x' } } } })
  assert.equal(started.data.environmentId, 'feature-x')
  const run = { ...one, runId: started.data.id }
  const ended = await until(() => api.get.previewBlueprintRun({ parameters: run }), (r) => r.concluded)
  assert.equal(ended.status, 'success', JSON.stringify(ended))
  assert.deepEqual((await api.list.previewBlueprintRuns({ parameters: one })).data.runs.map((r) => r.id), [started.data.id])
  const preview = { ...one, previewId: 'feature-x' }
  await api.pause.blueprintTemplatePreview({ parameters: preview })
  assert.equal((await api.list.blueprintTemplatePreviews({ parameters: one })).data.previewEnvironments[0].paused, true)
  await api.resume.blueprintTemplatePreview({ parameters: preview })
  const { expiryTime } = (await api.reset.blueprintTemplatePreview({ parameters: preview, data: { lifetime: 10 } })).data
  assert.ok(new Date(expiryTime) > Date.now())
  await api.delete.blueprintTemplatePreview({ parameters: preview, data: {} })
  assert.deepEqual((await api.list.blueprintTemplatePreviews({ parameters: one })).data.previewEnvironments, [])
  await api.delete.previewBlueprint({ parameters: one })
  const strict = await client(server, undefined, false)
  assert.equal((await strict.get.previewBlueprint({ parameters: one })).error.status, 404)
})
