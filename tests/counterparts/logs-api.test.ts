// Our log API over a whole server: what is posted is found, paged, counted, followed and exported.
import { get } from 'node:http'
import {
  type LogLine,
  logHistogram,
  logPatterns,
  logSearchEvent,
  logStorage,
  logTailEvent,
  logValues,
} from '@tidewatch/api/logs.ts'
import { sendLogLines } from '@tidewatch/testkit/log-lines.ts'
import { eventually, type RunningServer, startServer } from '@tidewatch/testkit/server.ts'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { tempDir } from './programs.ts'

let server: RunningServer
const base = Math.floor(Date.now() / 1000) * 1000 - 3_600_000
const span = { fromMs: String(base), toMs: String(base + 7_200_000), language: 'kql' }

beforeAll(async () => {
  server = await startServer()
  const orders = Array.from({ length: 500 }, (_, i) => ({
    // 50 lines share each nanosecond
    ...{ timestamp: new Date(base + Math.floor(i / 50) * 1000).toISOString(), service: 'orders' },
    ...{ level: i % 10 === 0 ? 'error' : 'info', message: `order ${i} took ${i * 3} ms`, number: i },
  }))
  const odd = { timestamp: new Date(base + 60_000).toISOString(), service: 'web', message: '=HYPERLINK("http://x")' }
  await post([...orders, odd])
})
afterAll(async () => await server[Symbol.asyncDispose]())

const post = (lines: readonly object[]): Promise<void> => sendLogLines(server.url, lines)

const ask = (path: string, parameters: Readonly<Record<string, string>> = {}): Promise<Response> =>
  fetch(`${server.url}/api/tidewatch/v1/logs/${path}?${new URLSearchParams({ ...span, ...parameters })}`)

async function search(parameters: Readonly<Record<string, string>>) {
  const text = await (await ask('search', parameters)).text()
  const events = text
    .trimEnd()
    .split('\n')
    .map((line) => logSearchEvent.parse(JSON.parse(line)))
  const lines: LogLine[] = events.flatMap((event) => (event.type === 'lines' ? event.lines : []))
  const end = events.at(-1)
  if (end?.type !== 'end') throw new Error(text)
  return { lines, end }
}

test.each(['backward', 'forward'])('pages %s neither skip nor repeat lines of one nanosecond', async (direction) => {
  const numbers: unknown[] = []
  let cursor: string | undefined
  do {
    const page = { query: 'service:orders', direction, limit: '37', ...(cursor === undefined ? {} : { cursor }) }
    const { lines, end } = await search(page)
    numbers.push(...lines.map(({ attributes }) => attributes.number))
    cursor = end.cursor
  } while (cursor !== undefined)
  expect(numbers).toHaveLength(500)
  expect(new Set(numbers).size).toBe(500)
})

test('the same lines are found in all three languages', async () => {
  const asked = [
    { language: 'kql', query: 'service:orders and level:error' },
    { language: 'lucene', query: 'service:orders AND level:error' },
    { language: 'logql', query: '{service_name="orders", level="error"}' },
    { language: 'logql', query: '{service_name="orders"} | json | level="error"' },
  ]
  for (const one of asked) {
    const { end } = await search({ ...one, limit: '1000' })
    expect(end.found, one.query).toBe(50)
    const counted = logHistogram.parse(await (await ask('histogram', { ...one, bars: '10' })).json())
    expect(counted.total, one.query).toBe(50)
  }
})

test('counts by severity and by a field add up', async () => {
  const bySeverity = logHistogram.parse(await (await ask('histogram', { query: 'service:orders' })).json())
  const errors = bySeverity.bars.reduce((sum, { counts }) => sum + (counts.error ?? 0), 0)
  expect([bySeverity.total, errors]).toEqual([501 - 1, 50])
  const byService = logHistogram.parse(await (await ask('histogram', { by: 'service' })).json())
  expect(byService.total).toBe(501)
  const levels = logValues.parse(await (await ask('fields/values', { field: 'level', query: 'service:orders' })).json())
  expect(levels.values).toEqual([
    { value: 'info', count: 450 },
    { value: 'error', count: 50 },
  ])
  const services = logValues.parse(await (await ask('fields/values', { field: 'service', prefix: 'OR' })).json())
  expect(services.values).toEqual([{ value: 'orders', count: 500 }])
})

