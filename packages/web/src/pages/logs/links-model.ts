// Where a line leads: to the lines of the same trace, request, user, and to the metrics of that time. No React here.
import type { LogLine } from '@tidewatch/api/logs.ts'
import type { Search } from '../../data/search.ts'
import { queryOf } from './filters.ts'
import { identityName, timeMsOf } from './line-model.ts'

export interface LineLink {
  readonly title: string
  readonly value: string
  readonly path: '/logs' | '/explore' | '/alerts'
  readonly search: Search
}

/** How far around a line its counterparts are looked for, ms. */
const around = { traceId: 3_600_000, requestId: 3_600_000, sessionId: 86_400_000, user: 3_600_000, tx: 7 * 86_400_000 }
const wider = 86_400_000

const titles: Readonly<Record<string, string>> = {
  traceId: 'Same trace',
  requestId: 'Same request',
  sessionId: 'Same session',
  user: 'Same user',
  tx: 'Same transaction',
  wallet: 'Same wallet',
  contract: 'Same contract',
  release: 'Same release',
}

/** Only what the line names. */
export function linksOf(line: LogLine): LineLink[] {
  const atMs = timeMsOf(line)
  const same = Object.entries(titles).flatMap(([key, title]): LineLink[] => {
    const value = line.identity[key]
    if (value === undefined || value === '') return []
    const spanMs = Object.entries(around).find(([name]) => name === key)?.[1] ?? wider
    const search = { q: queryOf('kql', identityName(key), value), ...spanAround(atMs, spanMs) }
    return [{ title, value, path: '/logs', search }]
  })
  return [...same, ...metricLinks(line, atMs)]
}

function metricLinks(line: LogLine, atMs: number): LineLink[] {
  const range = spanAround(atMs, 900_000)
  const alerts: LineLink = {
    title: 'Alerts',
    value: 'what fired lately',
    path: '/alerts',
    search: { tab: 'history' },
  }
  if (line.service === '') return [{ title: 'Metrics', value: 'of that time', path: '/explore', search: range }, alerts]
  const query = `{job=${JSON.stringify(line.service)}}`
  return [
    { title: 'Metrics', value: `of ${line.service} at that time`, path: '/explore', search: { q: query, ...range } },
    alerts,
  ]
}

const spanAround = (atMs: number, spanMs: number): Search => ({
  from: new Date(atMs - spanMs).toISOString(),
  to: new Date(atMs + spanMs).toISOString(),
  range: undefined,
  live: undefined,
})
