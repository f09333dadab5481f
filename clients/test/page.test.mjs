// The page of nf-run serve in Chromium: live runs, a node's attempts, aborting, tokens, and pages of other origins.
import assert from 'node:assert/strict'
import { createServer } from 'node:http'
import { mkdir, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { after, before, test } from 'node:test'
import { chromium } from 'playwright-core'
import { spawn } from 'node:child_process'
import { program, served } from './served.mjs'

// Where pictures for the docs are kept; nowhere without it.
const pictures = process.env.NF_PICTURES

let browser
before(async () => {
  browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', args: ['--no-sandbox', '--disable-gpu'] })
})
after(() => browser.close())

const deployment = (name, more) => ({
  kind: 'DeploymentService', ref: name,
  spec: { name, billing: { deploymentPlan: 'nf-compute-20' }, deployment: { instances: 1, external: { imagePath: 'nginx:latest' } }, ...more },
})
const template = {
  apiVersion: 'v1.2', name: 'page-test', arguments: { greeting: 'hello' },
  spec: {
    kind: 'Workflow',
    spec: {
      type: 'sequential', context: { projectId: '${refs.home.id}' },
      steps: [
        { kind: 'Project', ref: 'home', spec: { name: 'Home', region: 'europe-west' } },
        {
          kind: 'Addon', ref: 'store',
          spec: { name: 'Store', type: 'redis', version: '7.2.4', billing: { deploymentPlan: 'nf-compute-20', storageClass: 'nvme', storage: 4096, replicas: 1 } },
        },
        { kind: 'Condition', ref: 'ready', spec: { kind: 'Addon', spec: { type: 'running', data: { addonId: '${refs.store.id}' } } } },
        deployment('web', { runtimeEnvironment: { STORE: '${refs.store.id}', PASSWORD: '${fn.randomSecret(16)}' } }),
      ],
    },
  },
}

/** A page that fails the test when a script fails or its policy stops something. */
async function open(t, url, options) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, ...options })
  const page = await context.newPage()
  const problems = []
  page.on('pageerror', (error) => problems.push(String(error)))
  page.on('console', (m) => m.type() === 'error' && !/401|409|ERR_CONNECTION_REFUSED/.test(m.text()) && problems.push(m.text()))
  page.on('response', async (r) => r.status() >= 500 && problems.push(`${r.status()} ${r.url()}: ${await r.text().catch(String)}`))
  t.after(async () => {
    await context.close()
    assert.deepEqual(problems, [])
  })
  await page.goto(url)
  return page
}

async function login(page, server) {
  await page.getByLabel('Token').fill(server.token)
  await page.getByRole('button', { name: 'Go on' }).click()
}

/** A server, and a template file beside it. */
async function prepared(t) {
  const server = await served(t, '--quiet')
  const file = path.join(server.home, 'page-test.json')
  await writeFile(file, JSON.stringify(template))
  return { server, file }
}

async function picture(page, name) {
  if (!pictures) return
  await mkdir(pictures, { recursive: true })
  await page.screenshot({ path: path.join(pictures, name) })
}

test('a run is shown while it goes on, with its graph and its nodes', async (t) => {
  const { server, file } = await prepared(t)
  const page = await open(t, server.url)
  await login(page, server)
  await page.getByText('No template has run').waitFor()

  const running = server.run('run', file, '--delay', '3s')
  const link = page.getByRole('link', { name: /page-test/ })
  await link.click()
  const condition = page.locator('#nodes button', { hasText: 'ready Condition' })
  await condition.filter({ hasText: /running|waiting/ }).waitFor()
  await page.locator('#graph .node.running, #graph .node.waiting, #graph .node.async_wait').first().waitFor()
  await picture(page, 'page-live.png')
  assert.equal((await running).code, 0)
  await page.locator('#status', { hasText: 'success' }).waitFor()
  assert.equal(await page.locator('#graph .node.success').count(), 5)
  assert.ok(await page.locator('#graph .edge').count() > 0, 'references are drawn')

  // A node: from the graph and from the list, with what it was given and what it has answered.
  await page.locator('#graph .node', { hasText: 'web' }).last().click()
  const node = page.getByRole('complementary')
  await node.getByRole('heading', { name: /web DeploymentService/ }).waitFor()
  await node.getByText('"imagePath": "nginx:latest"').first().waitFor()
  const shown = await node.textContent()
  assert.match(shown, /"PASSWORD": "\*\*\*"/)
  await picture(page, 'page-node.png')
  await page.keyboard.press('Escape')
  await node.waitFor({ state: 'hidden' })

  // The address says what is shown: a reload and a colleague see the same.
  const address = page.url()
  await page.reload()
  await page.locator('#status', { hasText: 'success' }).waitFor()
  assert.equal(page.url(), address)
})

