// Texts that work as pasted: this server's address and a real key in place. No React here.
import type { Snippet } from '../ui/code-block.tsx'

/** Stands where a key belongs until one was made. */
const keyPlaceholder = 'YOUR_INGEST_KEY'

/** Ways to bring metrics. */
export function metricSnippets(origin: string, key: string = keyPlaceholder): Snippet[] {
  return [
    {
      title: 'prometheus.yml',
      text: `remote_write:
  - url: ${origin}/api/v1/write
    authorization:
      credentials: ${key}
`,
    },
    {
      title: 'Grafana Alloy',
      text: `prometheus.remote_write "tidewatch" {
  endpoint {
    url          = "${origin}/api/v1/write"
    bearer_token = "${key}"
  }
}
`,
    },
    {
      title: 'Scrape from here',
      text: `# Start Tidewatch with the scrape configuration that you have:
#   npm start -- --config prometheus.yml
scrape_configs:
  - job_name: api
    static_configs:
      - targets: ['10.0.0.1:8080', '10.0.0.2:8080']
`,
    },
    ...pushSnippets(origin, key),
  ]
}

/** What applications and jobs send by themselves. */
function pushSnippets(origin: string, key: string): Snippet[] {
  return [
    {
      title: 'OpenTelemetry',
      text: `# in the environment of the application
OTEL_EXPORTER_OTLP_ENDPOINT=${origin}
OTEL_EXPORTER_OTLP_PROTOCOL=http/protobuf
OTEL_EXPORTER_OTLP_HEADERS="authorization=Bearer ${key}"
`,
    },
    {
      title: 'Pushgateway',
      text: `echo "rows_total 42" | curl -u key:${key} --data-binary @- \\
  ${origin}/metrics/job/night_batch/instance/eu-1
`,
    },
    {
      title: 'StatsD',
      text: `# tidewatch.yml: where to listen, and who may send
listeners:
  statsd:
    address: 127.0.0.1:8125
    networks: [127.0.0.0/8]
`,
    },
    {
      title: 'CloudWatch',
      text: `AWS_ACCESS_KEY_ID=${key} AWS_SECRET_ACCESS_KEY=unused AWS_REGION=eu-central-1 \\
  aws cloudwatch put-metric-data --endpoint-url ${origin} \\
  --namespace Shop --metric-name RequestCount --value 12
`,
    },
    {
      title: 'One value',
      text: `curl -H 'Authorization: Bearer ${key}' -H 'Content-Type: application/json' \\
  -d '{"name": "orders_open", "value": 12, "labels": {"shop": "eu"}}' \\
  ${origin}/api/tidewatch/v1/push
`,
    },
  ]
}

/** Ways to ask for metrics. */
export function readSnippets(origin: string, token: string): Snippet[] {
  return [
    { title: 'curl', text: `curl -H 'Authorization: Bearer ${token}' \\\n  '${origin}/api/v1/query?query=up'\n` },
    {
      title: 'Grafana',
      text: `# provisioning/datasources/tidewatch.yml
apiVersion: 1
datasources:
  - name: Tidewatch
    type: prometheus
    access: proxy
    url: ${origin}
    jsonData:
      httpMethod: POST
      httpHeaderName1: Authorization
    secureJsonData:
      httpHeaderValue1: Bearer ${token}
`,
    },
  ]
}

/** A whole rule file with one rule that suits everybody. */
export const exampleRules = (group: string): string => `groups:
  - name: ${group}
    rules:
      - alert: TargetDown
        expr: up == 0
        for: 2m
        labels:
          severity: critical
        annotations:
          summary: '{{ $labels.job }} on {{ $labels.instance }} does not answer'
`

/** What a rule file looks like, and how it is brought. */
export const ruleSnippets: readonly Snippet[] = [
  {
    title: 'prometheus.yml',
    text: `rule_files:
  - rules/*.yml
`,
  },
  {
    title: 'rules/first.yml',
    text: exampleRules('first'),
  },
]
