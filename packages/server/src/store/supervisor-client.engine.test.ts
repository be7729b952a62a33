// The official client against the engine, as against a ClickHouse server.

import { mkdtempSync, rmSync } from 'node:fs'
import { Agent, request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import { gunzipSync, gzipSync } from 'node:zlib'
import { type ClickHouseClient, ClickHouseError, type ClickHouseSettings, createClient } from '@clickhouse/client'
import { systemClock } from '@tidewatch/core/clock.ts'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Logger } from '../self/port.ts'
import { createEngineSupervisor, type EngineSupervisor } from './supervisor.ts'

const quiet: Logger = { debug() {}, info() {}, warn() {}, error() {}, child: () => quiet }
const dataDir = mkdtempSync(join(tmpdir(), 'engine-client-'))
let engine: EngineSupervisor
let agent: Agent
let client: ClickHouseClient

beforeAll(async () => {
  engine = createEngineSupervisor({ dataDir, clock: systemClock, logger: quiet, sessions: 3, memoryBytes: 1e9 })
  await engine.whenReady({ signal: AbortSignal.timeout(15_000) })
  const options = { keepAlive: true, socketPath: engine.address.socketPath }
  agent = new Agent(options)
  client = createClient({ url: engine.address.url, database: engine.address.database, http_agent: agent })
})

afterAll(async () => {
  await client?.close()
  await engine?.[Symbol.asyncDispose]()
  rmSync(dataDir, { recursive: true, force: true })
})

/** How many queries with this text run in the engine, this one not counted. */
async function running(text: string): Promise<number> {
  const query = `SELECT count() AS n FROM system.processes WHERE position(query, '${text}') > 0 AND position(query, 'system.processes') = 0`
  const rows = await (await client.query({ query, format: 'JSONEachRow' })).json<{ n: number }>()
  return rows[0].n
}

