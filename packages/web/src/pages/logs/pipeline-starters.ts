// What stands in the playground at first, and what was written there last in this tab. No React here.
import type { PipelineTrial } from '../../data/logs.ts'

const sample = `203.0.113.7 GET /api/orders 200 12.5
203.0.113.9 POST /api/pay 502 1840.2
not a line of that kind
{"message": "203.0.113.7 GET /health 200 0.4", "service": "shop"}
`

export const starters: Readonly<Record<PipelineTrial['format'], PipelineTrial>> = {
  logstash: {
    format: 'logstash',
    sample,
    text: `filter {
  grok {
    match => { "message" => "%{IP:client} %{WORD:method} %{URIPATH:path} %{INT:status:int} %{NUMBER:took_ms:float}" }
  }
  if [path] == "/health" {
    drop { }
  }
  if [status] and [status] >= 500 {
    mutate { add_tag => ["server_error"] }
  }
}
`,
  },
  yaml: {
    format: 'yaml',
    sample,
    text: `filter:
  - grok:
      match:
        message: '%{IP:client} %{WORD:method} %{URIPATH:path} %{INT:status:int} %{NUMBER:took_ms:float}'
  - if: '[path] == "/health"'
    then:
      - drop: {}
  - if: '[status] and [status] >= 500'
    then:
      - mutate: { add_tag: [server_error] }
`,
  },
}

const key = 'tidewatch.logs.pipeline'

export function keepTrial(storage: Storage, trial: PipelineTrial): void {
  try {
    storage.setItem(key, JSON.stringify(trial))
  } catch {
    // storage may be forbidden or full; a reload then begins anew
  }
}

export function keptTrial(storage: Storage): PipelineTrial | undefined {
  try {
    const kept: unknown = JSON.parse(storage.getItem(key) ?? 'null')
    if (typeof kept !== 'object' || kept === null) return undefined
    const { text, format, sample: lines } = kept as Partial<Record<keyof PipelineTrial, unknown>>
    if (typeof text !== 'string' || typeof lines !== 'string') return undefined
    return { text, sample: lines, format: format === 'yaml' ? 'yaml' : 'logstash' }
  } catch {
    // storage may be forbidden, or hold what is not ours
    return undefined
  }
}
