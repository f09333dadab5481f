// What belongs to no project, by the official CLI and the JavaScript client on nf-run serve.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { client, until } from './clients.mjs'
import { commandLine, input } from './commandline.mjs'
import * as resources from './resources.mjs'
import { served } from './served.mjs'

const listener = { id: 'port-443', port: '443', backends: [] }

// family: what the client calls it; make: create or add, put where there is one, patch or update; parameter: of its id;
// change: a patch, and how it shows.
const families = [
  {
    family: 'tag', parameter: 'resourceTagId', id: 'my-tag', member: 'tags', body: { name: 'My Tag', color: '#112233' },
    make: (api) => [api.add.tag, api.put.tag, api.patch.tag], read: (api) => [api.get.tag, api.list.tags, api.delete.tag],
    change: { color: '#445566' }, shows: (r) => r.color === '#445566',
  },
  {
    family: 'global secret', parameter: 'secretId', id: 'my-secret', member: 'secrets',
    body: { name: 'My Secret', type: 'secret', secrets: { values: { token: 'hunter2' } } },
    make: (api) => [api.create.globalSecret, api.put.globalSecret, api.patch.globalSecret],
    read: (api) => [api.get.globalSecret, api.list.globalSecrets, api.delete.globalSecret],
    change: { description: 'changed' }, shows: (r) => r.description === 'changed',
  },
  {
    family: 'egress IP', parameter: 'egressIpId', id: 'way-out', member: 'egressIps',
    body: { name: 'Way out', spec: { provisioningMode: 'dedicated', region: 'europe-west', mode: 'include', rules: [] } },
    make: (api) => [api.create.egressIp, api.put.egressIp, api.patch.egressIp],
    read: (api) => [api.get.egressIp, api.list.egressIps, api.delete.egressIp],
    change: { description: 'changed' }, shows: (r) => r.description === 'changed', ready: (r) => r.state.status === 'active',
  },
  {
    family: 'load balancer', parameter: 'loadBalancerId', id: 'way-in', member: 'loadBalancers',
    body: { name: 'Way in', spec: { type: 'tcp', target: { type: 'region', targetId: 'europe-west' }, ports: [listener] } },
    make: (api) => [api.create.loadBalancer, api.put.loadBalancer, api.patch.loadBalancer],
    read: (api) => [api.get.loadBalancer, api.list.loadBalancers, api.delete.loadBalancer],
    change: { description: 'changed' }, shows: (r) => r.description === 'changed', ready: (r) => r.state.endpoints.length === 1,
  },
  {
    family: 'SSH identity', parameter: 'identityId', id: 'deployers', member: 'identities',
    body: { name: 'Deployers', sshPublicKeys: [{ key: 'ssh-ed25519 AAAA' }] },
    make: (api) => [api.add.sshIdentities, api.put.sshIdentities, api.update.sshIdentities],
    read: (api) => [api.get.sshIdentities, api.list.sshIdentities, api.delete.sshIdentities],
    change: { description: 'changed' }, shows: (r) => r.description === 'changed',
  },
  {
    family: 'registry', parameter: 'credentialId', id: 'images', member: 'credentials',
    body: { name: 'Images', provider: 'custom', registryUrl: 'https://registry.example.com', credentials: { username: 'robot', password: 'hunter2' } },
    make: (api) => [api.add.registryCredentials, undefined, api.update.registryCredentials],
    read: (api) => [api.get.registryCredentials, api.list.registryCredentials, api.delete.registryCredentials],
    change: { credentials: { username: 'other', password: 'hunter2' } }, shows: (r) => r.credentials.username === 'other',
  },
  {
    family: 'notification', parameter: 'notificationId', id: 'channel', member: 'notificationIntegrations',
    body: { name: 'Channel', type: 'DISCORD', webhook: 'https://example.com/hook' },
    make: (api) => [api.create.notification, undefined, api.update.notification],
    read: (api) => [api.get.notification, api.list.notifications, api.delete.notification],
    change: { restricted: true }, shows: (r) => r.restricted === true,
  },
  {
    family: 'backup destination', parameter: 'backupDestinationId', id: 'bucket', member: 'backupDestinations',
    body: {
      name: 'Bucket', type: 's3', prefix: 'nightly/',
      credentials: { accessKey: 'key', secretKey: 'hunter2', bucketName: 'backups', region: 'eu-west-1', endpoint: 's3.example.com' },
    },
    make: (api) => [api.add.backupDestination, undefined, api.patch.backupDestination],
    read: (api) => [api.get.backupDestination, api.list.backupDestinations, api.delete.backupDestination],
    change: { description: 'changed' }, shows: (r) => r.description === 'changed',
  },
  {
    family: 'cloud integration', parameter: 'integrationId', id: 'our-cloud', member: 'integrations',
    body: { name: 'Our cloud', provider: 'aws', features: ['byoc'], aws: { authenticationMode: 'accessKey' }, credentials: { accessKey: 'id', secretKey: 'hunter2' } },
    make: (api) => [api.create.cloud.integration, api.put.cloud.integration, api.patch.cloud.integration],
    read: (api) => [api.get.cloud.integration, api.list.cloud.integrations, api.delete.cloud.integration],
    change: { description: 'changed' }, shows: (r) => r.description === 'changed',
  },
]

