import { expect, it } from 'vitest'
import { logsOfAlert } from './alert-logs.ts'

const nowMs = Date.parse('2026-11-22T03:00:00Z')

it('looks at the service of the alert, from before it began', () => {
  const search = logsOfAlert({ labels: { job: 'a"b' }, activeAtMs: nowMs - 3_600_000 }, nowMs)
  expect(search).toMatchObject({
    q: 'service: "a\\"b"',
    from: '2026-11-22T01:45:00.000Z',
    to: '2026-11-22T03:00:00.000Z',
  })
})

it('ends soon after the alert did, and looks at all lines where no service is named', () => {
  const ended = { labels: {}, activeAtMs: nowMs - 7_200_000, endedAtMs: nowMs - 3_600_000 }
  expect(logsOfAlert(ended, nowMs)).toMatchObject({ q: undefined, to: '2026-11-22T02:05:00.000Z' })
})
