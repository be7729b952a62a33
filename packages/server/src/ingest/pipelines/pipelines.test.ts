import type { LogRecord } from '@tidewatch/core/log-record.ts'
import { defaultProject } from '@tidewatch/core/matcher.ts'
import { FakeClock } from '@tidewatch/testkit/fake-clock.ts'
import { describe, expect, it } from 'vitest'
import { createMetrics } from '../../self/metrics.ts'
import type { SpoolSection } from '../../spool/port.ts'
import { FakeSpool } from '../fakes.ts'
import { type FakeLogs, fakeLogs } from '../logs/fakes.ts'
import { listeners, receivers } from '../receivers/registry.ts'
import { defaultSettings, type LineSource, lineSources, pipelinesSection } from './config.ts'
import { createLineRoutes, type LineRoutes } from './line-routes.ts'
import { loadAlone, loadPipelines } from './load.ts'
import { Outputs } from './outputs.ts'
import { pipedIntake } from './piped-intake.ts'
import type { LoadedPipeline, PipelineMail } from './port.ts'
import { PipelineRun } from './run.ts'
import { readSincedb } from './sincedb.ts'
import { TrialObserver, tryPipeline } from './trial.ts'

const clock = new FakeClock(Date.UTC(2026, 5, 1, 12))
const encoder = new TextEncoder()

/** Knows what was there, as the real one does. */
class OnceSpool extends FakeSpool {
  readonly #hashes = new Set<string>()
  override async append(sections: readonly SpoolSection[], { bodyHash }: { readonly bodyHash?: string } = {}) {
    const duplicate = bodyHash !== undefined && this.#hashes.has(bodyHash)
    if (bodyHash !== undefined) this.#hashes.add(bodyHash)
    if (!duplicate) await super.append(sections)
    return { duplicate }
  }
}
const printed: string[] = []
const logger = {
  debug() {},
  info: (text: string) => void printed.push(text),
  warn() {},
  error() {},
  child: () => logger,
}

const load = (...texts: string[]) =>
  loadPipelines(
    texts.map((text, i) => ({ name: `logstash/${i}.conf`, path: `/c/logstash/${i}.conf`, text })),
    { settings: defaultSettings(), clock, env: {} },
  )

function loaded(...texts: string[]): LoadedPipeline {
  const read = load(...texts)
  if (!read.ok) throw new Error(JSON.stringify(read.problems))
  return read.value[0] as LoadedPipeline
}

/** What becomes of lines that come in by the pipeline's first input, or by a receiver of ours where it has none. */
async function through(
  text: string,
  lines: readonly string[],
  mail?: (one: PipelineMail) => Promise<void>,
): Promise<LogRecord[]> {
  const logs = fakeLogs({ clock })
  const { pipeline } = loaded(text)
  const metrics = createMetrics({ logger })
  const sent = metrics.counter({
    name: 'tidewatch_pipeline_messages_total',
    help: 'x',
    labels: ['pipeline', 'output', 'outcome'],
  })
  await using outputs = new Outputs({ name: 'p', clock, logger, sent, outside: { mail, post: async () => 200 } })
  const run = new PipelineRun(pipeline, outputs)
  const [input] = pipeline.inputs
  const intake = pipedIntake({ logs: logs.intake, clock, run, ...(input === undefined ? {} : { input }) })
  using request = intake.begin({ project: defaultProject, sender: 'test' })
  request.setResource(
    new Map([
      ['host.name', 'h1'],
      ['log.file.path', '/var/log/a.log'],
    ]),
  )
  for (const line of lines) {
    const bytes = encoder.encode(line)
    if (!line.startsWith('{') || request.addJson(bytes, 0, bytes.length) !== undefined)
      request.addText(bytes, 0, bytes.length)
  }
  expect(request.length).toBe(lines.length)
  await request.store()
  await clock.advance(1)
  return logs.lines
}

