import type { LogLine } from '@tidewatch/api/logs.ts'
import { expect, it } from 'vitest'
import { cellText, exactTime, fieldsOf, isoNs, jsonOf, levelState, levelWord, shortTime } from './line-model.ts'

const line: LogLine = {
  id: 'a1',
  timeNs: '1764212058902113004',
  severity: 17,
  severityText: 'ERROR',
  body: 'payment failed',
  service: 'api',
  identity: { traceId: '4bf92f3577b34da6a3ce929d0e0e4736', requestId: 'r-1', environment: 'production' },
  resource: { 'host.name': 'eu-1' },
  attributes: { status: 502, tags: ['a', 'b'], ok: false },
}

it('lists fields by the names that queries know', () => {
  expect(fieldsOf(line).map(({ name, place, values }) => `${place} ${name}=${values.join('|')}`)).toEqual([
    'column level=error',
    'column service=api',
    'column trace_id=4bf92f3577b34da6a3ce929d0e0e4736',
    'column request_id=r-1',
    'column environment=production',
    'attribute status=502',
    'attribute tags=a|b',
    'attribute ok=false',
    'resource host.name=eu-1',
  ])
})

it('finds a cell by any name of a column', () => {
  const cells = ['level', 'service.name', 'traceId', 'trace_id', 'env', 'status', 'tags', 'host.name', 'nothing', 'msg']
  expect(cells.map((name) => cellText(line, name))).toEqual([
    ...['error', 'api', line.identity.traceId, line.identity.traceId, 'production', '502', 'a, b', 'eu-1', ''],
    'payment failed',
  ])
})

it('shows times to the ms in the list and to the ns in detail', () => {
  const nowMs = 1764212100000
  expect(shortTime(line.timeNs, 'utc', nowMs)).toBe('02:54:18.902')
  expect(shortTime(line.timeNs, 'utc', nowMs + 86_400_000)).toBe('27 Nov 02:54:18.902')
  expect(exactTime(line.timeNs, 'utc')).toBe('27 Nov 2025, 02:54:18.902 113 004 UTC')
  expect(isoNs(line.timeNs)).toBe('2025-11-27T02:54:18.902113004Z')
})

it('tells levels by word and shape', () => {
  expect([levelWord(line), levelState('error'), levelState('warn'), levelState('info')]).toEqual([
    ...['error', 'critical', 'warning', undefined],
  ])
  expect(levelWord({ severity: 0, severityText: 'odd' })).toBe('odd')
})

it('gives the line as JSON under the names that queries know', () => {
  expect(JSON.parse(jsonOf(line))).toMatchObject({
    '@timestamp': '2025-11-27T02:54:18.902113004Z',
    message: 'payment failed',
    trace_id: line.identity.traceId,
    status: 502,
    resource: { 'host.name': 'eu-1' },
  })
})
