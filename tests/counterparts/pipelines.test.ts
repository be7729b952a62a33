// A team's folder as it is: a Logstash pipeline with its inputs, files that logrotate turns over, Docker's files, the journal by a stand-in.
import { appendFileSync, chmodSync, mkdirSync, statSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { join } from 'node:path'
import { freePort } from '@tidewatch/testkit/free-port.ts'
import { eventually, type RunningServer, startServer } from '@tidewatch/testkit/server.ts'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { run, type TempDir, tempDir } from './programs.ts'

const stack = new AsyncDisposableStack()
let dir: TempDir
let server: RunningServer
let ports: { readonly tcp: number; readonly http: number }

interface Source {
  readonly message: string
  readonly [field: string]: unknown
}

async function found(query: string, count: number): Promise<readonly Source[]> {
  return await eventually(async () => {
    const response = await fetch(`${server.url}/_search?${new URLSearchParams({ q: query, size: '1000' })}`)
    const answer = (await response.json()) as {
      readonly hits?: { readonly hits: readonly { readonly _source: Source }[] }
    }
    const lines = (answer.hits?.hits ?? []).map(({ _source }) => _source)
    if (lines.length !== count)
      throw new Error(`${query}: ${lines.length} lines, not ${count}: ${JSON.stringify(lines).slice(0, 2000)}`)
    return lines.sort((a, b) => (a.message < b.message ? -1 : 1))
  })
}

const at = (...names: string[]): string => join(dir.path, ...names)

const journal = `#!/bin/sh
case "$*" in
  *after-cursor=c2*) n=3 ;;
  *) n=1 ;;
esac
while [ $n -le 3 ]; do
  printf '{"__CURSOR":"c%s","__REALTIME_TIMESTAMP":"%s000000","PRIORITY":"4","SYSLOG_IDENTIFIER":"cron","MESSAGE":"journal-%s"}\\n' $n $(date +%s) $n
  n=$((n+1))
done
sleep 1000 & trap 'kill $!' TERM; wait
`

beforeAll(async () => {
  dir = stack.use(tempDir())
  ports = { tcp: await freePort(), http: await freePort() }
  for (const folder of ['logstash/pipeline', 'logs', 'docker/abc']) mkdirSync(at(folder), { recursive: true })
  writeFileSync(at('logs/api.log'), 'ERROR read-before\nERROR first\n')
  const { ino } = statSync(at('logs/api.log'))
  writeFileSync(at('sincedb'), `${ino} 0 51713 18 1700000000.5 ${at('logs/api.log')}\n`)
  writeFileSync(
    at('logstash/pipeline/10-in.conf'),
    `input {
  tcp { port => ${ports.tcp} host => "127.0.0.1" codec => json }
  http { port => ${ports.http} host => "127.0.0.1" }
  file { path => "${at('logs/*.log')}" start_position => "beginning" sincedb_path => "${at('sincedb')}" type => "api" }
}`,
  )
  writeFileSync(
    at('logstash/pipeline/20-filter.conf'),
    `filter {
  if [type] == "api" { grok { match => { "message" => "%{LOGLEVEL:level} %{GREEDYDATA:text}" } } }
  if [level] == "error" { mutate { add_tag => ["error"] } }
}
output { elasticsearch { hosts => ["es:9200"] index => "wagob-logs-%{+YYYY.MM.dd}" } }`,
  )
  writeFileSync(
    at('docker/abc/config.v2.json'),
    JSON.stringify({
      ID: 'abc',
      Name: '/web-1',
      Config: { Image: 'web:2', Labels: { 'com.docker.compose.service': 'web' } },
    }),
  )
  const entry = (log: string): string =>
    `${JSON.stringify({ log, stream: 'stdout', time: new Date().toISOString() })}\n`
  writeFileSync(
    at('docker/abc/abc-json.log'),
    entry('docker-plain\n') + entry('{"level":"error","msg":"docker-json"}\n') + entry('docker-par') + entry('tial\n'),
  )
  writeFileSync(at('journalctl'), journal)
  chmodSync(at('journalctl'), 0o755)
  writeFileSync(
    at('tidewatch.yml'),
    `files:
  - paths: ${at('access/*.log')}
    service: nginx
docker:
  directory: ${at('docker')}
  start: beginning
journald:
  command: ${at('journalctl')}
  start: beginning
`,
  )
  mkdirSync(at('access'))
  server = stack.use(await startServer({ args: ['--config', dir.path] }))
})

afterAll(() => stack.disposeAsync())

test('JSON lines by TCP go through the pipeline to its index', async () => {
  const socket = connect(ports.tcp, '127.0.0.1')
  socket.end('{"message":"by-tcp","level":"error","context":"ContractMonitor"}\nnot-json-by-tcp\n')
  const [line] = await found('message:"by-tcp" AND level:error', 1)
  expect(line).toMatchObject({ tags: ['error'], context: 'ContractMonitor' })
  const [text] = await found('message:"not-json-by-tcp"', 1)
  expect(text?.tags).toEqual(['_jsonparsefailure'])
  // the day of the line: around midnight it may be over
  const day = String(line?.['@timestamp']).slice(0, 10).replaceAll('-', '.')
  const response = await fetch(`${server.url}/wagob-logs-${day}/_count?q=context:ContractMonitor`)
  expect(await response.json()).toMatchObject({ count: 1 })
})

test('requests to the http input are events', async () => {
  const send = (body: string, type: string): Promise<Response> =>
    fetch(`http://127.0.0.1:${ports.http}/`, { method: 'POST', body, headers: { 'content-type': type } })
  expect((await send('[{"message":"by-http-1"},{"message":"by-http-2"}]', 'application/json')).status).toBe(200)
  expect((await send('by-http-3', 'text/plain')).status).toBe(200)
  await found('message:("by-http-1" OR "by-http-2" OR "by-http-3")', 3)
})

test('the file input goes on where Logstash was, and through logrotate', async () => {
  await found('message:first', 1)
  await found('message:"read-before"', 0)
  const logrotate = '/usr/sbin/logrotate'
  writeFileSync(at('rotate.conf'), `${at('logs/api.log')} {\n  rotate 5\n  compress\n  missingok\n  create\n}\n`)
  for (const word of ['second', 'third']) {
    appendFileSync(at('logs/api.log'), `INFO ${word}\n`)
    expect(await run(logrotate, ['-f', '-s', at('rotate.state'), at('rotate.conf')])).toMatchObject({ code: 0 })
    const [line] = await found(`message:"${word}"`, 1)
    expect(line).toMatchObject({ level: 'INFO', text: word })
  }
})

test('files of tidewatch.yml, Docker and the journal are read', async () => {
  writeFileSync(
    at('access/a.log'),
    '127.0.0.1 - - [22/Nov/2026:01:00:00 +0000] "GET /shop HTTP/1.1" 500 12 "-" "curl"\n',
  )
  const [access] = await found('service:nginx', 1)
  expect(access).toMatchObject({ http: { response: { status_code: 500 } }, url: { path: '/shop' } })
  const docker = await found('service:web', 3)
  expect(docker.map(({ message, msg }) => message ?? msg).sort()).toEqual([
    'docker-json',
    'docker-partial',
    'docker-plain',
  ])
  await found('service:cron', 3)
})

test('the playground shows what becomes of a line', async () => {
  const response = await fetch(`${server.url}/api/tidewatch/v1/logs/pipelines/try`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ format: 'yaml', text: 'steps:\n  - mutate:\n      add_tag: [x]\n', sample: 'hello' }),
  })
  const answer = (await response.json()) as { readonly events: readonly { readonly out: readonly unknown[] }[] }
  expect(answer.events[0]?.out[0]).toMatchObject({ message: 'hello', tags: ['x'] })
})

test('what pipelines and files do is counted', async () => {
  const text = await (await fetch(`${server.url}/metrics`)).text()
  expect(text).toMatch(/tidewatch_pipeline_events_total\{pipeline="logstash\/pipeline\/\*.conf",what="stored"\} [1-9]/)
  expect(text).toMatch(/tidewatch_files_lines_total\{source="journald"\} 3/)
  expect(server.output()).toContain('lines are kept here; nothing is sent to es:9200')
})
