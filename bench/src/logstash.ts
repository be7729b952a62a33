// Events a second through a usual pipeline of Logstash: grok of an access log, date, user agent, conditions, mutate, an index by day; and kv and JSON.
import { systemClock } from '@tidewatch/core/clock.ts'
import { grokEngine } from '@tidewatch/grok/engine.ts'
import { LogEvent } from '@tidewatch/logstash/event.ts'
import { loadPipeline } from '@tidewatch/logstash/pipeline.ts'
import { Timestamp } from '@tidewatch/logstash/values.ts'

const events = Number(process.env.EVENTS ?? 50_000)

const access = `filter {
  grok { match => { "message" => "%{COMBINEDAPACHELOG}" } remove_field => ["message"] }
  date { match => ["timestamp", "dd/MMM/yyyy:HH:mm:ss Z"] }
  useragent { source => "agent" target => "ua" }
  mutate { convert => { "response" => "integer" "bytes" => "integer" } }
  if [response] >= 500 or "_grokparsefailure" in [tags] { mutate { add_tag => ["alert"] } }
  else if [request] =~ /^\\/health/ { drop {} }
}
output { elasticsearch { index => "web-%{+YYYY.MM.dd}" } }`

const json = `filter {
  json { source => "message" }
  date { match => ["time", "ISO8601"] remove_field => ["time"] }
  if [level] == "error" { mutate { add_tag => ["error"] add_field => { "title" => "%{service}: %{msg}" } } }
}
output { elasticsearch { index => "app-%{[service]}-%{+YYYY.MM.dd}" } }`

const pairs = 'filter { kv { source => "message" target => "kv" } mutate { rename => { "[kv][user]" => "user" } } }'

const agent =
  'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/120.0.0.0 Safari/537.36'

const runs: readonly (readonly [name: string, file: string, line: (i: number) => string])[] = [
  [
    'access log: grok, date, useragent, mutate, if',
    access,
    (i) =>
      `10.0.${i % 256}.7 - - [22/Nov/2026:10:${String(i % 60).padStart(2, '0')}:01 +0000] "GET /items/${i} HTTP/1.1" ${i % 50 === 0 ? 500 : 200} ${i % 9000} "-" "${agent}"`,
  ],
  [
    'JSON: json, date, if, mutate',
    json,
    (i) =>
      `{"time":"2026-11-22T10:00:00.${String(i % 1000).padStart(3, '0')}Z","level":"${i % 10 === 0 ? 'error' : 'info'}","service":"api","msg":"request ${i}","took":${i % 300}}`,
  ],
  ['pairs: kv, mutate', pairs, (i) => `user=u${i % 100} status=200 took=${i % 300} path="/a b/${i}" agent='x'`],
]

for (const [name, file, line] of runs) {
  const { pipeline, problems } = loadPipeline(file, { file: 'bench.conf', clock: systemClock, grok: grokEngine })
  if (pipeline === undefined) throw new Error(JSON.stringify(problems))
  const lines = Array.from({ length: 1000 }, (_, i) => line(i))
  const run = (count: number): number => {
    const start = performance.now()
    for (let i = 0; i < count; i++)
      pipeline.process(new LogEvent({ message: lines[i % lines.length] as string, '@timestamp': new Timestamp(0) }))
    return performance.now() - start
  }
  run(Math.min(events, 5000))
  const ms = run(events)
  console.log(`${name}: ${Math.round((events / ms) * 1000).toLocaleString('en')} events/s`)
}
