import { defaultProject } from '@tidewatch/core/matcher.ts'
import { FakeClock } from '@tidewatch/testkit/fake-clock.ts'
import { expect, test } from 'vitest'
import type { AlertSink } from '../../alerting/port.ts'
import { createLogger } from '../../self/logger.ts'
import { SecretAlarms } from './secret-alarms.ts'

type Told = Parameters<AlertSink['deliver']>[0][number]

function open() {
  const clock = new FakeClock(Date.UTC(2026, 10, 22, 3))
  const told: Told[] = []
  const sink: AlertSink = { deliver: async (alerts) => void told.push(...alerts) }
  const logger = createLogger({ clock, format: 'json', level: 'error', write: () => undefined })
  const alarms = new SecretAlarms({ sink: () => sink, clock, logger, externalUrl: () => 'https://tw.example' })
  const found = (service: string) =>
    alarms.found({
      project: defaultProject,
      sender: 'syslog from 10.0.0.7',
      service,
      kind: 'seed_phrase',
      field: 'body',
    })
  return { clock, told, found }
}

test('the alert names the sender, leads to its lines and to what to do, and is told once a minute', async () => {
  const { clock, told, found } = open()
  found('wallet api')
  found('wallet api')
  expect(told).toHaveLength(1)
  expect(told[0]).toMatchObject({
    annotations: {
      summary: 'the service wallet api (syslog from 10.0.0.7) logged a seed phrase in the field body.',
      runbook: 'docs/redaction.md, "At 3 a.m."',
    },
    generatorUrl: 'https://tw.example/logs?q=service%3A%22wallet%20api%22',
  })
  await clock.advance(60_000)
  found('wallet api')
  found('')
  expect(told.map(({ generatorUrl }) => generatorUrl).at(-1)).toBe('https://tw.example/logs')
  expect(told).toHaveLength(3)
  expect(told[1]?.startsAtMs).toBe(told[0]?.startsAtMs)
})
