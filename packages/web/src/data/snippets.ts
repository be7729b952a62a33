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
    text: `groups:
  - name: first
    rules:
      - alert: TargetDown
        expr: up == 0
        for: 2m
        labels:
          severity: critical
        annotations:
          summary: '{{ $labels.job }} on {{ $labels.instance }} does not answer'
`,
  },
]
