import { metric, type RulePack, selector } from './pack.ts'

export const http: RulePack = {
  name: 'http',
  title: 'Errors and slowness of an HTTP API',
  summary: 'Tells when too many requests fail, and when answers become slow, by job.',
  parameters: [
    metric('requests', 'Counter of requests', 'http_requests_total'),
    metric('duration', 'Histogram of durations in seconds, without _bucket', 'http_request_duration_seconds'),
    { name: 'failed', title: 'What marks a failed request', kind: 'selector', fallback: 'status=~"5.."' },
    selector('Only these series'),
    { name: 'error_share', title: 'Share of failed requests', kind: 'number', fallback: '0.05' },
    { name: 'error_severity', title: 'How bad too many errors are', kind: 'severity', fallback: 'critical' },
  ],
  text: `groups:
  - name: http
    rules:
      - alert: HighErrorRate
        expr: |-
          sum by (job) (rate(<<requests>>{<<failed>>,<<selector>>}[5m])) / sum by (job) (rate(<<requests>>{<<selector>>}[5m])) > <<error_share>>
        for: 5m
        labels: { severity: <<error_severity>> }
        annotations:
          summary: '{{ $value | humanizePercentage }} of the requests to {{ $labels.job }} fail'
      - alert: SlowAPIResponse
        expr: |-
          histogram_quantile(0.95, sum by (job, le) (rate(<<duration>>_bucket{<<selector>>}[5m]))) > 2
        for: 10m
        labels: { severity: warning }
        annotations:
          summary: 'One request of twenty to {{ $labels.job }} takes {{ $value | humanizeDuration }} or more'
      - alert: HighResponseTime
        expr: |-
          histogram_quantile(0.95, sum by (job, le) (rate(<<duration>>_bucket{<<selector>>}[5m]))) > 3
        for: 5m
        labels: { severity: warning }
        annotations:
          summary: 'One request of twenty to {{ $labels.job }} takes {{ $value | humanizeDuration }} or more'
`,
}
