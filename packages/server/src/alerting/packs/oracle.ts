import { metric, type RulePack, selector } from './pack.ts'

export const oracle: RulePack = {
  name: 'oracle',
  title: 'Price oracle',
  summary: 'Wakes people when updates of prices fail again and again.',
  parameters: [
    metric('errors', 'Counter of failed updates', 'oracle_errors_total'),
    { name: 'per_second', title: 'Failures in a second', kind: 'number', fallback: '0.1' },
    selector('Only these series'),
  ],
  text: `groups:
  - name: oracle
    rules:
      - alert: OraclePriceUpdateFailures
        expr: |-
          sum by (job) (rate(<<errors>>{<<selector>>}[5m])) > <<per_second>>
        labels: { severity: critical }
        annotations:
          summary: 'Updates of prices fail {{ printf "%.2f" $value }} times a second'
`,
}
