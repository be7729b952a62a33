// Debian's promtool and calls as Grafana makes them, against the whole product.

import { type RunningServer, startServer } from '@tidewatch/testkit/server.ts'
import { series, snappyBlock } from '@tidewatch/testkit/write-request.ts'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { run } from './programs.ts'

const stack = new AsyncDisposableStack()
let server: RunningServer
/** A whole minute, in seconds, so that steps and samples meet. */
const endSeconds = Math.floor(Date.now() / 60_000) * 60 - 120
const startSeconds = endSeconds - 300

beforeAll(async () => {
  server = stack.use(await startServer())
  const samples = (from: number) =>
    Array.from({ length: 21 }, (_, i): [number, number] => [(startSeconds + 15 * i) * 1000, from + 3 * i])
  const body = snappyBlock(
    series({ __name__: 'orders_total', chain: 'ton', shop: 'a "b" ö' }, samples(100)),
    series({ __name__: 'orders_total', chain: 'eth', shop: 'c' }, samples(0)),
  )
  const headers = { 'content-type': 'application/x-protobuf', 'content-encoding': 'snappy' }
  const answer = await fetch(`${server.url}/api/v1/write`, { method: 'POST', headers, body: new Uint8Array(body) })
  expect(answer.ok).toBe(true)
})
afterAll(() => stack.disposeAsync())

async function promtool(...args: readonly string[]): Promise<string> {
  const { code, out, err } = await run('promtool', ['query', ...args])
  if (code !== 0) throw new Error(`promtool ended with ${code}: ${err}`)
  return out.trim()
}

describe('promtool query', () => {
  test('instant', async () => {
    const out = await promtool('instant', '--time', String(endSeconds), server.url, 'sum by (chain) (orders_total)')
    const at = `@[${endSeconds}]`
    expect(out.split('\n').sort()).toEqual([`{chain="eth"} => 60 ${at}`, `{chain="ton"} => 160 ${at}`])
  })

  test('range', async () => {
    const range = ['--start', String(startSeconds + 60), '--end', String(endSeconds), '--step', '120s']
    const out = await promtool('range', ...range, server.url, 'increase(orders_total{chain="eth"}[1m])')
    const points = [60, 180, 300].map((after) => `12 @[${startSeconds + after}]`)
    expect(out).toBe(`{chain="eth", shop="c"} =>\n${points.join('\n')}`)
  })

  test('series', async () => {
    const out = await promtool('series', '--match', 'orders_total', server.url)
    expect(out.split('\n').sort()).toEqual([
      '{__name__="orders_total", chain="eth", shop="c"}',
      '{__name__="orders_total", chain="ton", shop="a \\"b\\" ö"}',
    ])
  })

  test('labels', async () => {
    expect((await promtool('labels', server.url, 'chain')).split('\n')).toEqual(['eth', 'ton'])
    expect(await promtool('labels', server.url, 'shop')).toContain('a "b" ö')
  })

  test('each form of output, times as RFC 3339, headers, a step of its own choice', async () => {
    const at = new Date(endSeconds * 1000).toISOString()
    const [one] = JSON.parse(
      await promtool('instant', '-o', 'json', '--time', at, server.url, 'orders_total{shop="c"}'),
    )
    expect(one).toEqual({
      ...{ metric: { __name__: 'orders_total', chain: 'eth', shop: 'c' }, value: [endSeconds, '60'] },
    })
    const range = ['--start', new Date(startSeconds * 1000).toISOString(), '--end', at, '--header', 'X-Scope=1']
    const [series] = JSON.parse(await promtool('range', '-o', 'json', ...range, server.url, 'orders_total{shop="c"}'))
    // promtool takes a 250th of the range, in whole seconds
    expect(series.values).toHaveLength(301)
  })

  test('series and labels of several selectors in a time', async () => {
    const during = ['--start', String(startSeconds), '--end', String(endSeconds)]
    const both = ['--match', 'orders_total{chain="eth"}', '--match', 'orders_total{chain="ton"}']
    expect(
      (await promtool('series', '-o', 'json', ...both, ...during, server.url)).match(/orders_total/g),
    ).toHaveLength(2)
    const eth = ['--match', 'orders_total{chain="eth"}']
    expect(await promtool('labels', ...eth, ...during, server.url, 'chain')).toBe('eth')
    const before = ['--start', String(startSeconds - 7200), '--end', String(startSeconds - 3600)]
    expect(await promtool('labels', '--match', 'orders_total', ...before, server.url, 'chain')).toBe('')
  })

  test('a wrong expression, in words that it can read', async () => {
    await expect(promtool('instant', server.url, 'sum(')).rejects.toThrow(/bad_data.*parse error/)
  })
})

