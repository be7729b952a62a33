import { FakeClock } from '@tidewatch/testkit/fake-clock.ts'
import { expect, test } from 'vitest'
import { createLogger } from '../../self/logger.ts'
import { createMetrics } from '../../self/metrics.ts'
import type { GroupRunner } from './group-runner.ts'
import { addRuleMetrics } from './rule-metrics.ts'

const runner = (iterations: number, missed: number): GroupRunner =>
  ({
    group: { file: 'a.yml', name: 'shop' },
    intervalMs: 30_000,
    status: {
      rules: [{}, {}],
      lastEvaluationMs: 1_700_000_000_000,
      evaluationSeconds: 0.25,
      counts: { iterations, missed, evaluations: iterations * 2, failures: 1 },
      lastSamples: 7,
    },
  }) as unknown as GroupRunner

test('groups are told by their own name; one that came back counts on, one that is gone has no rules', () => {
  const logger = createLogger({ clock: new FakeClock(), format: 'json', level: 'info', write: () => undefined })
  const metrics = createMetrics({ logger })
  let groups: readonly GroupRunner[] = [runner(10, 2)]
  addRuleMetrics(metrics, () => groups)
  const values = () =>
    Object.fromEntries(
      metrics
        .render()
        .filter(({ labels }) => labels.rule_group === 'a.yml;shop')
        .map(({ name, value }) => [name, value]),
    )
  expect(values()).toEqual({
    tidewatch_rule_group_iterations_total: 10,
    tidewatch_rule_group_iterations_missed_total: 2,
    tidewatch_rule_evaluations_total: 20,
    tidewatch_rule_evaluation_failures_total: 1,
    tidewatch_rule_group_interval_seconds: 30,
    tidewatch_rule_group_rules: 2,
    tidewatch_rule_group_last_duration_seconds: 0.25,
    tidewatch_rule_group_last_evaluation_timestamp_seconds: 1_700_000_000,
    tidewatch_rule_group_last_evaluation_samples: 7,
  })
  groups = [runner(13, 2)]
  expect(values()).toMatchObject({ tidewatch_rule_group_iterations_total: 13 })
  groups = []
  expect(values()).toMatchObject({ tidewatch_rule_group_rules: 0, tidewatch_rule_group_iterations_total: 13 })
  groups = [runner(1, 0)]
  expect(values()).toMatchObject({ tidewatch_rule_group_rules: 2, tidewatch_rule_group_iterations_total: 14 })
})