test('a line is found with what stands around it', async () => {
  const { lines } = await search({ query: 'number:250', limit: '1' })
  const around = await (
    await fetch(`${server.url}/api/tidewatch/v1/logs/context?id=${lines[0]?.id}&before=2&after=1`)
  ).json()
  expect(around).toMatchObject({
    before: [{ attributes: { number: 248 } }, { attributes: { number: 249 } }],
    line: { attributes: { number: 250 } },
    after: [{ attributes: { number: 251 } }],
  })
})

test('exports have every line, and cells of a CSV are no formulas', async () => {
  const ndjson = await (await ask('export', { query: 'service:orders' })).text()
  expect(ndjson.trimEnd().split('\n')).toHaveLength(500)
  const json = (await (await ask('export', { query: 'service:orders', format: 'json' })).json()) as unknown[]
  expect(json).toHaveLength(500)
  const csv = await (await ask('export', { query: 'service:web', format: 'csv', columns: 'service,message' })).text()
  expect(csv).toBe('service,message\r\nweb,"\'=HYPERLINK(""http://x"")"\r\n')
})

test('similar lines are one pattern, whose query finds them', async () => {
  const { patterns, looked } = logPatterns.parse(await (await ask('patterns', { query: 'service:orders' })).json())
  expect(looked).toBe(500)
  expect(patterns[0]).toMatchObject({ template: 'order <*> took <*> ms', count: 500, isNew: true })
  const { end } = await search({ query: patterns[0]?.query ?? '', limit: '1000' })
  expect(end.found).toBe(500)
})

test('a query that cannot be read is answered with its place', async () => {
  for (const { language, query } of [
    { language: 'kql', query: 'service:(orders' },
    { language: 'lucene', query: 'service:[1 TO' },
    { language: 'logql', query: '{service=' },
    { language: 'logql', query: 'sum(rate({service="a"}[1m]))' },
  ]) {
    const answer = await ask('search', { language, query })
    expect(answer.status, query).toBe(400)
    expect(await answer.json()).toMatchObject({
      error: { code: 'query.parse', where: { span: { start: expect.any(Number) } } },
    })
  }
  expect((await ask('search', { cursor: 'nonsense' })).status).toBe(400)
  expect((await ask('search', { toMs: '1' })).status).toBe(400)
})

test('saved searches are kept, changed and deleted; a name is taken once', async () => {
  const url = `${server.url}/api/tidewatch/v1/logs/searches`
  const send = (method: string, path: string, body?: object): Promise<Response> =>
    fetch(url + path, { method, headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) })
  const search = { name: 'errors', query: 'level:error', language: 'kql', columns: ['service'] }
  const made = await send('POST', '', search)
  expect(made.status).toBe(201)
  const { id } = (await made.json()) as { readonly id: string }
  expect((await send('POST', '', search)).status).toBe(409)
  expect((await send('PUT', `/${id}`, { ...search, query: 'level:fatal' })).status).toBe(200)
  const listed = (await (await fetch(url)).json()) as { readonly searches: readonly object[] }
  expect(listed.searches).toMatchObject([{ id, name: 'errors', query: 'level:fatal', columns: ['service'] }])
  expect((await send('DELETE', `/${id}`)).status).toBe(204)
  expect((await send('DELETE', `/${id}`)).status).toBe(404)
})

test('what is kept is told by day', async () => {
  const kept = await (await fetch(`${server.url}/api/tidewatch/v1/logs/storage`)).json()
  expect(kept).toMatchObject({
    lines: expect.any(Number),
    perDay: [expect.objectContaining({ bytes: expect.any(Number) })],
  })
})

