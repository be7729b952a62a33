import { AppError } from '@tidewatch/core/error.ts'
import { Secret } from '@tidewatch/core/secret.ts'
import { FakeClock } from '@tidewatch/testkit/fake-clock.ts'
import { describe, expect, test } from 'vitest'
import { createHealth } from './health.ts'
import { createLogger } from './logger.ts'
import { createMetrics } from './metrics.ts'
import type { Logger } from './port.ts'
import { addProcessMetrics } from './process-metrics.ts'
import { stripUrls } from './redact.ts'
import { createTaskGroup } from './task-group.ts'

function collecting(format: 'json' | 'pretty' = 'json'): { readonly logger: Logger; readonly lines: string[] } {
  const lines: string[] = []
  const logger = createLogger({ clock: new FakeClock(), format, level: 'debug', write: (line) => lines.push(line) })
  return { logger, lines }
}

describe('the log', () => {
  test('writes one JSON object a line', () => {
    const { logger, lines } = collecting()
    logger.child({ part: 'spool' }).info('two\nlines', { bytes: 12, level: 'mine' })
    expect(lines).toEqual([
      '{"time":"2026-01-01T00:00:00.000Z","level":"info","message":"two\\nlines","part":"spool","bytes":12,"level_":"mine"}\n',
    ])
  })

  test('hides secrets, and the user and query of URLs', () => {
    const { logger, lines } = collecting()
    logger.warn('cannot reach postgres://me:hunter2@db:5432/x?sslkey=hunter2', {
      token: 'hunter2',
      nested: { authorization: 'hunter2', apiKey: 'hunter2', held: new Secret('hunter2') },
      url: 'https://u:hunter2@host/path?key=hunter2#hunter2',
      hasPassword: true,
    })
    expect(lines[0]).not.toContain('hunter2')
    expect(JSON.parse(lines[0] as string)).toMatchObject({
      message: 'cannot reach postgres://db:5432/x',
      url: 'https://host/path',
      hasPassword: true,
      nested: { held: '[secret]' },
    })
  })

  test('takes out what is taken out of the lines of others', () => {
    const { logger, lines } = collecting()
    const phrase = `${'abandon '.repeat(11)}about`
    logger.error(`could not import ${phrase}`, { header: 'Authorization: Bearer abcdefghijklmnop', x_api_key: 'k1' })
    expect(JSON.parse(lines[0] as string)).toMatchObject({
      message: 'could not import [redacted:seed_phrase]',
      header: 'Authorization: Bearer [redacted:authorization]',
      x_api_key: '[secret]',
    })
  })

  test('writes what an error says and why it came about, with a stack only where it is a bug', () => {
    const { logger, lines } = collecting()
    const cause = Object.assign(new Error('refused'), { code: 'ECONNREFUSED' })
    logger.error('failed', { error: new AppError('store.unavailable', 'no store', { fix: 'Start it.', cause }) })
    const { error } = JSON.parse(lines[0] as string)
    expect(error).toMatchObject({
      code: 'store.unavailable',
      fix: 'Start it.',
      cause: { code: 'ECONNREFUSED', message: 'refused' },
    })
    expect([error.stack, typeof error.cause.stack]).toEqual([undefined, 'string'])
  })

  test('bounds what it writes, whatever it is given', () => {
    const { logger, lines } = collecting()
    const round: Record<string, unknown> = {}
    round.round = round
    logger.info('x'.repeat(100_000), {
      round,
      list: Array.from({ length: 10_000 }, () => 'y'),
      big: 5n,
      bytes: new Uint8Array(1000),
      none: undefined,
    })
    expect(lines[0]?.length).toBeLessThan(5000)
    expect(JSON.parse(lines[0] as string)).toMatchObject({ big: '5', bytes: '[1000 bytes]' })
  })

  test('cannot rewrite the terminal of who reads it', () => {
    const { logger, lines } = collecting('pretty')
    logger.info('a\x1b[2Jb', { name: 'c\x1b]0;d' })
    expect(lines[0]).toBe('00:00:00 info  a\\x1b[2Jb name="c\\u001b]0;d"\n')
  })

  test('strips every URL in a text and leaves the rest', () => {
    expect(stripUrls('a http://u@h/p?q b amqp://x:y:z@h c')).toBe('a http://h/p b amqp://h c')
    expect(stripUrls('mail to me@example.com?')).toBe('mail to me@example.com?')
  })
})

