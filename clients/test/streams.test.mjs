// What the platform's clients follow and execute over WebSockets, on nf-run serve: the JavaScript client and the official CLI.
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { test } from 'node:test'
import { client, until } from './clients.mjs'
import { cliPath, loggedIn } from './commandline.mjs'
import * as resources from './resources.mjs'
import { served } from './served.mjs'

const projectId = 'client-project'
const web = { parameters: { projectId, serviceId: 'web' } }

/** Waits for lines of a tail until one is as it should be. */
function heard(tail, is) {
  return new Promise((done, failed) => {
    const all = []
    const late = setTimeout(() => failed(new Error(`heard ${JSON.stringify(all)}`)), 20_000)
    tail.on('logs-received', (lines) => {
      all.push(...lines)
      if (all.some((l) => is.test(l.log))) {
        clearTimeout(late)
        done(all)
      }
    })
    tail.on('error', (e) => failed(new Error(e.message)))
  })
}

test('the JavaScript client follows a log and executes commands', async (t) => {
  const server = await served(t, '--delay', '30ms')
  const api = await client(server)
  await api.create.project({ data: resources.project })
  await api.create.service.deployment({ parameters: { projectId }, data: resources.deployment })
  await until(() => api.get.service.containers(web), (c) => c.containers.some((k) => k.status === 'TASK_RUNNING'))

  const tail = await api.logs.tailServiceLogs(web)
  const first = heard(tail, /is ready/)
  const session = tail.start()
  assert.ok((await first).some((l) => /is started/.test(l.log) && l.ts instanceof Date))
  const stopped = heard(tail, /is stopped/)
  await api.restart.service(web)
  await stopped
  await tail.stop()
  await session

  const result = await api.exec.execServiceCommand(web.parameters, { command: ['ls', '-l'] })
  assert.equal(result.commandResult.exitCode, 0)
  await assert.rejects(api.exec.execServiceCommand({ projectId, serviceId: 'nobody' }, { command: 'ls' }), /nobody/)

  const stranger = await client(server, 'nf-wrong')
  const refused = await stranger.logs.tailServiceLogs(web)
  const why = new Promise((done) => refused.on('error', (e) => done(e.message)))
  await refused.start().catch(() => undefined)
  assert.match(await why, /not valid/)
})

test('the official CLI follows a log', async (t) => {
  const server = await served(t, '--delay', '30ms')
  const line = await loggedIn(server, resources.project)
  const api = await client(server)
  await api.create.service.deployment({ parameters: { projectId }, data: resources.deployment })
  await until(() => api.get.service.containers(web), (c) => c.containers.some((k) => k.status === 'TASK_RUNNING'))

  const tail = spawn(process.execPath, [cliPath, 'get', 'service', 'logs', '--projectId', projectId, '--serviceId', 'web', '--tail'], { env: line.env })
  t.after(() => tail.kill('SIGKILL'))
  let text = ''
  const says = async (what) => {
    const end = Date.now() + 20_000
    while (!what.test(text)) {
      assert.ok(Date.now() < end, text)
      await new Promise((resolve) => setTimeout(resolve, 30))
    }
  }
  tail.stdout.on('data', (part) => (text += part))
  tail.stderr.on('data', (part) => (text += part))
  await says(/is ready/)
  await api.restart.service(web)
  await says(/is stopped/)
})
