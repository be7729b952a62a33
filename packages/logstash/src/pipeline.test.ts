import { grokEngine } from '@tidewatch/grok/engine.ts'
import { describe, expect, it } from 'vitest'
import { LogEvent } from './event.ts'
import { mergeFields } from './event-time.ts'
import { type LoadOptions, type LoadResult, loadPipeline, type Processed } from './pipeline.ts'
import { jsonText, type ValueMap } from './values.ts'

const nowMs = Date.UTC(2026, 10, 22, 12, 30)
const load = (text: string, options: Partial<LoadOptions> = {}): LoadResult =>
  loadPipeline(text, {
    file: 'logstash.conf',
    clock: { nowMs: () => nowMs, monotonicMs: () => 0, sleep: () => Promise.resolve() },
    grok: grokEngine,
    ...options,
  })

function run(text: string, fields: ValueMap, options: Partial<LoadOptions> = {}): readonly Processed[] {
  const { pipeline, problems } = load(text, options)
  expect(problems).toEqual([])
  const event = new LogEvent({})
  mergeFields(event, fields)
  return pipeline?.process(event) ?? []
}

const after = (filter: string, fields: ValueMap, options: Partial<LoadOptions> = {}): unknown =>
  run(`filter { ${filter} }`, fields, options).map(({ event }) => JSON.parse(jsonText(event.data)))

describe('conditions', () => {
  const holds = (condition: string, fields: ValueMap): boolean => {
    const [first] = run(`filter { if ${condition} { mutate { add_field => { "yes" => "1" } } } }`, fields)
    return first?.event.data.yes === '1'
  }
  it.each<[string, ValueMap, boolean]>([
    ['[a] == 1', { a: 1 }, true],
    ['[a] == 1', { a: '1' }, false],
    ['[a] == "1"', { a: 1 }, false],
    ['[a] != "x"', {}, true],
    ['[a] < 5', {}, false],
    ['[a] >= 5', { a: 5 }, true],
    ['[a] > "b"', { a: 'c' }, true],
    ['[a]', { a: '' }, false],
    ['[a]', { a: 'false' }, false],
    ['[a]', { a: 0 }, true],
    ['![a]', { a: null }, true],
    ['"error" in [tags]', { tags: ['error'] }, true],
    ['"err" in [tags]', { tags: ['error'] }, false],
    ['"err" in [message]', { message: 'an error' }, true],
    ['[level] in ["a", "b"]', { level: 'b' }, true],
    ['[status] in ["200", "500"]', { status: 500 }, true],
    ['[a] not in [list]', { a: 1, list: [1, 2] }, false],
    ['[a] =~ /^b.d$/', { a: 'bad' }, true],
    ['[a] =~ /1/', { a: 1 }, false],
    ['[a] !~ "x"', {}, true],
    ['[path] =~ /^\\/api\\/v[0-9]+/', { path: '/api/v2/x' }, true],
    ['[a] xor [b]', { a: 1 }, true],
    ['[a] nand [b]', { a: 1, b: 1 }, false],
    ['[a] or [b] and [c]', { a: 1 }, true],
    ['[x][y] == "z"', { x: { y: 'z' } }, true],
    ['[list][-1] == 3', { list: [1, 2, 3] }, true],
  ])('%s on %j', (condition, fields, expected) => {
    expect(holds(condition, fields)).toBe(expected)
  })

  it('that compare a text with a number are false, and a tag says so', () => {
    expect(after('if [a] > 400 { drop {} }', { a: '500' })).toEqual([{ a: '500', tags: ['_condition_type_failure'] }])
  })
})

it('writes fields and times into texts', () => {
  const text =
    'mutate { add_field => { "out" => "%{a}|%{[b][c]}|%{none}|%{list}|%{b}|%{+YYYY.MM.dd}|%{+%s}|%{{yyyy-MM-dd}}|%{@timestamp}" } }'
  const [event] = run(`filter { ${text} }`, {
    '@timestamp': '2024-02-03T04:05:06.789Z',
    a: 1,
    b: { c: 'x' },
    list: ['p', 2],
  })
  expect(event?.event.data.out).toBe(
    '1|x|%{none}|p,2|{"c":"x"}|2024.02.03|1706933106|2024-02-03|2024-02-03T04:05:06.789Z',
  )
})

it('fills in the environment, and reads escapes where that is asked for', () => {
  const file = 'mutate { add_field => { "a" => "${HOST:none}" "b" => "x\\ty" "c" => "${SET}" } }'
  expect(after(file, {}, { environment: { SET: 's' } })).toEqual([{ a: 'none', b: 'x\\ty', c: 's' }])
  expect(after(file, {}, { environment: { SET: 's' }, supportEscapes: true })).toEqual([
    { a: 'none', b: 'x\ty', c: 's' },
  ])
  const [problem] = load(`filter { ${file} }`).problems
  expect(problem?.message).toContain('${SET} stands for nothing')
})

