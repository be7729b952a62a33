// The kit's evaluations of LogQL, as a client has them: its lines pushed as Loki's clients push, its queries asked as Grafana asks.
import { type RunningServer, startServer } from '@tidewatch/testkit/server.ts'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { z } from 'zod'
import {
  type LogqlCase,
  lacksLogqlKit,
  loadLogqlKit,
  sortedLabels,
} from '../../packages/logquery/src/logql/testing/kit.ts'

const streamsData = z.array(
  z.object({
    stream: z.record(z.string(), z.string()),
    values: z.array(
      z.tuple([z.string(), z.string(), z.object({ parsed: z.record(z.string(), z.string()).optional() })]),
    ),
  }),
)
const sample = z.tuple([z.number(), z.string()])
const seriesData = z.array(
  z.object({ metric: z.record(z.string(), z.string()), value: sample.optional(), values: z.array(sample).optional() }),
)
const answerBody = z.object({ data: z.object({ resultType: z.string(), result: z.unknown() }) })

/** What the server adds by itself, as Loki does. */
const added = new Set(['service_name', 'detected_level'])
const plain = (labels: Readonly<Record<string, string>>): Record<string, string> =>
  sortedLabels(
    Object.fromEntries(Object.entries(labels).filter(([name]) => !name.startsWith('__error') && !added.has(name))),
  )
const toNs = (seconds: number): string => String(BigInt(Math.round(seconds * 1e9)))

const stack = new AsyncDisposableStack()
let server: RunningServer
beforeAll(async () => {
  server = stack.use(await startServer({ args: ['--retention', 'off'] }))
  const { streams } = loadLogqlKit()
  const body = streams.map(({ labels, values }) => ({
    stream: labels,
    values: values.map(([at, line]) => [toNs(at), line]),
  }))
  const response = await fetch(`${server.url}/loki/api/v1/push`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ streams: body }),
  })
  expect(response.status, await response.text()).toBe(204)
})
afterAll(() => stack.disposeAsync())

async function ask(
  path: string,
  query: Readonly<Record<string, string>>,
): Promise<{ readonly resultType: string; readonly result: unknown } | number> {
  const response = await fetch(`${server.url}/loki/api/v1/${path}?${new URLSearchParams(query)}`, {
    headers: { 'x-loki-response-encoding-flags': 'categorize-labels' },
  })
  if (response.status !== 200) return response.status
  return answerBody.parse(await response.json()).data
}

async function answer(one: LogqlCase): Promise<unknown> {
  const { query } = one
  const data =
    one.kind === 'instant'
      ? await ask('query', { query, time: toNs(one.time) })
      : await ask('query_range', {
          ...{ query, start: toNs(one.start), end: toNs(one.end), limit: '1000' },
          ...(one.kind === 'log' ? { direction: one.direction } : { step: String(one.step) }),
        })
  if (typeof data === 'number') return data
  if (one.kind === 'log') return linesOf(data.result, one)
  if (data.resultType === 'scalar') return [{ labels: {}, value: Number(sample.parse(data.result)[1]) }]
  return seriesData
    .parse(data.result)
    .map(({ metric, value, values }) =>
      value === undefined
        ? { labels: plain(metric), values: (values ?? []).map(([at, text]) => [at, Number(text)]) }
        : { labels: plain(metric), value: Number(value[1]) },
    )
}

/** All streams' lines in the order asked for; those of one time as they are expected. */
function linesOf(result: unknown, { expect: expected, direction }: Extract<LogqlCase, { kind: 'log' }>): unknown {
  const places = new Map((expected ?? []).map(({ time, line }, i) => [`${time} ${line}`, i]))
  const found = streamsData.parse(result).flatMap(({ stream, values }) =>
    values.map(([ns, line, { parsed = {} }]) => ({
      time: Number(ns) / 1e9,
      line,
      labels: plain({ ...stream, ...parsed }),
    })),
  )
  const place = ({ time, line }: { readonly time: number; readonly line: string }): number =>
    places.get(`${time} ${line}`) ?? -1
  const way = direction === 'forward' ? 1 : -1
  const ordered = found.toSorted((a, b) => way * (a.time - b.time) || place(a) - place(b))
  return ordered.map((line, i) => (expected?.[i]?.labels === undefined ? { time: line.time, line: line.line } : line))
}

const keyOf = (value: unknown): string => JSON.stringify(value)
const byLabels = (list: unknown): unknown =>
  Array.isArray(list) ? list.toSorted((a, b) => keyOf(a).localeCompare(keyOf(b))) : list

/** Numbers to twelve places, so that sums in another order are the same. */
const rounded = (value: unknown): unknown =>
  JSON.parse(JSON.stringify(value ?? []), (_key, inner: unknown) =>
    typeof inner === 'number' ? Number(inner.toPrecision(12)) : inner,
  )

test.skipIf(lacksLogqlKit)(
  'every evaluation of the kit, over HTTP',
  async () => {
    const cases = loadLogqlKit().cases
    expect(cases.length).toBeGreaterThanOrEqual(131)
    const wrong: unknown[] = []
    for (const one of cases) {
      const got = await answer(one)
      if (one.expectError !== undefined) {
        if (got !== 400) wrong.push({ id: one.id, query: one.query, got })
        continue
      }
      const isLog = one.kind === 'log'
      const isSame =
        keyOf(rounded(isLog ? got : byLabels(got))) === keyOf(rounded(isLog ? one.expect : byLabels(one.expect)))
      if (!isSame) wrong.push({ id: one.id, query: one.query, expected: one.expect, got })
    }
    expect(wrong).toEqual([])
  },
  120_000,
)
