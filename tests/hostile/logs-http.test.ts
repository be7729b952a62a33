// What a broken or malicious sender does to lines over plain HTTP: the whole product, and beside each a sender whose line is stored and found meanwhile.
import { readFileSync } from 'node:fs'
import { connect, type Socket } from 'node:net'
import { gzipSync } from 'node:zlib'
import { type LogLine, logSearchEvent } from '@tidewatch/api/logs.ts'
import { eventually, type RunningServer, startServer } from '@tidewatch/testkit/server.ts'
import { afterAll, beforeAll, expect, test } from 'vitest'

const path = '/api/tidewatch/v1/logs'
const mebibyte = 1 << 20
let server: RunningServer
beforeAll(async () => {
  server = await startServer({ readyTimeoutMs: 120_000 })
})
afterAll(() => server?.[Symbol.asyncDispose]())

interface Answered {
  readonly accepted?: number
  readonly refused?: number
  readonly problems?: readonly string[]
  readonly error?: { readonly code: string; readonly message: string; readonly fix: string }
}

async function post(body: string | Uint8Array<ArrayBuffer>, headers: Record<string, string> = {}) {
  const answer = await fetch(`${server.url}${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/x-ndjson', ...headers },
    body,
  })
  return { status: answer.status, body: (await answer.json()) as Answered }
}

async function find(query: string, limit = 20): Promise<readonly LogLine[]> {
  const parameters = new URLSearchParams({ query, language: 'kql', limit: `${limit}`, fromMs: '0' })
  parameters.set('toMs', `${Date.now() + 3_600_000}`)
  const answer = await fetch(`${server.url}${path}/search?${parameters}`)
  const text = await answer.text()
  expect(answer.ok, text).toBe(true)
  const events = text
    .trimEnd()
    .split('\n')
    .map((line) => logSearchEvent.parse(JSON.parse(line)))
  return events.flatMap((event) => (event.type === 'lines' ? event.lines : []))
}

let wells = 0
/** Another sender, whose line is there at once. */
async function isWell(): Promise<void> {
  const message = `well${wells++}`
  expect((await post(JSON.stringify({ message }))).body).toEqual({ accepted: 1 })
  expect((await find(`message: ${message}`)).map(({ body }) => body)).toEqual([message])
}

const rssBytes = (): number =>
  Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${server.pid}/status`, 'utf8'))?.[1]) * 1024

function open(head: readonly string[]): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect(server.port, '127.0.0.1', () => {
      socket.write([`POST ${path} HTTP/1.1`, 'host: localhost', ...head, '', ''].join('\r\n'))
      resolve(socket)
    })
    socket.on('error', reject)
  })
}

/** All that it is answered, to the end. */
function answerOf(socket: Socket): Promise<string> {
  let text = ''
  return new Promise((resolve) => {
    socket.on('data', (data) => {
      text += data
    })
    socket.on('close', () => resolve(text))
  })
}

test('a line of 100 MB is refused before it is in memory, whole, by pieces or compressed', async () => {
  const before = rssBytes()
  const line = Buffer.alloc(100 * mebibyte, 'x')
  const bodies = [
    [line, {}],
    [gzipSync(line), { 'content-encoding': 'gzip' }],
  ] as const
  for (const [body, headers] of bodies) {
    const { status, body: answer } = await post(body, headers)
    expect([status, answer.error?.message]).toEqual([413, expect.stringMatching(/limit max\w*Bytes of \d+ bytes/)])
    expect(answer.error?.fix).toBe('Send less in one request.')
  }
  const socket = await open(['transfer-encoding: chunked', 'content-type: application/x-ndjson'])
  // the server lets go of it while it still pours
  socket.on('error', () => undefined)
  const answered = answerOf(socket)
  const chunk = Buffer.concat([Buffer.from('100000\r\n'), Buffer.alloc(mebibyte, 'y'), Buffer.from('\r\n')])
  for (let i = 0; i < 100 && !socket.destroyed; i++) {
    if (i % 10 === 0) await isWell()
    if (!socket.write(chunk) && !socket.destroyed)
      await new Promise<void>((resolve) => {
        const go = (): void => {
          socket.off('drain', go).off('close', go)
          resolve()
        }
        socket.on('drain', go).on('close', go)
      })
  }
  socket.destroy()
  expect(await answered).toMatch(/^HTTP\/1\.1 413 [\s\S]*limit maxBytes of 16777216 bytes/)
  expect(rssBytes() - before).toBeLessThan(300 * mebibyte)
})

