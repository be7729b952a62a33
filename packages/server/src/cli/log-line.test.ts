import type { LogLine } from '@tidewatch/api/logs.ts'
import { expect, it } from 'vitest'
import { printLogLine } from './log-line.ts'

const line: LogLine = {
  ...{
    id: '1-1',
    timeNs: '1795000000123456789',
    severity: 17,
    severityText: 'ERROR',
    body: 'it failed',
    service: 'orders',
  },
  ...{ identity: { traceId: 'abc' }, resource: { host: 'a' }, attributes: { status: 500 } },
}

it('prints time, severity, service, message and fields', () => {
  expect(printLogLine(line, { isColored: false })).toBe(
    '2026-11-18T11:06:40.123Z ERROR orders it failed traceId=abc status=500',
  )
})

it('colours by severity', () => {
  expect(printLogLine(line, { isColored: true })).toContain('\u001b[31mERROR\u001b[0m')
})

it('shows what terminals would obey', () => {
  expect(printLogLine({ ...line, body: 'a\u001b[2Jb' }, { isColored: false })).toContain('a\\x1b[2Jb')
})