async function until(done: () => Promise<boolean>, withinMs = 60_000): Promise<number> {
  const start = performance.now()
  while (!(await done())) {
    if (performance.now() - start > withinMs) throw new Error(`not within ${withinMs} ms`)
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
  return performance.now() - start
}

async function count(table: string): Promise<number> {
  const rows = await (await client.query({ query: `SELECT count() AS n FROM ${table}`, format: 'JSONEachRow' })).json<{
    n: string
  }>()
  return Number(rows[0].n)
}

async function native(sql: string): Promise<Buffer> {
  return buffer((await client.exec({ query: `${sql} FORMAT Native` })).stream)
}

interface RawAnswer {
  readonly status: number
  readonly headers: Record<string, unknown>
  readonly body: Buffer
  /** The answer broke off. */
  readonly broken: boolean
}

function raw(
  path: string,
  options: { method?: string; body?: Uint8Array; headers?: Record<string, string> } = {},
): Promise<RawAnswer> {
  return new Promise((resolve, reject) => {
    const call = request(
      { agent, path, method: options.method ?? 'POST', headers: options.headers ?? {} },
      (response) => {
        const chunks: Buffer[] = []
        const finish = (broken: boolean) => (): void => {
          resolve({ status: response.statusCode ?? 0, headers: response.headers, body: Buffer.concat(chunks), broken })
        }
        response.on('data', (chunk: Buffer) => chunks.push(chunk))
        response.on('end', finish(false))
        response.on('error', finish(true))
      },
    )
    call.on('error', reject)
    call.end(options.body)
  })
}

describe('queries', () => {
  it('answers ping', async () => {
    expect(await client.ping()).toEqual({ success: true })
    expect((await raw('/ping', { method: 'GET' })).body.toString()).toBe('Ok.\n')
  })

  it('answers rows, and says query id, format, time zone and summary in its headers', async () => {
    const result = await client.query({
      query: 'SELECT number AS n FROM numbers(3)',
      format: 'JSONEachRow',
      query_id: 'mine',
    })
    expect(await result.json()).toEqual([{ n: 0 }, { n: 1 }, { n: 2 }])
    expect(result.query_id).toBe('mine')
    expect(result.response_headers).toMatchObject({
      'x-clickhouse-query-id': 'mine',
      'x-clickhouse-format': 'JSONEachRow',
      'x-clickhouse-timezone': 'UTC',
      'x-clickhouse-summary': expect.stringMatching(/^\{"result_rows":"3","elapsed_ns":"\d+"\}$/),
    })
  })

  it('takes the format from the statement, else from the header, else from default_format', async () => {
    const formats = async (path: string, headers = {}): Promise<unknown> =>
      (await raw(path, { headers })).headers['x-clickhouse-format']
    expect(await formats('/?query=SELECT%201')).toBe('TabSeparated')
    expect(await formats('/?query=SELECT%201&default_format=CSV')).toBe('CSV')
    expect(await formats('/?query=SELECT%201&default_format=CSV', { 'X-ClickHouse-Format': 'JSON' })).toBe('JSON')
    expect(await formats('/?query=SELECT%201%20FORMAT%20Native&default_format=CSV')).toBe('Native')
  })

  it('streams ten million rows as Native, in chunks', async () => {
    const { stream } = await client.exec({ query: 'SELECT number FROM numbers(10000000) FORMAT Native' })
    let bytes = 0
    let chunks = 0
    for await (const chunk of stream) {
      bytes += chunk.length
      chunks++
    }
    expect(bytes).toBeGreaterThan(80_000_000)
    expect(chunks).toBeGreaterThan(10)
  })

  it('holds the engine back while the client does not read', async () => {
    const { stream } = await client.exec({ query: 'SELECT number AS held FROM numbers(1000000000) FORMAT Native' })
    const before = engine.counters().residentBytes ?? 0
    await until(async () => (await running('AS held')) === 1)
    for (let i = 0; i < 20; i++) await client.ping()
    expect((engine.counters().residentBytes ?? 0) - before).toBeLessThan(100e6)
    stream.destroy()
    await until(async () => (await running('AS held')) === 0)
  })

  it('applies settings to one statement and not to the next on the session', async () => {
    const setting = async (settings: ClickHouseSettings): Promise<unknown> => {
      const query = "SELECT getSetting('max_block_size') AS b"
      const result = await client.query({ query, format: 'JSONEachRow', clickhouse_settings: settings })
      return (await result.json<{ b: number }>())[0].b
    }
    const usual = await setting({})
    expect(await setting({ max_block_size: '123' })).toBe(123)
    for (let i = 0; i < 6; i++) expect(await setting({})).toBe(usual)
  })

  it('packs the answer when asked', async () => {
    const packing = createClient({
      url: engine.address.url,
      http_agent: agent,
      compression: { response: true },
      keep_alive: { enabled: false },
    })
    const result = await packing.query({
      query: 'SELECT repeat(toString(number), 9) AS x FROM numbers(100000)',
      format: 'JSONEachRow',
    })
    expect(result.response_headers['content-encoding']).toBe('gzip')
    expect((await result.json<{ x: string }>())[99_999].x).toBe('99999'.repeat(9))
    const zstd = await raw('/?query=SELECT%201&enable_http_compression=1', {
      headers: { 'accept-encoding': 'zstd, gzip;q=0.5' },
    })
    expect(zstd.headers['content-encoding']).toBe('zstd')
    const plain = await raw('/?query=SELECT%201', { headers: { 'accept-encoding': 'gzip' } })
    expect(plain.body.toString()).toBe('1\n')
  })

  it('runs statements side by side, so that a slow plan holds up nobody', async () => {
    let planned = false
    const slow = client.query({ query: 'SELECT (SELECT sleep(1)) AS slow_plan', format: 'JSONEachRow' }).then(() => {
      planned = true
    })
    await until(async () => (await running('slow_plan')) === 1)
    await client.query({ query: 'SELECT 1', format: 'JSONEachRow' })
    expect(planned).toBe(false)
    await slow
  })
})

describe('exceptions', () => {
  it.each([
    ['SELECT nope', '47', 'UNKNOWN_IDENTIFIER', 404],
    ['SELEC 1', '62', 'SYNTAX_ERROR', 400],
    ['SELECT * FROM absent', '60', 'UNKNOWN_TABLE', 404],
    ['SELECT throwIf(1)', '395', 'FUNCTION_THROW_IF_VALUE_IS_NON_ZERO', 500],
    ['SELECT 1; SELECT 2', '62', 'SYNTAX_ERROR', 400],
    ['SELECT count() FROM numbers(1000000000000) SETTINGS max_execution_time = 0.2', '159', 'TIMEOUT_EXCEEDED', 408],
  ])('answers %j with code %s', async (query, code, type, status) => {
    const answer = await raw(`/?query=${encodeURIComponent(query)}&database=tidewatch`)
    expect(answer.status).toBe(status)
    expect(answer.headers['x-clickhouse-exception-code']).toBe(code)
    expect(answer.body.toString()).toMatch(
      new RegExp(`^Code: ${code}\\. DB::Exception: .*\\(${type}\\) \\(version [\\d.]+ \\(official build\\)\\)\n$`, 's'),
    )
    const error: unknown = await client.command({ query }).catch((caught: unknown) => caught)
    expect(error).toBeInstanceOf(ClickHouseError)
    expect(error).toMatchObject({ code, type })
  })

  it.each([
    ['an unknown setting', 'nope_setting=1', "Code: 115. DB::Exception: Unknown setting 'nope_setting'"],
    ['a setting that is no number', 'max_threads=many', 'Code: 27'],
    ['an unknown database', 'database=absent', 'Code: 81. DB::Exception: Database absent does not exist'],
    ['parameters', 'param_x=1', 'Code: 48. DB::Exception: Query parameters are not supported by the embedded engine'],
    ['a session', 'session_id=1', 'Code: 48. DB::Exception: The parameter session_id is not supported'],
    ['native compression', 'compress=1', 'Code: 48'],
  ])('refuses %s, and the session works on', async (_, parameter, text) => {
    expect((await raw(`/?query=SELECT%201&${parameter}`)).body.toString()).toContain(text)
    for (let i = 0; i < 4; i++) expect((await raw('/?query=SELECT%201')).body.toString()).toBe('1\n')
  })

  it('writes nothing for GET', async () => {
    const answer = await raw('/?query=CREATE%20DATABASE%20x', { method: 'GET' })
    expect(answer.headers['x-clickhouse-exception-code']).toBe('164')
  })

  it('marks an exception in the middle of an answer and breaks it off', async () => {
    const query = "SELECT throwIf(number = 5000000, 'half way') FROM numbers(10000000)"
    const answer = await raw(`/?query=${encodeURIComponent(query)}`)
    const tag = String(answer.headers['x-clickhouse-exception-tag'])
    expect(answer.status).toBe(200)
    expect(answer.broken).toBe(true)
    expect(answer.body.subarray(-400).toString()).toMatch(
      new RegExp(
        `\r\n__exception__\r\n${tag}\r\nCode: 395\\. DB::Exception: half way.*\n\\d+ ${tag}\r\n__exception__\r\n$`,
        's',
      ),
    )
    const shorter = 'SELECT throwIf(number = 500000) FROM numbers(1000000)'
    const rows = (await client.query({ query: shorter, format: 'JSONEachRow' })).stream()
    const read = async (): Promise<void> => {
      for await (const _ of rows);
    }
    await expect(read()).rejects.toMatchObject({ code: '395' })
  })

  it('breaks off a packed answer whose text is whole', async () => {
    const query = "SELECT throwIf(number = 5000000, 'half way') FROM numbers(10000000)"
    const answer = await raw(`/?query=${encodeURIComponent(query)}&enable_http_compression=1`, {
      headers: { 'accept-encoding': 'gzip' },
    })
    expect(answer.broken).toBe(true)
    expect(gunzipSync(answer.body).subarray(-400).toString()).toContain('Code: 395. DB::Exception: half way')
  })

  it('answers a late exception with its status for wait_end_of_query', async () => {
    const query = "SELECT throwIf(number = 5000000, 'half way') FROM numbers(10000000)"
    const answer = await raw(`/?query=${encodeURIComponent(query)}&wait_end_of_query=1`)
    expect([answer.status, answer.headers['x-clickhouse-exception-code']]).toEqual([500, '395'])
  })
})

describe('limits', () => {
  it('ends a query at its row limit, memory limit and time limit', async () => {
    const failing = async (query: string, settings: Record<string, string>): Promise<unknown> =>
      client
        .query({ query, format: 'Native' as 'JSON', clickhouse_settings: settings })
        .catch((caught: unknown) => caught)
    expect(await failing('SELECT number FROM numbers(100)', { max_result_rows: '10' })).toMatchObject({ code: '396' })
    const groups = 'SELECT count() FROM (SELECT number FROM numbers(30000000) GROUP BY number)'
    expect(await failing(groups, { max_memory_usage: '20000000' })).toMatchObject({ code: '241' })
    const endless = 'SELECT count() FROM numbers(1000000000000)'
    expect(await failing(endless, { max_execution_time: '0.3' })).toMatchObject({ code: '159' })
  })

  it.each([
    ['that computes', 'SELECT count() AS lonely FROM numbers(1000000000000)'],
    ['that is planned', 'SELECT (SELECT count() FROM numbers(1000000000000)) AS lonely'],
    ['that streams', 'SELECT number AS lonely FROM numbers(1000000000000)'],
  ])('kills a query %s when its client goes away', async (_, query) => {
    const call = request({ agent, path: `/?query=${encodeURIComponent(query)}`, method: 'POST' })
    call.on('error', () => {}).end()
    await until(async () => (await running('AS lonely')) === 1)
    call.destroy()
    await until(async () => (await running('AS lonely')) === 0)
  })

  it('gives statements that wait for a session up when their clients go away', async () => {
    const query = 'SELECT count() AS crowd FROM numbers(1000000000000)'
    const calls = Array.from({ length: 8 }, () =>
      request({ agent, path: `/?query=${encodeURIComponent(query)}`, method: 'POST' }),
    )
    for (const call of calls) call.on('error', () => {}).end()
    // Two run, the third session is kept for writes.
    const insert = `INSERT INTO FUNCTION null('a UInt8') FORMAT CSV`
    expect((await raw(`/?query=${encodeURIComponent(insert)}`, { body: Buffer.from('1') })).body.toString()).toBe('')
    for (const call of calls) call.destroy()
    await until(async () => (await running('AS crowd')) === 0)
  })
})

describe('inserts', () => {
  const engineOf = 'ENGINE = MergeTree ORDER BY tuple() SETTINGS non_replicated_deduplication_window = 100'

  it('takes Native bytes, whole and in a stream, plain and packed', async () => {
    await client.command({ query: `CREATE TABLE bytes (a UInt64, b String) ${engineOf}` })
    // The same block without a token counts once too, as on a ClickHouse server: each of these is another one.
    const block = (first: number): Promise<Buffer> =>
      native(`SELECT number + ${first} AS a, toString(number) AS b FROM numbers(1000)`)
    const insert = async (...parts: Uint8Array[]): Promise<unknown> =>
      (await client.exec({ query: 'INSERT INTO bytes (a, b) FORMAT Native', values: Readable.from(parts) })).summary
    expect(await insert(await block(0))).toMatchObject({ written_rows: '1000' })
    const second = await block(1)
    await insert(second.subarray(0, 100), second.subarray(100))
    await insert(await block(2), await block(3))
    expect(await count('bytes')).toBe(4000)
    const path = `/?database=tidewatch&query=${encodeURIComponent('INSERT INTO bytes FORMAT Native')}`
    const packed = await raw(path, { body: gzipSync(await block(4)), headers: { 'content-encoding': 'gzip' } })
    expect([packed.status, packed.body.toString()]).toEqual([200, ''])
    expect(await count('bytes')).toBe(5000)
  })

  it("takes the client's own insert, and rows in the statement", async () => {
    await client.command({ query: `CREATE TABLE rows (a UInt64, b String) ${engineOf}` })
    await client.insert({ table: 'rows', values: [{ a: 1, b: "it's" }], format: 'JSONEachRow' })
    await client.command({ query: "INSERT INTO rows VALUES (2, 'two'), (3, 'three')" })
    await client.command({ query: 'INSERT INTO rows FORMAT JSONEachRow {"a": 4, "b": "four"}' })
    await client.command({ query: 'INSERT INTO rows SELECT a + 4, b FROM rows' })
    const result = await client.query({
      query: 'SELECT groupArray(a) AS a FROM (SELECT a FROM rows ORDER BY a)',
      format: 'JSONEachRow',
    })
    expect(await result.json()).toEqual([{ a: [1, 2, 3, 4, 5, 6, 7, 8] }])
  })

  it('computes what is inserted from input()', async () => {
    await client.command({ query: `CREATE TABLE computed (a UInt64, b String) ${engineOf}` })
    const block = await native("SELECT number AS x, 'k' AS y FROM numbers(10)")
    const query =
      "INSERT INTO computed (a, b) SELECT x * 2, concat(y, toString(x)) FROM input('x UInt64, y String') FORMAT Native"
    await client.exec({ query, values: Readable.from([block]) })
    const result = await client.query({ query: 'SELECT max(a) AS a, max(b) AS b FROM computed', format: 'JSONEachRow' })
    expect(await result.json()).toEqual([{ a: 18, b: 'k9' }])
  })

  it('counts an insert once by its token, in both forms', async () => {
    await client.command({ query: `CREATE TABLE once (a UInt64) ${engineOf}` })
    const block = await native('SELECT number AS a FROM numbers(1000)')
    const insert = (query: string, token: string): Promise<unknown> =>
      client.exec({ query, values: Readable.from([block]), clickhouse_settings: { insert_deduplication_token: token } })
    for (const token of ['a', 'a', 'b']) await insert('INSERT INTO once (a) FORMAT Native', token)
    expect(await count('once')).toBe(2000)
    const computed = "INSERT INTO once (a) SELECT a + 1 FROM input('a UInt64') FORMAT Native"
    for (const token of ['c', 'c', 'd']) await insert(computed, token)
    expect(await count('once')).toBe(4000)
  })

  it.each([
    ['broken bytes', Buffer.from('no native block'), {}, /^Code: \d+\. DB::Exception/],
    ['no bytes', Buffer.alloc(0), {}, /^Code: 108\. DB::Exception: No data to insert/],
    [
      'bytes that are not gzip',
      Buffer.from('plain'),
      { 'content-encoding': 'gzip' },
      /^Code: 33\. DB::Exception: Cannot read the body/,
    ],
    [
      'an unknown coding',
      Buffer.from('plain'),
      { 'content-encoding': 'lzma' },
      /^Code: 89\. DB::Exception: Unknown compression method: lzma/,
    ],
  ])('refuses %s', async (_, body, headers, text) => {
    await client.command({ query: `CREATE TABLE IF NOT EXISTS refusing (a UInt64) ${engineOf}` })
    const path = `/?database=tidewatch&query=${encodeURIComponent('INSERT INTO refusing FORMAT Native')}`
    const answer = await raw(path, { body, headers })
    expect(answer.body.toString()).toMatch(text)
    expect(await count('refusing')).toBe(0)
  })

  it('inserts nothing of a body that breaks off', async () => {
    await client.command({ query: `CREATE TABLE cut (a UInt64) ${engineOf}` })
    const block = await native('SELECT number AS a FROM numbers(1000)')
    const path = `/?database=tidewatch&query=${encodeURIComponent('INSERT INTO cut FORMAT Native')}`
    await new Promise<void>((resolve) => {
      const call = request({ agent, path, method: 'POST', headers: { 'transfer-encoding': 'chunked' } })
      call.on('error', () => resolve())
      call.write(block, () => call.destroy())
      call.on('close', () => resolve())
    })
    expect(await count('cut')).toBe(0)
  })
})
