// The official CLI on a server.
import assert from 'node:assert/strict'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { capture } from './served.mjs'

export const cliPath = path.join(path.dirname(fileURLToPath(import.meta.url)), '../node_modules/@northflank/cli/dist/cli.js')

/** The CLI with a home of its own. It writes what it got as JSON. */
export function commandLine(server) {
  const env = { ...process.env, HOME: server.home, USERPROFILE: server.home, CI: 'true' }
  const call = (...args) => capture(process.execPath, [cliPath, ...args], { env })
  return {
    call,
    env,
    async json(...args) {
      const { stdout, stderr } = await call(...args, '-o', 'json')
      try {
        return JSON.parse(stdout)
      } catch {
        assert.fail(`northflank ${args.join(' ')}: ${stdout}${stderr}`)
      }
    },
  }
}

/** The CLI, logged in, with a project. */
export async function loggedIn(server, project) {
  const line = commandLine(server)
  const login = await line.call('login', '-n', 'local', '-t', server.token, '--host', server.url)
  assert.match(login.stdout, /Successfully logged in/)
  await line.json('create', 'project', ...input(project))
  return line
}

export const input = (body) => ['-i', JSON.stringify(body)]