test('every family of the account is made, listed, read, put, changed and deleted', async (t) => {
  const server = await served(t, '--delay', '30ms')
  const api = await client(server)
  for (const f of families) {
    await t.test(f.family, async () => {
      const [create, put, patch] = f.make(api)
      const [get, list, remove] = f.read(api)
      const parameters = { [f.parameter]: f.id }
      await create({ data: f.body })
      const again = await client(server, undefined, false)
      assert.equal((await f.make(again)[0]({ data: f.body })).error.status, 409)
      const listed = JSON.stringify((await list({})).data[f.member])
      assert.match(listed, new RegExp(f.body.name))
      assert.doesNotMatch(listed, /hunter2/, 'a list shows no secret')
      if (put) await put({ parameters, data: f.body })
      await patch({ parameters, data: f.change })
      assert.ok(f.shows((await get({ parameters })).data), 'the change shows')
      if (f.ready) await until(() => get({ parameters }), f.ready)
      await remove({ parameters })
      await assert.rejects(get({ parameters }), (error) => error.status === 404)
    })
  }
})

test('log sinks are paused and resumed', async (t) => {
  const server = await served(t)
  const api = await client(server)
  const sinkData = { endpoint: 'https://loki.example.com', encoding: { codec: 'json' }, auth: { strategy: 'basic', user: 'robot', password: 'hunter2' } }
  await api.create.logSink({ data: { name: 'Stream', sinkType: 'loki', sinkData } })
  const stream = { parameters: { logSinkId: 'stream' } }
  await api.pause.logSink(stream)
  assert.equal((await api.get.logSink(stream)).data.status, 'paused')
  await api.resume.logSink(stream)
  assert.equal((await api.get.logSink(stream)).data.status, 'running')
  await api.delete.logSink(stream)
})

test('clusters get nodes, which are cordoned and drained', async (t) => {
  const server = await served(t, '--delay', '30ms')
  const api = await client(server)
  const nodePools = [{ id: 'system', nodeType: 'm6i.large', nodeCount: 2, diskSize: 100 }]
  await api.create.cloud.cluster({ data: { name: 'Ours', provider: 'aws', region: 'eu-west-1', kubernetesVersion: '1.31', nodePools } })
  const ours = { parameters: { clusterId: 'ours' } }
  await until(() => api.get.cloud.cluster(ours), (c) => c.status.state.state === 'running')
  const nodes = (await api.list.cloud.cluster.nodes(ours)).data.nodes
  assert.equal(nodes.length, 2)
  const node = { parameters: { clusterId: 'ours', nodeId: nodes[0].nodeId } }
  await api.cordon.cloud.cluster.node(node)
  await api.drain.cloud.cluster.node(node)
  await api.uncordon.cloud.cluster.node(node)
  await api.patch.cloud.cluster({ ...ours, data: { description: 'changed' } })
  assert.equal((await api.list.cloud.clusters({})).data.clusters[0].description, 'changed')
  await api.delete.cloud.cluster(ours)
})