it('names every filter and setting that it does not know, with its line', () => {
  const { pipeline, problems } = load(
    'filter {\n  mutate { add_tags => ["x"] }\n  ruby { code => "1" }\n  mutat {}\n}\noutput { kafka { topic => "x" } }',
  )
  expect(pipeline).toBeUndefined()
  expect(problems.map(({ where, message }) => [where.line, message])).toEqual([
    [2, 'mutate has no setting add_tags'],
    [3, 'the filter ruby is not run here'],
    [4, 'there is no filter mutat'],
    [6, 'there is no output kafka here'],
  ])
  expect(problems[0]?.fix).toContain('Is add_tag meant? It takes add_field, add_tag')
})

it('stores what a block under filter names beside the output, and says that it is odd', () => {
  const file = `filter {
  grok { match => { "message" => "%{LOGLEVEL:loglevel} %{GREEDYDATA:rest}" } }
  if [loglevel] == "ERROR" { elasticsearch { hosts => ["es:9200"] index => "malar-errors" } }
  else { elasticsearch { hosts => ["es:9200"] index => "malar-logs" } }
}
output { elasticsearch { hosts => ["es:9200"] index => "malar-market-ledger-%{+YYYY.MM.dd}" } }`
  const { notes } = load(file)
  expect(notes.map(({ where, message }) => [where.line, message.includes('under filter')])).toEqual([
    [3, true],
    [4, true],
  ])
  const indexes = (message: string): unknown =>
    run(file, { message, '@timestamp': '2024-02-03T00:00:00Z' }).flatMap(({ deliveries }) =>
      deliveries.map(({ rendered }) => rendered.get('index')),
    )
  expect(indexes('ERROR x')).toEqual(['malar-errors', 'malar-market-ledger-2024.02.03'])
  expect(indexes('INFO x')).toEqual(['malar-logs', 'malar-market-ledger-2024.02.03'])
})

it('runs the steps behind a split for each part, and bounds the parts', () => {
  const file = 'split { field => "items" } mutate { add_tag => ["part"] }'
  expect(after(file, { items: ['a', 'b'] })).toEqual([
    { items: 'a', tags: ['part'] },
    { items: 'b', tags: ['part'] },
  ])
  expect(after(file, { items: ['a', 'b'] }, { maxEvents: 1 })).toEqual([
    { items: ['a', 'b'], tags: ['_split_limit_failure', 'part'] },
  ])
})

it('keeps an event on which a filter throws, tags it, and counts', () => {
  const { pipeline } = load('filter { mutate { convert => { "a" => "float" } add_tag => ["ok"] } }')
  const [done] = pipeline?.process(new LogEvent({ a: 'hello' })) ?? []
  expect(done?.event.data).toEqual({ a: 'hello', tags: ['_mutate_error'] })
  expect(pipeline?.counts[0]).toMatchObject({ events: 1, failures: 1, name: 'mutate' })
})

it('describes inputs with their codecs', () => {
  const { pipeline, problems } = load(`input {
  tcp { port => 5044 codec => json type => "app" tags => ["t"] }
  file { path => ["/var/log/a/*.log"] start_position => "beginning" codec => multiline { pattern => "^%{TIMESTAMP_ISO8601} " negate => true what => "previous" } }
  beats { port => 5044 }
}`)
  expect(problems).toEqual([])
  const [tcp, file] = pipeline?.inputs ?? []
  expect([tcp?.kind, tcp?.listen, file?.settings.get('path')]).toEqual([
    'tcp',
    { host: '0.0.0.0', port: 5044 },
    ['/var/log/a/*.log'],
  ])
  const [event] = tcp?.codec.decode('{"a":1,"@timestamp":"2024-01-01T00:00:00Z"}') ?? []
  if (event !== undefined) tcp?.decorate(event)
  expect(JSON.parse(jsonText(event?.data ?? null))).toEqual({
    '@timestamp': '2024-01-01T00:00:00.000Z',
    '@version': '1',
    a: 1,
    type: 'app',
    tags: ['t'],
  })
  expect(tcp?.codec.decode('no json').map(({ data }) => [data.message, data.tags])).toEqual([
    ['no json', ['_jsonparsefailure']],
  ])
  expect([file?.codec.multiline?.belongs('  at x'), file?.codec.multiline?.belongs('2024-01-01T00:00:00 x')]).toEqual([
    true,
    false,
  ])
})

it('is not made to explode', () => {
  expect(load('filter { mutate { gsub => ["a", "(?=x)(a+)+$", ""] } }').problems[0]?.message).toContain(
    'repeats a repetition',
  )
  const evil = `${'a'.repeat(200_000)}!`
  expect(after('mutate { gsub => ["a", "(a+)+$", "x"] }', { a: evil })).toEqual([{ a: evil }])
  expect(after('kv { source => "a" }', { a: `${'a '.repeat(100_000)}=` })).toHaveLength(1)
  const deep = `{"a":${'['.repeat(100_000)}${']'.repeat(100_000)}}`
  expect(run('filter { json { source => "a" } }', { a: deep })[0]?.event.data.tags).toEqual(['_jsonparsefailure'])
  expect(load(`filter { ${'if [a] { '.repeat(5000)}`).problems[0]?.message).toContain('levels')
  expect(after('json { source => "a" }', { a: '{"__proto__":{"x":1}}' })).toHaveLength(1)
  expect(Object.hasOwn(Object.prototype, 'x')).toBe(false)
})