interface Answer {
  readonly status: string
  readonly data: never
  readonly errorType?: string
  readonly error?: string
}

async function postForm(path: string, form: readonly [string, string][]): Promise<{ status: number; answer: Answer }> {
  const body = new URLSearchParams(form)
  const response = await fetch(server.url + path, { method: 'POST', body })
  return { status: response.status, answer: (await response.json()) as Answer }
}

describe('calls as Grafana makes them', () => {
  test('are forms for instant and range queries', async () => {
    const instant = await postForm('/api/v1/query', [
      ['query', 'sum(orders_total)'],
      ['time', `${endSeconds}.000`],
    ])
    expect(instant).toEqual({
      status: 200,
      answer: {
        status: 'success',
        data: { resultType: 'vector', result: [{ metric: {}, value: [endSeconds, '220'] }] },
      },
    })
    const range = await postForm('/api/v1/query_range', [
      ['query', 'sum(increase(orders_total[1m0s]))'],
      ['start', new Date(startSeconds * 1000 + 60_000).toISOString()],
      ['end', String(endSeconds)],
      ['step', '120'],
    ])
    expect(range.answer.data).toEqual({
      resultType: 'matrix',
      result: [{ metric: {}, values: [60, 180, 300].map((after) => [startSeconds + after, '24']) }],
    })
  })

  test('ask for series and labels with several selectors', async () => {
    const form: [string, string][] = [
      ['match[]', 'orders_total{chain="eth"}'],
      ['match[]', 'orders_total{chain="ton"}'],
      ['start', String(startSeconds)],
      ['end', String(endSeconds)],
    ]
    expect((await postForm('/api/v1/series', form)).answer.data).toHaveLength(2)
    expect((await postForm('/api/v1/labels', form)).answer.data).toEqual(['__name__', 'chain', 'shop'])
    const one = new URLSearchParams(form.slice(0, 1))
    const values = await fetch(`${server.url}/api/v1/label/chain/values?${one}`)
    expect(await values.json()).toEqual({ status: 'success', data: ['eth'] })
  })

  test('learn what the server is', async () => {
    const build = (await (await fetch(`${server.url}/api/v1/status/buildinfo`)).json()) as Answer
    expect(build).toMatchObject({ status: 'success', data: { version: expect.stringMatching(/^3\.\d+\.\d+$/) } })
    const health = await postForm('/api/v1/query', [['query', '1+1']])
    expect(health.answer.data).toMatchObject({ resultType: 'scalar', result: [expect.any(Number), '2'] })
  })

  test('are refused in its form', async () => {
    const refused = await postForm('/api/v1/query_range', [['query', 'rate(orders_total)']])
    expect(refused).toMatchObject({ status: 400, answer: { status: 'error', errorType: 'bad_data' } })
    const tooMany = await postForm('/api/v1/query_range', [
      ['query', 'orders_total'],
      ['start', '0'],
      ['end', String(endSeconds)],
      ['step', '1'],
    ])
    expect(tooMany.answer.error).toContain('exceeded maximum resolution of 11,000 points')
  })
})
