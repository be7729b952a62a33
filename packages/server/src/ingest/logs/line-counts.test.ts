import { logRecord } from '@tidewatch/core/log-record.ts'
import { defaultProject } from '@tidewatch/core/matcher.ts'
import { expect, test } from 'vitest'
import { createLogger } from '../../self/logger.ts'
import { createMetrics } from '../../self/metrics.ts'
import { fakeLogs } from './fakes.ts'
import { countLogLines, maxCountedServices } from './line-counts.ts'

test('lines are counted by service and level, and services beyond the limit together', async () => {
  const { intake, clock } = fakeLogs()
  const metrics = createMetrics({ logger: createLogger({ clock, format: 'json', level: 'error', write: () => {} }) })
  const counted = (): string[] =>
    metrics
      .render()
      .filter(({ name }) => name === 'tidewatch_log_lines_total')
      .map(({ labels, value }) => `${labels.service} ${labels.level} ${value}`)
  using counting = countLogLines(metrics, intake)
  const store = async (services: readonly string[], severity: number): Promise<void> => {
    using request = intake.begin({ project: defaultProject, sender: 'test' })
    for (const service of services) request.add(logRecord({ service, severity, body: 'x' }))
    await request.store()
  }
  await store(['api', 'api', '', 'web'], 9)
  await store(['api'], 17)
  await store(['api'], 0)
  expect(counted()).toEqual(['api unknown 1', 'api info 2', 'api error 1', 'unknown info 1', 'web info 1'])
  await store(['web'], 9)
  expect(counted()).toContain('web info 2')
  await store(
    Array.from({ length: maxCountedServices }, (_, i) => `many-${i}`),
    9,
  )
  expect(counted()).toContain('_other info 3')
  expect(counted()).toContain('many-0 info 1')
  expect(counted()).toContain('api info 2')
  counting[Symbol.dispose]()
  await store(['api'], 9)
  expect(counted()).toContain('api info 2')
})