const wagob = `input { tcp { port => 5044 codec => json } }
filter {
  if [level] == "error" { mutate { add_tag => ["error"] } }
  if [context] == "ContractMonitor" { mutate { add_tag => ["blockchain"] } }
  grok { match => { "message" => "%{GREEDYDATA:parsed_message}" } }
  date { match => ["timestamp", "ISO8601"] }
}
output {
  elasticsearch { hosts => ["elasticsearch:9200"] index => "wagob-logs-%{+YYYY.MM.dd}" }
  if "error" in [tags] { email { to => "ops@example.org" subject => "Error: %{message}" body => "%{context}: %{message}" } }
}`

it('keeps what goes to elasticsearch under its index, with its tags, time and source', async () => {
  const mails: PipelineMail[] = []
  const [line, text] = await through(
    wagob,
    [
      '{"level":"error","message":"no block","context":"ContractMonitor","timestamp":"2026-06-01T10:00:00.123Z","jobId":7,"big":12345678901234567890}',
      'plain words',
    ],
    async (mail) => void mails.push(mail),
  )
  expect(line).toMatchObject({ body: 'no block', severity: 17, timeNs: 1_780_308_000_123_000_000n })
  expect(Object.fromEntries(line?.resource ?? [])).toEqual({
    ...{ host: 'h1', path: '/var/log/a.log', index: 'wagob-logs-2026.06.01' },
  })
  expect(Object.fromEntries(line?.attributes ?? [])).toMatchObject({
    ...{ tags: ['error', 'blockchain'], parsed_message: 'no block', context: 'ContractMonitor', jobId: 7 },
    big: '12345678901234567890',
  })
  expect(text?.attributes.get('tags')).toEqual(['_jsonparsefailure'])
  expect(mails).toEqual([{ to: 'ops@example.org', subject: 'Error: no block', body: 'ContractMonitor: no block' }])
})

it('stores three ways where blocks stand under filter, and says that it is odd', async () => {
  const text = `filter {
  grok { match => { "message" => "%{LOGLEVEL:loglevel} %{GREEDYDATA:rest}" } }
  if [loglevel] == "ERROR" { elasticsearch { hosts => ["es"] index => "malar-errors" } }
  else { elasticsearch { hosts => ["es"] index => "malar-logs" } }
}
output { elasticsearch { index => "malar-market-ledger" } stdout { codec => line } }`
  const lines = await through(text, ['ERROR a', 'INFO b', 'neither'])
  expect(lines.map(({ body, resource }) => `${body} ${resource.get('index')}`)).toEqual([
    ...['ERROR a malar-errors', 'ERROR a malar-market-ledger', 'INFO b malar-logs', 'INFO b malar-market-ledger'],
    ...['neither malar-logs', 'neither malar-market-ledger'],
  ])
  expect(lines[5]?.attributes.get('tags')).toEqual(['_grokparsefailure'])
  expect(printed.slice(-3)).toEqual(['ERROR a', 'INFO b', 'neither'])
  expect(loaded(text).notes.map(({ where, message }) => [where.line, message.slice(0, 30)])).toEqual([
    [3, 'elasticsearch stands under fil'],
    [4, 'elasticsearch stands under fil'],
    [3, 'lines are kept here; nothing i'],
    [4, 'lines are kept here; nothing i'],
  ])
})

it('keeps everything of a file without outputs, nothing of what was dropped', async () => {
  const lines = await through('filter { if [level] == "debug" { drop {} } }', [
    '{"level":"debug"}',
    '{"level":"info","message":"x"}',
  ])
  expect(lines.map(({ body }) => body)).toEqual(['x'])
})

it('sends no more mail than people can read', async () => {
  let mails = 0
  const lines = Array.from({ length: 500 }, (_, i) => `{"level":"error","message":"${i}"}`)
  expect(await through(wagob, lines, async () => void mails++)).toHaveLength(500)
  expect(mails).toBeLessThanOrEqual(21)
})

it('puts the files of a folder together, and tells faults where they stand', () => {
  const read = load(
    'input { tcp { port => 5000 } }\n',
    'filter { mutat {} }',
    'output { null {} file { path => "/x" } }',
  )
  expect(read.ok ? [] : read.problems.map(({ where }) => [where.file, where.line])).toEqual([['logstash/1.conf', 1]])
  const refused = load('output {\n file { path => "/x/%{a}" } }')
  expect(refused.ok ? '' : refused.problems[0]?.message).toContain('any file of this machine')
  const twice = load('input { tcp { port => 5000 } beats { port => 5000 } }')
  expect(twice.ok ? '' : twice.problems[0]?.message).toContain('port 5000')
})

