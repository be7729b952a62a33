import { metric, type RulePack, selector } from './pack.ts'

export const indexer: RulePack = {
  name: 'indexer',
  title: 'Indexer of a chain',
  summary: 'Tells when the indexer falls behind the chain.',
  parameters: [
    metric('lag', 'Histogram of the lag in seconds, without _bucket', 'indexer_lag_seconds'),
    { name: 'seconds', title: 'Lag in seconds', kind: 'number', fallback: '300' },
    selector('Only these series'),
  ],
  text: `groups:
  - name: indexer
    rules:
      - alert: IndexerHighLag
        expr: |-
          histogram_quantile(0.95, sum by (job, le) (rate(<<lag>>_bucket{<<selector>>}[5m]))) > <<seconds>>
        for: 10m
        labels: { severity: warning }
        annotations:
          summary: 'The indexer is {{ $value | humanizeDuration }} behind the chain'
`,
}
