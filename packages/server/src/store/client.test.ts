// The client against a store of a few lines that answers when and how a test says.
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { expect, it } from 'vitest'
import { createStoreClient } from './client.ts'

const { signal } = new AbortController()
const gone = new Error('nobody waits for it any more')

it('asks and is answered in rows, as whom and of what it was told', async () => {
  await using store = await startStore()
  await using client = createStoreClient({ ...store.address, username: 'mara', password: 'pä:ss' })
  const rows = client.query('SELECT 1', { signal, maxRows: 5 })
  const asked = await store.asked()
  expect(asked.sql).toBe('SELECT 1\nFORMAT JSONEachRow')
  expect(asked.url.searchParams.get('database')).toBe('tidewatch')
  expect(asked.url.searchParams.get('max_result_rows')).toBe('5')
  expect(Buffer.from(asked.headers.authorization?.slice(6) ?? '', 'base64').toString()).toBe('mara:pä:ss')
  asked.response.end('{"n":1}\n{"n":2}\n')
  expect(await rows).toEqual([{ n: 1 }, { n: 2 }])
})

it('what was cancelled before it was sent is not sent, and one that waits leaves the connection to the next', async () => {
  await using store = await startStore()
  await using client = createStoreClient(store.address, { maxConnections: 1 })
  await expect(client.query('SELECT 0', { signal: AbortSignal.abort(gone) })).rejects.toBe(gone)
  const cancelled = new AbortController()
  const first = client.query('SELECT 1', { signal })
  const second = client.query('SELECT 2', { signal: cancelled.signal })
  const third = client.query('SELECT 3', { signal })
  const one = await store.asked()
  cancelled.abort(gone)
  await expect(second).rejects.toBe(gone)
  one.response.end('{"n":1}\n')
  expect(await first).toEqual([{ n: 1 }])
  const next = await store.asked()
  expect(next.sql).toContain('SELECT 3')
  next.response.end('{"n":3}\n')
  expect(await third).toEqual([{ n: 3 }])
})

it('one that is cancelled while it is answered closes its connection', async () => {
  await using store = await startStore()
  await using client = createStoreClient(store.address)
  const cancelled = new AbortController()
  const read = readAll(client.stream('SELECT 1', { signal: cancelled.signal }))
  const { response } = await store.asked()
  response.write('begun')
  const closed = once(response, 'close')
  cancelled.abort(gone)
  await expect(read).rejects.toBe(gone)
  await closed
})

it('a question whose kept connection was closed meanwhile is asked again; a command is not', async () => {
  await using store = await startStore()
  await using client = createStoreClient(store.address, { maxConnections: 1 })
  const keep = async (): Promise<void> => {
    const rows = client.query('SELECT 1', { signal })
    const { response } = await store.asked()
    response.end('{"n":1}\n')
    await rows
  }
  await keep()
  const again = client.query('SELECT 2', { signal })
  const cut = await store.asked()
  cut.response.destroy()
  const { sql, response } = await store.asked()
  expect(sql).toContain('SELECT 2')
  response.end('{"n":2}\n')
  expect(await again).toEqual([{ n: 2 }])
  const command = client.command('DROP TABLE t', { signal })
  const dropped = await store.asked()
  dropped.response.destroy()
  await expect(command).rejects.toMatchObject({ code: 'store.unavailable' })
})

it('sends the rows of an insert, and hears why they were refused before all were read', async () => {
  await using store = await startStore()
  await using client = createStoreClient(store.address)
  const rows = [Buffer.from('ab'), Buffer.from('cd')]
  const insert = client.insert('INSERT INTO t FORMAT Native', rows, { signal, token: 'once' })
  const taken = await store.asked()
  expect(taken.sql).toBe('abcd')
  expect(taken.url.searchParams.get('query')).toBe('INSERT INTO t FORMAT Native')
  expect(taken.url.searchParams.get('insert_deduplication_token')).toBe('once')
  taken.response.end()
  await insert
  store.refuse(400, 'Code: 60. DB::Exception: Table t does not exist. (UNKNOWN_TABLE) (version 26)')
  async function* endless() {
    for (;;) yield Buffer.alloc(65_536)
  }
  const refused = client.insert('INSERT INTO t FORMAT Native', endless(), { signal })
  await expect(refused).rejects.toMatchObject({
    code: 'store.unavailable',
    message: expect.stringContaining('Table t does not exist.'),
  })
})

it.each([
  [500, 'Code: 241. DB::Exception: Memory limit. (MEMORY_LIMIT_EXCEEDED) (version 26)', 'store.limit', 'Memory limit.'],
  [400, 'Code: 62. DB::Exception: Syntax error. (SYNTAX_ERROR) (version 26)', 'store.refused', 'code 62'],
  [502, '<html>Bad Gateway</html>', 'store.unavailable', 'status 502: <html>Bad Gateway</html>'],
])('tells a failure of status %i', async (status, body, code, message) => {
  await using store = await startStore()
  await using client = createStoreClient(store.address)
  store.refuse(status, body)
  const rows = client.query('SELECT 1', { signal })
  await expect(rows).rejects.toMatchObject({ code, message: expect.stringContaining(message) })
})

async function readAll(chunks: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const all: Uint8Array[] = []
  for await (const chunk of chunks) all.push(chunk)
  return Buffer.concat(all)
}

interface Asked {
  readonly sql: string
  readonly url: URL
  readonly headers: IncomingMessage['headers']
  readonly response: ServerResponse
}

async function startStore() {
  const dir = await mkdtemp(join(tmpdir(), 'store-client-'))
  const socketPath = join(dir, 'socket')
  const waiting: Asked[] = []
  let refusal: { readonly status: number; readonly body: string } | undefined
  const server = createServer((request, response) => {
    if (refusal !== undefined) {
      response.writeHead(refusal.status, { connection: 'close' }).end(refusal.body)
      return
    }
    const url = new URL(request.url ?? '', 'http://store')
    void text(request).then((sql) => {
      waiting.push({ sql, url, headers: request.headers, response })
      server.emit('asked')
    })
  })
  server.listen(socketPath)
  await once(server, 'listening')
  return {
    address: { url: 'http://localhost', socketPath, database: 'tidewatch' },
    /** The next statement that came. */
    async asked(): Promise<Asked> {
      while (waiting.length === 0) await once(server, 'asked')
      return waiting.shift() as Asked
    },
    /** Answers so from now on, without reading what is sent. */
    refuse(status: number, body: string): void {
      refusal = { status, body }
    },
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      server.close()
      await rm(dir, { recursive: true })
    },
  }
}
