// Templates of the official JavaScript client, run by nf-run serve.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { client, until } from './clients.mjs'
import { served } from './served.mjs'

const template = {
  name: 'Client Shop',
  apiVersion: 'v1.2',
  arguments: { image: 'nginx:1.27' },
  options: { concurrencyPolicy: 'allow' },
  spec: {
    kind: 'Workflow',
    spec: {
      type: 'sequential',
      steps: [
        { kind: 'Project', ref: 'project', spec: { name: 'Shop of clients', region: 'europe-west' } },
        {
          kind: 'DeploymentService',
          ref: 'web',
          spec: {
            projectId: '${refs.project.id}',
            name: 'Web',
            billing: { deploymentPlan: 'nf-compute-20' },
            deployment: { instances: 1, external: { imagePath: '${args.image}' } },
          },
        },
      ],
    },
  },
}

const templateId = 'client-shop'

test('a template is created, run and polled, and its outputs are read', async (t) => {
  const server = await served(t)
  const api = await client(server)
  const made = await api.create.template({ data: template })
  assert.equal(made.data.id, templateId)
  assert.deepEqual((await api.list.templates({})).data.templates.map((x) => x.id), [templateId])
  const started = await api.run.template({ parameters: { templateId }, data: { arguments: { image: 'nginx:1.29' } } })
  const one = { templateId, templateRunId: started.data.id }
  const ended = await until(() => api.get.templateRun({ parameters: one }), (run) => run.concluded)
  assert.equal(ended.status, 'success', JSON.stringify(ended))
  assert.equal(ended.refs.project.id, 'shop-of-clients')
  assert.equal(ended.refs.web.deployment.external.imagePath, 'nginx:1.29')
  assert.equal(ended.spec.spec.steps[1].response.status, 'success')
  const service = await api.get.service({ parameters: { projectId: 'shop-of-clients', serviceId: 'web' } })
  assert.equal(service.data.name, 'Web')
  const { stdout } = await server.run('runs', '--json')
  assert.equal(JSON.parse(stdout)[0].id, one.templateRunId, 'the run stands in the history of the state folder')
})

test('a run is aborted', async (t) => {
  const server = await served(t, '--delay', '60s')
  const api = await client(server)
  const steps = [...template.spec.spec.steps, { kind: 'Condition', spec: { kind: 'Service', spec: {
    type: 'running', data: { projectId: '${refs.project.id}', serviceId: '${refs.web.id}' } } } }]
  await api.create.template({ data: { ...template, spec: { kind: 'Workflow', spec: { type: 'sequential', steps } } } })
  const started = await api.run.template({ parameters: { templateId }, data: {} })
  const one = { templateId, templateRunId: started.data.id }
  await until(() => api.get.templateRun({ parameters: one }), (run) => run.status === 'running')
  await api.abort.templateRun({ parameters: one })
  const ended = await until(() => api.get.templateRun({ parameters: one }), (run) => run.concluded)
  assert.equal(ended.status, 'aborted')
})

test('what is wrong with a template is told with its place', async (t) => {
  const server = await served(t)
  const api = await client(server, undefined, false)
  const wrong = structuredClone(template)
  wrong.spec.spec.steps[1].spec.projectId = '${refs.projct.id}'
  const refused = await api.create.template({ data: wrong })
  assert.equal(refused.error.status, 400)
  assert.ok(Object.keys(refused.error.details).includes('spec.spec.steps.1.spec.projectId'), JSON.stringify(refused.error))
})

test('a run that the end of the server interrupts goes on with the next one', async (t) => {
  const server = await served(t)
  const api = await client(server)
  await api.create.template({ data: template })
  const started = await api.run.template({ parameters: { templateId }, data: {} })
  const next = await server.again()
  const ended = await until(
    async () => (await client(next)).get.templateRun({ parameters: { templateId, templateRunId: started.data.id } }), (run) => run.concluded)
  assert.equal(ended.status, 'success')
})
