// What rule groups tell of themselves in /metrics: Prometheus's prometheus_rule_… under our own name.
import { msToSeconds } from '@tidewatch/core/time.ts'
import type { Metrics } from '../../self/port.ts'
import type { GroupCounts, GroupRunner } from './group-runner.ts'

type Status = GroupRunner['status']

const counters: readonly [name: string, help: string, count: keyof GroupCounts][] = [
  ['rule_group_iterations_total', 'Evaluations of the group.', 'iterations'],
  [
    'rule_group_iterations_missed_total',
    'Evaluations that were left out, since the one before took too long.',
    'missed',
  ],
  ['rule_evaluations_total', 'Evaluations of rules of the group.', 'evaluations'],
  ['rule_evaluation_failures_total', 'Evaluations of rules of the group that failed.', 'failures'],
]

const gauges: readonly [name: string, help: string, read: (status: Status, runner: GroupRunner) => number][] = [
  ['rule_group_interval_seconds', 'Interval of the group.', (_status, { intervalMs }) => msToSeconds(intervalMs)],
  ['rule_group_rules', 'Rules in the group; 0 once it is gone.', ({ rules }) => rules.length],
  [
    'rule_group_last_duration_seconds',
    'How long the last evaluation took.',
    ({ evaluationSeconds }) => evaluationSeconds,
  ],
  [
    'rule_group_last_evaluation_timestamp_seconds',
    'As of when the group was last evaluated, in Unix seconds.',
    ({ lastEvaluationMs }) => msToSeconds(lastEvaluationMs ?? 0),
  ],
  ['rule_group_last_evaluation_samples', 'Series that the last evaluation wrote.', ({ lastSamples }) => lastSamples],
]

/** Groups are known by `file;name`, as in Prometheus. */
export function addRuleMetrics(metrics: Metrics, groups: () => readonly GroupRunner[]): void {
  const labels = ['rule_group']
  const counterFamilies = counters.map(([name, help, count]) => {
    return { family: metrics.counter({ name: `tidewatch_${name}`, help, labels }), count }
  })
  const gaugeFamilies = gauges.map(([name, help, read]) => {
    return { family: metrics.gauge({ name: `tidewatch_${name}`, help, labels }), read, isSize: name.endsWith('_rules') }
  })
  const told = new Map<string, GroupCounts>()
  metrics.beforeRead(() => {
    const gone = new Set(told.keys())
    for (const runner of groups()) {
      const key = `${runner.group.file};${runner.group.name}`
      gone.delete(key)
      const { status } = runner
      const before = told.get(key) ?? { iterations: 0, missed: 0, evaluations: 0, failures: 0 }
      // a group that came back counts from 0
      for (const { family, count } of counterFamilies) {
        const now = status.counts[count]
        family.with(key).add(now < before[count] ? now : now - before[count])
      }
      for (const { family, read } of gaugeFamilies) family.with(key).set(read(status, runner))
      told.set(key, { ...status.counts })
    }
    for (const key of gone) {
      told.delete(key)
      for (const { family, isSize } of gaugeFamilies) if (isSize) family.with(key).set(0)
    }
  })
}
