import type { RuleGroup } from '@tidewatch/api/prometheus.ts'
import { expect, it } from 'vitest'
import { countRules, liveAlerts } from './rules.ts'

const alert = (state: 'firing' | 'pending', severity: string, activeAt: string) => ({
  labels: { alertname: `${severity}-${activeAt}`, severity },
  annotations: {},
  state,
  activeAt,
  value: '1',
})
const group = (alerts: ReturnType<typeof alert>[]): RuleGroup => ({
  name: 'g',
  file: 'rules.yml',
  interval: 15,
  rules: [
    {
      type: 'alerting',
      name: 'A',
      query: 'up == 0',
      health: 'ok',
      state: 'firing',
      duration: 0,
      annotations: {},
      alerts,
    },
    { type: 'recording', name: 'r', query: 'x', health: 'err', lastError: 'no' },
  ],
})

it('orders what fires before what pends, by severity, then by age', () => {
  const groups = [
    group([
      alert('pending', 'critical', '2026-11-21T03:00:00Z'),
      alert('firing', 'warning', '2026-11-21T03:00:00Z'),
      alert('firing', 'critical', '2026-11-21T03:06:00Z'),
      alert('firing', 'critical', '2026-11-21T03:02:00Z'),
    ]),
  ]
  expect(liveAlerts(groups).map((live) => `${live.state} ${live.alert.labels.alertname}`)).toEqual([
    'firing critical-2026-11-21T03:02:00Z',
    'firing critical-2026-11-21T03:06:00Z',
    'firing warning-2026-11-21T03:00:00Z',
    'pending critical-2026-11-21T03:00:00Z',
  ])
  expect(countRules(groups)).toEqual({ rules: 2, failing: 1 })
})