describe('own metrics', () => {
  test('are read in the text format', () => {
    const metrics = createMetrics(collecting())
    const requests = metrics.counter({
      name: 'tidewatch_requests_total',
      help: 'Requests\nin all.',
      labels: ['path', 'status'],
    })
    requests.with('/a"\\\n', '200').add()
    requests.with('/a"\\\n', '200').add(2)
    metrics.gauge({ name: 'tidewatch_depth', help: 'Depth.' }).with().set(Number.NEGATIVE_INFINITY)
    const times = metrics.histogram({ name: 'tidewatch_time_seconds', help: 'Time.', buckets: [0.1, 1] }).with()
    for (const value of [0.1, 0.5, 7]) times.observe(value)
    expect(metrics.text()).toBe(`# HELP tidewatch_requests_total Requests\\nin all.
# TYPE tidewatch_requests_total counter
tidewatch_requests_total{path="/a\\"\\\\\\n",status="200"} 3
# HELP tidewatch_depth Depth.
# TYPE tidewatch_depth gauge
tidewatch_depth -Inf
# HELP tidewatch_time_seconds Time.
# TYPE tidewatch_time_seconds histogram
tidewatch_time_seconds_bucket{le="0.1"} 1
tidewatch_time_seconds_bucket{le="1"} 2
tidewatch_time_seconds_bucket{le="+Inf"} 3
tidewatch_time_seconds_sum 7.6
tidewatch_time_seconds_count 3
`)
  })

  test('refuse names that would mislead, and one name twice', () => {
    const metrics = createMetrics(collecting())
    expect(() => metrics.counter({ name: 'tidewatch_requests', help: '' })).toThrow(
      'counters, and only they, end in _total',
    )
    expect(() => metrics.gauge({ name: 'requests', help: '' })).toThrow('not a name for a metric of ours')
    metrics.gauge({ name: 'tidewatch_x', help: '' })
    expect(() => metrics.gauge({ name: 'tidewatch_x', help: '' })).toThrow('exists twice')
  })

  test('stay bounded when labels come from outside', () => {
    const metrics = createMetrics(collecting())
    const family = metrics.counter({ name: 'tidewatch_things_total', help: '', labels: ['name'] })
    for (let i = 0; i < 10_000; i++) family.with(`n${i}`).add()
    expect(metrics.render()).toHaveLength(2001)
    expect(metrics.render().find(({ labels }) => labels.name === 'other')?.value).toBe(8000)
  })

  test('one that cannot be read leaves the others readable', () => {
    const { logger, lines } = collecting()
    const metrics = createMetrics({ logger })
    metrics.gauge({ name: 'tidewatch_x', help: '' })
    metrics.beforeRead(() => {
      throw new Error('gone')
    })
    expect(metrics.render()).toHaveLength(1)
    expect(lines[0]).toContain('gone')
  })

  test('tell of the process', () => {
    const metrics = createMetrics(collecting())
    addProcessMetrics(metrics, { clock: new FakeClock(), version: '1.2.3' })
    const values = Object.fromEntries(metrics.render().map(({ name, value }) => [name, value]))
    for (const name of ['process_cpu_seconds_total', 'process_resident_memory_bytes', 'nodejs_heap_size_used_bytes'])
      expect(values[name]).toBeGreaterThan(0)
    if (process.platform === 'linux') expect(values.process_open_fds).toBeGreaterThan(0)
    expect(metrics.text()).toContain('tidewatch_build_info{version="1.2.3"} 1\n')
  })
})

describe('health', () => {
  test('is that of the worst part; degraded ones still serve, optional ones never matter', () => {
    const { logger, lines } = collecting()
    const clock = new FakeClock()
    const health = createHealth({ clock, logger, metrics: createMetrics({ logger }) })
    const store = health.part('store')
    const disk = health.part('disk')
    const mail = health.part('mail', { required: false })
    expect(health.report()).toMatchObject({ status: 'starting', ready: false })
    store.ready()
    disk.degraded('half full')
    mail.down('no server')
    expect(health.report()).toMatchObject({ status: 'down', ready: true })
    mail.ready()
    store.down('postgres://u:p@h/x is gone')
    expect(health.report()).toMatchObject({
      status: 'down',
      ready: false,
      parts: [{ reason: 'postgres://h/x is gone' }, {}, {}],
    })
    const before = lines.length
    store.down('postgres://u:p@h/x is gone')
    expect(lines).toHaveLength(before)
    expect(() => health.part('store')).toThrow('exists twice')
  })
})

describe('background work', () => {
  test('is started again with growing pauses', async () => {
    const clock = new FakeClock()
    const { logger } = collecting()
    await using tasks = createTaskGroup({ clock, logger, onFatal: () => undefined })
    const runs: number[] = []
    tasks.run(
      'flaky',
      async () => {
        runs.push(clock.monotonicMs())
        throw new Error('again')
      },
      { restart: true },
    )
    await clock.advance(8000)
    expect(runs).toEqual([0, 1000, 3000, 7000])
  })

  test('that must not fail is heard of when it does', async () => {
    const { logger, lines } = collecting()
    const failed = Promise.withResolvers<string>()
    await using tasks = createTaskGroup({ clock: new FakeClock(), logger, onFatal: failed.resolve })
    tasks.run('vital', async () => {
      throw new Error('broken')
    })
    expect(await failed.promise).toBe('vital')
    expect(lines[0]).toContain('vital failed')
  })

  test('on a beat goes on after a failure, and ends with the group', async () => {
    const clock = new FakeClock()
    const { logger, lines } = collecting()
    const tasks = createTaskGroup({ clock, logger, onFatal: () => undefined })
    let turns = 0
    tasks.every('beat', 1000, () => {
      turns++
      if (turns === 2) throw new Error('once')
    })
    await clock.advance(3000)
    expect([turns, lines.length]).toEqual([3, 1])
    await tasks[Symbol.asyncDispose]()
    await clock.advance(3000)
    expect(turns).toBe(3)
  })

  test('that does not stop is named, and holds nobody up', async () => {
    const clock = new FakeClock()
    const { logger, lines } = collecting()
    const tasks = createTaskGroup({ clock, logger, onFatal: () => undefined, stopTimeoutMs: 100 })
    tasks.run('stubborn', () => new Promise(() => undefined))
    const stopped = tasks[Symbol.asyncDispose]()
    await clock.advance(100)
    await stopped
    expect(lines[0]).toContain('"tasks":["stubborn"]')
  })
})
