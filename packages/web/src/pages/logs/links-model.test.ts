import type { LogLine } from '@tidewatch/api/logs.ts'
import { expect, it } from 'vitest'
import { linksOf } from './links-model.ts'

const line: LogLine = {
  id: 'a1',
  timeNs: '1764212058902113004',
  severity: 17,
  severityText: 'ERROR',
  body: 'payment failed',
  service: 'api',
  identity: { traceId: '4bf92f', environment: 'production', user: 'o"b' },
  resource: {},
  attributes: {},
}

it('leads to what the line names, around its time', () => {
  const links = linksOf(line)
  expect(links.map(({ title, value }) => `${title}: ${value}`)).toEqual([
    'Same trace: 4bf92f',
    'Same user: o"b',
    'Metrics: of api at that time',
    'Alerts: what fired lately',
  ])
  expect(links[0]?.search).toMatchObject({ q: 'trace_id.keyword: "4bf92f"', from: '2025-11-27T01:54:18.902Z' })
  expect(links[1]?.search.q).toBe('user_id.keyword: "o\\"b"')
  expect(links[2]?.search.q).toBe('{job="api"}')
})
