import { metric, type RulePack, selector } from './pack.ts'

export const database: RulePack = {
  name: 'database',
  title: 'Databases',
  summary: 'Wakes people when the database cannot be reached, and tells when queries become slow.',
  parameters: [
    metric('reachable', 'Gauge that is 0 where the database cannot be reached', 'pg_up'),
    metric('duration', 'Histogram of query durations in seconds, without _bucket', 'database_query_duration_seconds'),
    selector('Only these series'),
  ],
  text: `groups:
  - name: database
    rules:
      - alert: DatabaseConnectionFailure
        expr: |-
          <<reachable>>{<<selector>>} == 0
        for: 1m
        labels: { severity: critical }
        annotations:
          summary: 'The database at {{ $labels.instance }} cannot be reached'
      - alert: SlowDatabaseQueries
        expr: |-
          histogram_quantile(0.95, sum by (job, le) (rate(<<duration>>_bucket{<<selector>>}[5m]))) > 1
        for: 5m
        labels: { severity: warning }
        annotations:
          summary: 'One query of twenty of {{ $labels.job }} takes {{ $value | humanizeDuration }} or more'
`,
}
