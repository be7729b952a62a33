import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { grokEngine } from '@tidewatch/grok/engine.ts'
import { describe, expect, it } from 'vitest'
import { LogEvent } from './event.ts'
import { mergeFields, timestampOf } from './event-time.ts'
import { parseJson } from './json.ts'
import { loadPipeline, type Pipeline } from './pipeline.ts'
import { conformanceDir } from './testing/conformance.ts'
import { fileOf } from './testing/settings-file.ts'
import { isMap, jsonText, Timestamp, type Value, type ValueMap } from './values.ts'

const nowMs = Date.UTC(2026, 10, 22)

interface Case {
  readonly id: string
  readonly filter: string
  readonly config?: string
  readonly settings?: ValueMap
  readonly input: ValueMap
  readonly events: readonly ValueMap[]
  readonly test?: string
}

const text = readFileSync(join(conformanceDir, 'cases.json'), 'utf8')
/** One by one: `1.0` in a case is a float, and the reader that knows so bounds its depth. */
const cases = parseJson(text)?.value as unknown as readonly Case[]

/** The spec makes the plugin throw from inside; here the event does, where the plugin writes or reads. */
const throwing: ReadonlySet<string> = new Set(['kv-058', 'kv-059', 'kv-060', 'translate-009'])

class ThrowingEvent extends LogEvent {
  isArmed = true

  override set(...[path, value]: Parameters<LogEvent['set']>): void {
    if (this.isArmed && path.text !== 'tags') throw new Error('made to fail')
    super.set(path, value)
  }
}

function load({ filter, settings, config }: Case): Pipeline {
  const file = config ?? fileOf(filter, settings ?? {})
  const { pipeline, problems } = loadPipeline(file, {
    file: 'case.conf',
    clock: { nowMs: () => nowMs, monotonicMs: () => 0, sleep: () => Promise.resolve() },
    grok: grokEngine,
  })
  expect(problems).toEqual([])
  if (pipeline === undefined) throw new Error('not loaded')
  return pipeline
}

function shown(value: Value): string {
  const data = isMap(value) ? { ...value } : value
  return jsonText(sorted(data))
}

function sorted(value: Value): Value {
  if (Array.isArray(value)) return value.map(sorted)
  if (!isMap(value)) return value instanceof Timestamp ? value.toString() : value
  return Object.fromEntries(
    Object.keys(value)
      .sort()
      .map((key) => [key, sorted(value[key] as Value)]),
  )
}

function expected(event: ValueMap): string {
  return shown(event).replaceAll('#{year}', String(new Date(nowMs).getUTCFullYear()))
}

describe('the filters of Logstash', () => {
  it('have their cases', () => {
    expect(cases.length).toBe(306)
  })

  it.each(cases)('$id', (given) => {
    const event = throwing.has(given.id) ? new ThrowingEvent({}) : new LogEvent({})
    mergeFields(event, given.input)
    const hasTime = given.events.some((after) => '@timestamp' in after)
    if (event.timestamp === undefined && hasTime) event.data['@timestamp'] = new Timestamp(0)
    const result = load(given)
      .process(event)
      .map(({ event: after }) => {
        const metadata = Object.keys(after.metadata).length > 0 ? { '@metadata': after.metadata } : {}
        const data: ValueMap = { ...after.data, ...metadata }
        if (!hasTime) Reflect.deleteProperty(data, '@timestamp')
        return shown(data)
      })
    const wanted = given.events.map((after) => {
      const time = timestampOf(after['@timestamp'] ?? null)
      return expected(time === undefined ? after : { ...after, '@timestamp': time.toString() })
    })
    expect(result).toEqual(wanted)
  })
})