test('a run is aborted after it was asked whether it is meant', async (t) => {
  const { server, file } = await prepared(t)
  const page = await open(t, server.url)
  await login(page, server)
  const running = server.run('run', file, '--delay', '20s')
  await page.getByRole('link', { name: /page-test/ }).click()
  await page.getByRole('button', { name: 'Abort…' }).click()
  await page.getByRole('button', { name: 'Keep it running' }).click()
  assert.match(await page.locator('#status').textContent(), /running/)
  await page.getByRole('button', { name: 'Abort…' }).click()
  await page.getByRole('dialog').getByRole('button', { name: 'Abort' }).click()
  assert.equal((await running).code, 3)
  await page.locator('#status', { hasText: 'aborted' }).waitFor()
  await page.getByText('asked for on the page by ci').waitFor()
  await page.getByRole('button', { name: 'Abort…' }).waitFor({ state: 'hidden' })
})

test('a run whose process gives no sign of life says so, and what can be done', async (t) => {
  const { server, file } = await prepared(t)
  const page = await open(t, server.url)
  await login(page, server)
  const running = spawn(program, ['run', file, '--delay', '60s'], { env: server.env, stdio: 'ignore' })
  const ended = new Promise((done) => running.once('exit', done))
  t.after(async () => {
    running.kill('SIGKILL')
    await ended
  })
  await page.getByRole('link', { name: /page-test/ }).click()
  await page.locator('#graph .node.waiting, #graph .node.async_wait').first().waitFor()
  const silence = page.locator('#silence')
  assert.equal(await silence.isVisible(), false)

  running.kill('SIGSTOP')
  await silence.filter({ hasText: `It is being executed by process ${running.pid} on ` }).waitFor()
  assert.match(await silence.textContent(), new RegExp(`has not been heard of since .* \\('kill -CONT ${running.pid}'\\), or end it`))
  assert.match(await page.locator('#status').textContent(), /running \(its process is silent\)/)
  await page.getByRole('link', { name: /its process is silent/ }).waitFor()
  await picture(page, 'page-silent.png')

  running.kill('SIGCONT')
  await silence.waitFor({ state: 'hidden' })
  await page.locator('#status').filter({ hasNotText: 'silent' }).waitFor()

  running.kill('SIGKILL')
  await page.locator('#status', { hasText: 'interrupted' }).waitFor()
})

const gated = {
  apiVersion: 'v1.2', name: 'page-gated',
  spec: {
    kind: 'Workflow',
    spec: {
      type: 'sequential',
      steps: [
        { kind: 'Approval', ref: 'gate', spec: { amount: 2 } },
        { kind: 'Project', ref: 'home', spec: { name: 'Gated', region: 'europe-west' } },
      ],
    },
  },
}

test('people approve on the page, by keyboard too, and the history says who', async (t) => {
  const { server, file } = await prepared(t)
  await writeFile(file, JSON.stringify(gated))
  assert.equal((await server.run('run', '--id', 'gated', file)).code, 6)
  const page = await open(t, server.url)
  await login(page, server)
  await page.getByRole('link', { name: /page-gated/ }).click()
  await page.locator('#status', { hasText: 'approval_wait' }).waitFor()
  assert.doesNotMatch(await page.locator('#status').textContent(), /interrupted/)
  await page.locator('#graph .node.approval_wait').first().waitFor()

  // Deciding later decides nothing, and neither does Enter in the reason.
  const asks = page.getByRole('list', { name: 'What waits for people' }).getByRole('button')
  await asks.click()
  const dialog = page.getByRole('dialog', { name: 'May the run go on behind gate?' })
  await dialog.getByLabel('Reason').fill('looks good')
  await page.keyboard.press('Enter')
  await dialog.getByText('0 of 2 approvals').waitFor()
  await picture(page, 'page-approval.png')
  await dialog.getByRole('button', { name: 'Decide later' }).click()
  await dialog.waitFor({ state: 'hidden' })
  assert.match((await server.run('show', 'gated')).stdout, /0 of 2 approvals/)

  await asks.focus()
  await page.keyboard.press('Enter')
  await dialog.getByLabel('Reason').fill('looks good')
  await dialog.getByRole('button', { name: 'Approve' }).focus()
  await page.keyboard.press('Space')
  await asks.filter({ hasText: '1 of 2 approvals (ci)' }).waitFor()

  // The same token counts once; the user of the machine is another person.
  await asks.click()
  await dialog.getByRole('button', { name: 'Approve' }).click()
  await dialog.waitFor({ state: 'hidden' })
  const { code } = await server.run('approve', 'gated')
  assert.equal(code, 0)
  await page.locator('#status', { hasText: 'success' }).waitFor()
  await asks.waitFor({ state: 'hidden' })
  await page.locator('#nodes button', { hasText: 'gate Approval' }).click()
  await page.getByRole('complementary').getByText(/approved by ci, .*: looks good/).waitFor()

  // Who is against it ends it.
  assert.equal((await server.run('run', '--id', 'refused', file)).code, 6)
  await page.goto(`${server.url}/#run=refused`)
  await asks.click()
  await dialog.getByLabel('Reason').fill('not today')
  await dialog.getByRole('button', { name: 'Reject' }).click()
  await page.locator('#status', { hasText: 'failure' }).waitFor()
  await page.locator('#error', { hasText: 'it was rejected by ci: not today' }).waitFor()
})

