// The official JavaScript client on a server.
import assert from 'node:assert/strict'
import { ApiClient, ApiClientInMemoryContextProvider } from '@northflank/js-client'

export async function client(server, token = server.token, throwErrorOnHttpErrorCode = true) {
  const contexts = new ApiClientInMemoryContextProvider()
  await contexts.addContext({ name: 'local', token, host: server.url })
  return new ApiClient(contexts, { throwErrorOnHttpErrorCode })
}

/** Asks until an answer is as it should be. */
export async function until(ask, is) {
  const end = Date.now() + 20_000
  for (;;) {
    const data = (await ask()).data
    if (is(data)) return data
    assert.ok(Date.now() < end, `still ${JSON.stringify(data)}`)
    await new Promise((resolve) => setTimeout(resolve, 30))
  }
}
