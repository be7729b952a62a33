// The kit's evaluations: lines of log queries, vectors and series of metric queries.
import { AppError } from '@tidewatch/core/error.ts'
import type { Labels } from '@tidewatch/core/labels.ts'
import { expect, test } from 'vitest'
import { z } from 'zod'
import { evaluateLogs, type LogEntry } from './evaluate-logs.ts'
import { evaluateMetrics } from './evaluate-metrics.ts'
import { parse } from './parse.ts'
import { type LogqlCase, labelSet, lacksLogqlKit, loadLogqlKit, sortedLabels } from './testing/kit.ts'
import { memoryLines } from './testing/memory-lines.ts'

const signal = new AbortController().signal
const nowMs = (): number => 1_735_700_000_000
const toNs = (seconds: number): bigint => BigInt(Math.round(seconds * 1e9))

const plain = (labels: Labels): Record<string, string> =>
  sortedLabels(Object.fromEntries([...labels.entries()].filter(([name]) => !name.startsWith('__error'))))
const keyOf = (labels: Record<string, string>): string => JSON.stringify(Object.entries(labels).sort())

async function answer(one: LogqlCase, source: ReturnType<typeof memoryLines>): Promise<unknown> {
  const expr = parse(one.query)
  if (one.kind === 'log') {
    if (expr.kind !== 'log') throw new Error('no log query')
    const entries: LogEntry[] = []
    const { start, end, direction } = one
    const window = { fromNs: toNs(start), toNs: toNs(end), direction, limit: 1000, nowMs, signal }
    for await (const batch of evaluateLogs(expr, source, window)) entries.push(...batch)
    return entries.map(({ timeNs, line, labels }, i) => ({
      time: Number(timeNs) / 1e9,
      line,
      ...(one.expect?.[i]?.labels === undefined ? {} : { labels: plain(labels) }),
    }))
  }
  if (expr.kind === 'log') throw new Error('no metric query')
  const [start, end, step] = one.kind === 'instant' ? [one.time, one.time, 1] : [one.start, one.end, one.step]
  const options = { startMs: start * 1000, endMs: end * 1000, stepMs: step * 1000, nowMs, signal }
  const result = await evaluateMetrics(expr, source, options)
  if (result.kind === 'scalar') return [{ labels: {}, value: result.value }]
  const rows = result.rows.map(({ labels, values, present }) => ({
    labels: plain(labels),
    values: [...values].flatMap((value, i) => (present[i] === 1 ? [[start + i * step, value] as const] : [])),
  }))
  return one.kind === 'instant' ? rows.map(({ labels, values }) => ({ labels, value: values[0][1] })) : rows
}

const byLabels = (list: unknown): unknown => {
  const parsed = z.array(z.looseObject({ labels: labelSet })).safeParse(list)
  return parsed.success ? parsed.data.toSorted((a, b) => keyOf(a.labels).localeCompare(keyOf(b.labels))) : list
}

/** Numbers to nine places, so that sums in another order are the same. */
const rounded = (value: unknown): unknown =>
  JSON.parse(JSON.stringify(value ?? []), (_key, inner: unknown) =>
    typeof inner === 'number' ? Number(inner.toPrecision(12)) : inner,
  )

function loadKit(): { readonly cases: readonly LogqlCase[]; readonly source: () => ReturnType<typeof memoryLines> } {
  const { cases, streams } = loadLogqlKit()
  const lines = streams.map(({ labels, values }) => ({
    labels,
    lines: values.map(([time, line]) => ({ timeNs: toNs(time), line })),
  }))
  return { cases, source: () => memoryLines(lines) }
}

test.skipIf(lacksLogqlKit)('evaluates what the kit has', async () => {
  const { cases, source } = loadKit()
  expect(cases.length).toBeGreaterThanOrEqual(131)
  const wrong: unknown[] = []
  for (const one of cases) {
    const got = await answer(one, source()).catch((error: unknown) => error)
    if (one.expectError !== undefined) {
      if (!(got instanceof AppError) || got.kind !== 'bad_input') wrong.push({ id: one.id, query: one.query, got })
      continue
    }
    const expected = one.expect
    const isSame =
      !(got instanceof Error) &&
      JSON.stringify(rounded(one.kind === 'log' ? got : byLabels(got))) ===
        JSON.stringify(rounded(one.kind === 'log' ? expected : byLabels(expected)))
    if (!isSame) wrong.push({ id: one.id, query: one.query, expected, got: got instanceof Error ? got.message : got })
  }
  expect(wrong).toEqual([])
})