test('what failed says why', async (t) => {
  const { server, file } = await prepared(t)
  const { code } = await server.run('run', file, '--fail', 'store=*:400 no capacity')
  assert.equal(code, 1)
  const page = await open(t, server.url, { colorScheme: 'dark' })
  await login(page, server)
  await page.getByRole('link', { name: /page-test/ }).click()
  await page.locator('#nodes button', { hasText: 'no capacity' }).first().waitFor()
  await page.locator('#status', { hasText: 'failure' }).waitFor()
  await picture(page, 'page-failure.png')
})

test('the keyboard reaches everything', async (t) => {
  const { server, file } = await prepared(t)
  await server.run('run', file)
  await server.run('run', file)
  const page = await open(t, server.url)
  await login(page, server)
  const links = page.getByRole('navigation').getByRole('link')
  await links.nth(1).waitFor()
  await links.first().focus()
  await page.keyboard.press('ArrowDown')
  assert.equal(await links.nth(1).evaluate((e) => e === document.activeElement), true)
  await page.keyboard.press('Enter')
  await page.locator('#status', { hasText: 'success' }).waitFor()
  await page.locator('#nodes button').first().focus()
  await page.keyboard.press('ArrowDown')
  await page.keyboard.press('Enter')
  await page.getByRole('complementary').getByRole('heading', { name: /home Project/ }).waitFor()
  const names = await page.locator('button:visible, a:visible, input:visible').evaluateAll(
    (all) => all.filter((e) => !(e.textContent.trim() || e.ariaLabel || e.labels?.length)).length)
  assert.equal(names, 0, 'everything that can be used has a name')
})

test('a wrong token is refused and forgotten', async (t) => {
  const { server } = await prepared(t)
  const page = await open(t, server.url)
  await page.getByLabel('Token').fill('wrong')
  await page.getByRole('button', { name: 'Go on' }).click()
  await page.getByText('does not know this token').waitFor()
  assert.equal(await page.evaluate(() => sessionStorage.getItem('token')), null)
})

test('a page of another origin can neither read nor act', async (t) => {
  const server = await served(t, '--quiet') // with a token, which the other page even knows
  const other = createServer((_, response) => response.setHeader('content-type', 'text/html').end('<h1>other</h1>'))
  await new Promise((done) => other.listen(0, '127.0.0.1', done))
  t.after(() => other.close())
  const context = await browser.newContext()
  t.after(() => context.close())
  const page = await context.newPage()
  await page.goto(`http://localhost:${other.address().port}`)
  const tried = await page.evaluate(async ([url, token]) => {
    const tries = []
    for (const options of [
      {}, { method: 'POST', body: '{"name":"Evil"}', headers: { 'content-type': 'text/plain' } }, { mode: 'no-cors', method: 'POST', body: '{"name":"Evil"}' },
      { headers: { authorization: `Bearer ${token}` } },
    ]) {
      tries.push(await fetch(`${url}/v1/projects`, options).then((r) => `${r.type} ${r.status}`, () => 'refused'))
    }
    return tries
  }, [server.url, server.token])
  assert.deepEqual(tried, ['refused', 'refused', 'opaque 0', 'refused'])
  const projects = await fetch(`${server.url}/v1/projects`, { headers: { authorization: `Bearer ${server.token}` } })
  assert.deepEqual((await projects.json()).data.projects, [])
})