test('lines are kept by service and level, each class for itself', async () => {
  using dir = tempDir()
  const classes = '[{ level: debug, age: 3d }, { service: audit, age: 1y }]'
  dir.write('config/tidewatch.yml', `retention:\n  logs:\n    age: 30d\n    classes: ${classes}\n`)
  await using own = await startServer({ args: ['--config', `${dir.path}/config`] })
  await sendLogLines(own.url, [
    { level: 'debug' },
    { service: 'audit', level: 'info' },
    { level: 'info' },
    { service: 'audit' },
  ])
  const kept = logStorage.parse(await (await fetch(`${own.url}/api/tidewatch/v1/logs/storage`)).json())
  expect(kept.classes.map(({ days, lines: count }) => [days, count])).toEqual([
    [3, 1],
    [30, 1],
    [365, 2],
  ])
})

/** Events of a tail from its first on. */
async function* follow(query: string, signal: AbortSignal) {
  const url = `${server.url}/api/tidewatch/v1/logs/tail?${new URLSearchParams({ query, language: 'kql' })}`
  const { body } = await fetch(url, { signal })
  let text = ''
  for await (const chunk of body ?? []) {
    text += Buffer.from(chunk).toString()
    const whole = text.split('\n\n')
    text = whole.pop() ?? ''
    for (const event of whole) yield logTailEvent.parse(JSON.parse(event.replace('data: ', '')))
  }
}

test('a tail has every line of 20,000, or says what share; its lines can be found by their ids', async () => {
  const stop = new AbortController()
  const total = 20_000
  let shown = 0
  let matched = 0
  let id: string | undefined
  for await (const event of follow('service:tailed', stop.signal)) {
    if (event.type === 'idle') {
      for (let from = 0; from < total; from += 1000)
        await post(Array.from({ length: 1000 }, (_, i) => ({ service: 'tailed', message: `line ${from + i}` })))
      await post([{ service: 'silent', message: 'not followed' }])
      continue
    }
    shown += event.lines.length
    matched += event.matched
    expect(event.share).toBeCloseTo(event.lines.length / event.matched)
    expect(event.lines.every(({ service }) => service === 'tailed')).toBe(true)
    id ??= event.lines[0]?.id
    if (matched >= total) break
  }
  stop.abort()
  expect(matched).toBe(total)
  expect(shown).toBeGreaterThan(0)
  const around = await fetch(`${server.url}/api/tidewatch/v1/logs/context?id=${id}&before=0&after=0`)
  expect(await around.json()).toMatchObject({ line: { id, service: 'tailed' } })
})

test('who reads a tail slowly holds up nobody, and is told what was left out', async () => {
  const url = `${server.url}/api/tidewatch/v1/logs/tail?query=service:flood&language=kql`
  // takes the first event and then nothing until all was sent
  const events = await new Promise<string>((done, reject) => {
    get(url, (answer) => {
      const flood = async (): Promise<void> => {
        const padding = 'x'.repeat(1000)
        for (let batch = 0; batch < 30; batch++)
          await post(
            Array.from({ length: 1000 }, (_, i) => ({ service: 'flood', message: `${batch} ${i} ${padding}` })),
          )
      }
      const readOn = (): void => {
        let text = ''
        answer.on('data', (chunk: Buffer) => {
          text += chunk.toString()
          const counted = [...text.matchAll(/"share":[\d.e-]+,"matched":(\d+)|"matched":(\d+),"share"/g)]
          const matched = counted.reduce((sum, found) => sum + Number(found[1] ?? found[2]), 0)
          if (matched < 30_000) return
          answer.destroy()
          done(text)
        })
        answer.resume()
      }
      answer.once('data', () => {
        answer.pause()
        flood().then(readOn, reject)
      })
    }).on('error', reject)
  })
  expect(events.length).toBeLessThan(30_000_000)
  expect(events).toMatch(/"share":0\.\d/)
})

test('a search that is left stops in the engine', async () => {
  const stop = new AbortController()
  const wanted = new URLSearchParams({
    ...span,
    query: 'message:/.*(a|b|c|d).*(e|f|g)*x{3}.*/',
    language: 'lucene',
    limit: '10000',
  })
  const asked = fetch(`${server.url}/api/tidewatch/v1/logs/search?${wanted}`, { signal: stop.signal })
  stop.abort()
  await expect(asked).rejects.toThrow()
  // and the server answers on
  await eventually(async () => expect((await ask('search', { limit: '1' })).status).toBe(200))
})