test('lines of 15 MB are cut and say so, and the lines beside them are kept', async () => {
  const long = 15 * mebibyte
  const fields = Array.from({ length: 650_000 }, (_, i) => `"wide_${i}":${i}`).join()
  const before = rssBytes()
  // of letters that were read again from every place in them; of more fields than are read; of more secrets than a call takes arguments
  for (const line of [
    `{"message":"${'é'.repeat(long / 2)}"}`,
    `{${fields}}`,
    `{"message":"${'https://a:b@c '.repeat(mebibyte)}"}`,
  ]) {
    const [answer] = await Promise.all([post(`${line}\n{"message":"beside","service":"long"}`), isWell()])
    expect(answer).toEqual({ status: 200, body: { accepted: 2 } })
    const kept = await find('cut_from_length: *')
    expect(kept[0]?.body).toHaveLength(mebibyte)
    expect(kept[0]?.attributes.cut_from_length).toBe(line.length)
  }
  expect(await find('service: long')).toHaveLength(3)
  expect((await find('cut_from_length: *'))[0]?.body).not.toContain('a:b@')
  expect(rssBytes() - before).toBeLessThan(500 * mebibyte)
})

test('half-closed and trickling senders hold nobody up, and what comes whole is kept', async () => {
  const line = '{"message":"by drops"}'
  const head = [`content-length: ${line.length}`, 'content-type: application/json', 'connection: close']
  const drops = await Promise.all(Array.from({ length: 50 }, () => open(head)))
  const halves = await Promise.all(Array.from({ length: 50 }, () => open(head)))
  const answers = drops.map(answerOf)
  const cutOff = halves.map(answerOf)
  for (const [i, letter] of [...line].entries()) {
    for (const socket of drops) socket.write(letter)
    if (i === 5) for (const socket of halves) socket.end(letter)
    if (i % 8 === 0) await isWell()
  }
  for (const answer of await Promise.all(answers)) expect(answer).toMatch(/^HTTP\/1\.1 200 [\s\S]*\{"accepted":1\}$/)
  for (const answer of await Promise.all(cutOff))
    expect(answer).toMatch(/^HTTP\/1\.1 400 [\s\S]*the request ends before its body does/)
  expect(await find('message: "by drops"', 100)).toHaveLength(50)
})

test('bytes that are no UTF-8 are marked in their place', async () => {
  const broken = Buffer.from([0x61, 0xff, 0xc3, 0x28, 0x62])
  const json = Buffer.concat([Buffer.from('{"service":"bytes","message":"'), broken, Buffer.from('"}')])
  expect((await post(json)).body).toEqual({ accepted: 1 })
  expect((await post(broken, { 'content-type': 'text/plain', 'x-service': 'bytes' })).body).toEqual({ accepted: 1 })
  expect((await find('service: bytes')).map(({ body }) => body)).toEqual(['a\ufffd\ufffd(b', 'a\ufffd\ufffd(b'])
})

test("nesting 1,000 deep is kept, 100,000 deep is that line's fault", async () => {
  const inside = (depth: number): string => `${'{"a":'.repeat(depth)}1${'}'.repeat(depth)}`
  const lines = [
    `{"message":"deep","b":${inside(1000)}}`,
    inside(100_000),
    `{"b":${'['.repeat(100_000)}${']'.repeat(100_000)}}`,
  ]
  expect((await post(lines.join('\n'))).body).toEqual({
    ...{ accepted: 1, refused: 2 },
    problems: ['line 2 is nested more deeply than can be read', 'line 3 is nested more deeply than can be read'],
  })
  const [deep] = await find('message: deep')
  const [name, rest] = Object.entries(deep?.attributes ?? {})[0] ?? []
  expect(name).toMatch(/^b(?:\.a){16}$/)
  expect(String(rest)).toContain('"a":1}')
  const array = `[${lines.join()},{"message":"behind deep ones"}]`
  expect((await post(array, { 'content-type': 'application/json' })).body).toMatchObject({ accepted: 2, refused: 2 })
  await isWell()
})