it('shows what a sample becomes, and which step failed', async () => {
  const observer = new TrialObserver()
  const pipeline = loadAlone(
    'filter {\n grok { match => { "message" => "%{NUMBER:n:int}" } }\n if [n] == 2 { drop {} }\n mutate { add_field => { "v" => "${HOME}" } }\n}\noutput { elasticsearch { index => "a" } }',
    { format: 'logstash', clock, observer },
  )
  const { signal } = new AbortController()
  const { events, problems } = await tryPipeline(pipeline, 'x 1\ny\n\n{"message":"2"}', {
    observer,
    clock,
    signal,
    maxMs: 1000,
  })
  expect(problems).toEqual([])
  expect(
    events.map(({ line, out, outputs, failures }) => [
      line,
      out.map(({ n, v }) => [n, v]),
      outputs,
      failures.map((one) => [one.step, one.line, one.tag]),
    ]),
  ).toEqual([
    [1, [[1, '${HOME}']], ['elasticsearch a'], []],
    [2, [[undefined, '${HOME}']], ['elasticsearch a'], [['grok', 2, '_grokparsefailure']]],
    [4, [], [], []],
  ])
  const wrong = await tryPipeline(loadAlone('filter { x {', { format: 'logstash', clock, observer }), 'a', {
    observer,
    clock,
    signal,
    maxMs: 1000,
  })
  expect(wrong.problems[0]).toMatchObject({ line: 1 })
})