test('domains, subdomains and paths lead to a service', async (t) => {
  const server = await served(t)
  const api = await client(server)
  const projectId = 'client-project'
  await api.create.project({ data: resources.project })
  await api.create.service.deployment({ parameters: { projectId }, data: resources.deployment })
  const domain = { domain: 'example.com' }
  await api.create.domain({ data: domain })
  await api.verify.domain({ parameters: domain })
  await api.add.domain.subdomain({ parameters: domain, data: { subdomain: 'shop' } })
  const shop = { parameters: { ...domain, subdomain: 'shop' } }
  await api.verify.subdomain(shop)
  await api.assign.subdomain.service({ ...shop, data: { projectId, serviceId: 'web', portName: 'p01' } })
  await api.add.subdomain.path({ ...shop, data: { mode: 'prefix', uri: '/api' } })
  const [path] = (await api.list.subdomain.path(shop)).data.paths
  assert.equal(path.uri, '/api')
  const one = { parameters: { ...shop.parameters, subdomainPath: path.name } }
  await api.assign.subdomain.path({ ...one, data: { assignment: { project: projectId, service: 'web', port: 'p01' } } })
  assert.equal((await api.get.subdomain.path(one)).data.assignment.service, 'web')
  await api.unassign.subdomain.path(one)
  await api.delete.subdomain.path(one)
  await api.unassign.subdomain(shop)
  await api.delete.subdomain(shop)
  await api.delete.domain({ parameters: domain })
  assert.deepEqual((await api.list.domains({})).data.domains, [])
})

test('the catalog is read', async (t) => {
  const server = await served(t)
  const api = await client(server)
  assert.ok((await api.list.plans()).data.plans.some((p) => p.id === 'nf-compute-20'))
  assert.ok((await api.list.regions()).data.regions.some((r) => r.id === 'europe-west'))
  assert.ok((await api.get.dnsId()).data.dns)
  assert.deepEqual((await api.list.invoices({})).data.invoices, [], 'no month is over yet')
})

test('the CLI works on the account', async (t) => {
  const server = await served(t)
  const { call, json } = commandLine(server)
  await call('login', '-n', 'local', '-t', server.token, '--host', server.url)
  assert.ok((await json('list', 'plans')).plans.length > 0)
  assert.ok((await json('list', 'regions')).regions.length > 0)
  assert.deepEqual((await json('list', 'invoices')).invoices, [])
  await json('add', 'tag', ...input({ name: 'My Tag', color: '#112233' }))
  await json('patch', 'tag', '--resourceTag', 'my-tag', ...input({ color: '#445566' }))
  assert.equal((await json('get', 'tag', '--resourceTag', 'my-tag')).color, '#445566')
  await call('delete', 'tag', '--resourceTag', 'my-tag', '--force')
  assert.deepEqual((await json('list', 'tags')).tags, [])
  await json('create', 'domain', ...input({ domain: 'example.com' }))
  await call('verify', 'domain', '--domain', 'example.com')
  assert.equal((await json('get', 'domain', '--domain', 'example.com')).status, 'verified')
  // The CLI asks for the identifier of what it is to create.
  await json('create', 'notification', '--notification', 'channel', ...input({ name: 'Channel', type: 'DISCORD', webhook: 'https://example.com/hook' }))
  assert.equal((await json('list', 'notifications')).notificationIntegrations.length, 1)
})
