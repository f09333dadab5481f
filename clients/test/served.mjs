// Starts nf-run serve in a folder of its own, and ends it with the test.
import { spawn, execFile } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../..')
export const program = process.env.NF_RUN ?? path.join(root, 'bin/nf-run')

/** A server with the token "secret-token"; its requests are collected as they are logged. */
export async function served(t, ...args) {
  const home = await mkdtemp(path.join(tmpdir(), 'nf-clients-'))
  const ends = []
  t.after(async () => {
    for (const end of ends) await end()
    await rm(home, { recursive: true, force: true })
  })
  return servedIn(home, ends, ...args)
}

async function servedIn(home, ends, ...args) {
  const env = { ...process.env, NF_STATE: path.join(home, 'state'), NF_KEY: 'file', NF_SERVE_TOKENS: 'ci=secret-token' }
  const child = spawn(program, ['serve', '--addr', '127.0.0.1:0', '--json', ...args], { env, stdio: ['ignore', 'pipe', 'inherit'] })
  const ended = new Promise((resolve) => child.once('exit', resolve))
  const end = async () => {
    child.kill('SIGINT')
    const code = await ended
    if (code !== 0) throw new Error(`nf-run serve ended with exit code ${code}`)
  }
  ends.push(end)
  /** Ends the server and starts another one on the same state. */
  const again = async (...args) => {
    await end()
    return servedIn(home, ends, ...args)
  }
  const requests = []
  const url = await new Promise((resolve, reject) => {
    ended.then((code) => reject(new Error(`nf-run serve ended at once, with exit code ${code}`)))
    createInterface({ input: child.stdout }).on('line', (line) => {
      const entry = JSON.parse(line)
      entry.url ? resolve(entry.url) : requests.push(entry)
    })
  })
  /** Runs nf-run on the server's state. */
  const run = (...args) => capture(program, args, { env })
  return { url, home, env, requests, run, again, token: 'secret-token' }
}

/** Runs a program to its end; its exit code is no error. */
export function capture(file, args, options) {
  return new Promise((resolve) => {
    const child = execFile(file, args, { timeout: 60_000, maxBuffer: 1 << 24, ...options }, (error, stdout, stderr) => {
      resolve({ code: error ? (error.code ?? -1) : 0, stdout, stderr })
    })
    child.stdin.end()
  })
}