describe('lines of our own receivers', () => {
  const lead = async (
    routes: readonly Record<string, unknown>[],
    send: (logs: LineRoutes, fake: FakeLogs) => Promise<void>,
    text = 'filter { grok { match => { "message" => "%{NUMBER:n:int} %{GREEDYDATA:rest}" } } mutate { remove_field => ["service"] } }',
  ) => {
    const settings = pipelinesSection.schema.parse({ routes })
    const file = { name: 'pipelines/plain.conf', path: '/c/pipelines/plain.conf', text }
    const read = loadPipelines([file], { settings, clock, env: {} })
    if (!read.ok) throw new Error(JSON.stringify(read.problems))
    const fake = fakeLogs({ clock, spool: new OnceSpool() })
    const lines = createLineRoutes({ logs: fake.intake, clock })
    const sent = createMetrics({ logger }).counter({ name: 'tidewatch_x_total', help: 'x', labels: ['a', 'b', 'c'] })
    await using outputs = new Outputs({
      ...{ name: 'p', clock, logger, sent, outside: { mail: undefined, post: async () => 200 } },
    })
    const [{ pipeline, routes: placed } = { pipeline: undefined, routes: [] }] = read.value
    if (pipeline === undefined) throw new Error('no pipeline')
    const run = new PipelineRun(pipeline, outputs)
    lines.lead(placed.map((route) => ({ ...route, run })))
    await send(lines, fake)
    return fake.lines
  }
  const push = async (
    { from }: LineRoutes,
    kind: string,
    lines: readonly string[],
    { service = '', body, id }: { readonly service?: string; readonly body?: Uint8Array; readonly id?: string } = {},
  ) => {
    using request = from(kind).begin({ project: defaultProject, sender: 'test' })
    request.setService(service)
    request.setResource(new Map([['host.name', 'h1']]))
    for (const line of lines) {
      const bytes = encoder.encode(line)
      if (line.startsWith('{')) expect(request.addJson(bytes, 0, bytes.length, id)).toBeUndefined()
      else request.addText(bytes, 0, bytes.length)
    }
    expect(request.length).toBe(lines.length)
    return await request.store(body === undefined ? {} : { body })
  }

  it('go through the pipeline that their route names; a failure is a tag', async () => {
    const lines = await lead([{ from: 'loki', pipeline: 'plain.conf' }], async (routes) => {
      await push(routes, 'loki', ['1 one', 'none'])
      await push(routes, 'syslog', ['2 two'])
    })
    expect(lines.map(({ body, attributes }) => [body, attributes.get('n'), attributes.get('tags')])).toEqual([
      ['1 one', 1, undefined],
      ['none', undefined, ['_grokparsefailure']],
      ['2 two', undefined, undefined],
    ])
  })

  it('are kept as they came where they do not fit, line by line', async () => {
    const match = { service: ['ngin*', 'web'], 'host.name': 'h1' }
    const lines = await lead([{ from: ['logs', 'otlp'], match, pipeline: 'plain.conf' }], async (routes) => {
      await push(routes, 'logs', ['{"message":"1 a","service":"nginx"}', '{"message":"2 b","service":"shop"}', '3 c'], {
        service: 'web',
      })
    })
    expect(
      lines.map(({ body, service, attributes, resource }) => [body, service, attributes.get('n'), resource.size]),
    ).toEqual([
      ['1 a', '', 1, 1],
      ['2 b', 'shop', undefined, 1],
      ['3 c', '', 3, 1],
    ])
    expect(lines[1]?.resource.get('host.name')).toBe('h1')
  })

  it('that are sent again count once where their sender or their time tells them apart, else each time', async () => {
    const lines = await lead([{ from: 'all', pipeline: 'pipelines/plain.conf' }], async (routes) => {
      const again = async (line: string, options: { readonly id?: string } = {}) => {
        for (let i = 0; i < 2; i++)
          await push(routes, 'elasticsearch', [line], { ...options, body: encoder.encode(line) })
      }
      await again('{"message":"1 a"}', { id: 'a' })
      await again('{"message":"2 b","@timestamp":"2026-06-01T10:00:00Z"}')
      await again('{"message":"3 c"}')
    })
    expect(lines.map(({ body, attributes }) => [body, attributes.get('_id')])).toEqual([
      ['1 a', 'a'],
      ['2 b', undefined],
      ['3 c', undefined],
      ['3 c', undefined],
    ])
  })

  it('are refused a route to nowhere, with what there is', () => {
    const settings = pipelinesSection.schema.parse({ routes: [{ from: 'syslog', pipeline: 'x.conf' }] })
    const read = loadPipelines([{ name: 'a.conf', path: '/c/a.conf', text: 'filter {}' }], { settings, clock, env: {} })
    expect(read.ok ? [] : read.problems).toMatchObject([
      { message: 'there is no pipeline "x.conf"', where: { key: 'pipelines.routes[0]' }, fix: 'Name one of a.conf.' },
    ])
    expect(() => pipelinesSection.schema.parse({ routes: [{ from: 'sislog', pipeline: 'x' }] })).toThrow('syslog')
  })

  it('have a name for each way in that brings lines', () => {
    const kinds = [...receivers, ...listeners].map(({ kind }) => kind)
    const others = ['remote-write', 'pushgateway', 'push', 'statsd', 'files', 'docker', 'journald']
    expect(
      [...kinds, 'files', 'docker', 'journald'].filter((kind) => !others.slice(0, 4).includes(kind)).sort(),
    ).toEqual([...lineSources].sort())
  })

  it('are tried as their receiver brings them', async () => {
    const observer = new TrialObserver()
    const loadedText = loadAlone('filter {}', { format: 'logstash', clock, observer })
    const { signal } = new AbortController()
    const tried = async (sample: string, from: LineSource) => {
      const { events } = await tryPipeline(loadedText, sample, { observer, clock, signal, maxMs: 1000, from })
      return events[0]?.out[0]
    }
    expect(await tried('<34>1 2026-06-01T10:00:00Z h su - - - failed', 'syslog')).toMatchObject({
      ...{ message: 'failed', service: 'su', '@timestamp': '2026-06-01T10:00:00.000Z' },
    })
    expect(await tried('{"a":1}', 'loki')).toMatchObject({ message: '{"a":1}' })
    expect(await tried('{"a":1}', 'logs')).toMatchObject({ a: 1 })
  })
})

it('reads what Logstash wrote of files that it has read', () => {
  expect(readSincedb('4821 0 51713 1024 1700000000.5 /var/log/a b.log\n17 0 1 5\nnonsense\n')).toEqual([
    { inode: 4821n, position: 1024, path: '/var/log/a b.log' },
    { inode: 17n, position: 5, path: '' },
  ])
})