test('a bad line among thousands: the others are kept, and the answer says which failed and why', async () => {
  const bad = new Map([
    [7, '{"message":'],
    [1234, 'no JSON'],
    [3000, '["a"]'],
  ])
  const lines = Array.from(
    { length: 5000 },
    (_, i) => bad.get(i + 1) ?? `{"message":"kept","service":"thousands","n":${i + 1}}`,
  )
  const { status, body } = await post(lines.join('\n'))
  expect([status, body]).toEqual([
    200,
    {
      ...{ accepted: 4997, refused: 3 },
      problems: [
        'line 7 is no JSON object: at byte 11 stands the end of the line',
        'line 1234 is no JSON object: at byte 0 stands "no JSON"',
        'line 3000 is no JSON object: at byte 0 stands "[\\"a\\"]"',
      ],
    },
  ])
  const kept = new Set((await find('service: thousands', 5000)).map(({ attributes }) => attributes.n))
  expect(kept.size).toBe(4997)
  for (const line of bad.keys()) expect(kept).not.toContain(line)
  const none = await post('no JSON')
  expect([none.status, none.body.error]).toEqual([
    400,
    expect.objectContaining({
      message: expect.stringContaining('line 1 is no JSON object: at byte 0 stands "no JSON"'),
      fix: 'Send one JSON object a line, an array of them, or text with the content type text/plain.',
    }),
  ])
})

test('types that conflict stand beside one another, each found as what it is', async () => {
  const values = ['1', '"text"', 'true', '[1,"a"]', '{"b":1}', 'null', '1e400']
  const lines = values.map((value) => `{"service":"types","conflict":${value}}`)
  expect((await post(lines.join('\n'))).body).toEqual({ accepted: values.length })
  expect(await find('service: types')).toHaveLength(values.length)
  const seen = async (query: string) => (await find(`service: types and ${query}`)).map(({ attributes }) => attributes)
  expect(await seen('conflict: text')).toEqual([{ conflict: 'text' }])
  expect(await seen('conflict: true')).toEqual([{ conflict: true }])
  expect(await seen('conflict.b: 1')).toEqual([{ 'conflict.b': 1 }])
  expect(await seen('conflict: a')).toEqual([{ conflict: [1, 'a'] }])
})

test('clocks years off: the line has the time of arrival and says what it claimed', async () => {
  const claimed = ['1999-01-01T00:00:00.000Z', '2099-01-01T00:00:00.000Z', '9999-12-31T23:59:59.000Z']
  const since = Date.now()
  const lines = [...claimed, 'yesterday'].map((time) => JSON.stringify({ '@timestamp': time, service: 'clock' }))
  expect((await post(lines.join('\n'))).body).toEqual({ accepted: 4 })
  const kept = await find('service: clock')
  for (const { timeNs } of kept) {
    expect(Number(BigInt(timeNs) / 1_000_000n)).toBeGreaterThanOrEqual(since)
    expect(Number(BigInt(timeNs) / 1_000_000n)).toBeLessThanOrEqual(Date.now())
  }
  const said = kept.map(({ attributes }) => attributes.claimed_time ?? attributes['@timestamp'])
  expect(said.toSorted()).toEqual([...claimed, 'yesterday'])
})

// the last one: names count for a day
test('100,000 names of fields, in one line and over as many lines: all lines are kept, known fields are found', async () => {
  const names = (many: string): string[] => Array.from({ length: 100_000 }, (_, i) => `"${many}_${i}":${i}`)
  await post('{"service":"names","known":0}')
  const before = rssBytes()
  const [wide] = await Promise.all([post(`{"service":"wide",${names('wide').join()}}`), isWell()])
  expect(wide.body).toEqual({ accepted: 1 })
  const [line] = await find('service: wide')
  expect(line?.attributes).toMatchObject({ wide_0: 0, left_out_fields: 100_000 - 4096 })
  expect(Object.keys(line?.attributes ?? {}).length).toBeLessThanOrEqual(1024)
  const lines = names('spread').map((field) => `{"service":"names","known":1,${field}}`)
  const [spread] = await Promise.all([post(lines.join('\n')), isWell()])
  expect(spread.body).toEqual({ accepted: 100_000 })
  expect(await find('service: names and known: 1', 3)).toHaveLength(3)
  // what was known is a field as before; of what is new beyond the bound nothing is lost
  const [last] = await find('service: names and known: 1', 1)
  expect(JSON.parse(String(last?.attributes.more_fields))).toEqual({ spread_99999: 99_999 })
  expect(rssBytes() - before).toBeLessThan(400 * mebibyte)
  await eventually(async () => {
    const metrics = await (await fetch(`${server.url}/metrics`)).text()
    expect(metrics).toContain('tidewatch_http_body_bytes 0\n')
  })
})
