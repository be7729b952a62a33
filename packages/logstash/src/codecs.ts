// What comes in at an input as events: one text (a line, a datagram, a body) to the events in it.

import type { Clock } from '@tidewatch/core/clock.ts'
import type { Problem } from '@tidewatch/core/error.ts'
import type { GrokEngine } from '@tidewatch/grok/grok-engine.ts'
import type { PluginConfig } from './config.ts'
import { LogEvent } from './event.ts'
import { mergeFields } from './event-time.ts'
import { fieldPath } from './field-path.ts'
import { parseJson } from './json.ts'
import { Settings, scalarText } from './settings.ts'
import { isMap, setKey, Timestamp, type Value } from './values.ts'

export interface Codec {
  readonly name: 'json' | 'json_lines' | 'line' | 'plain' | 'multiline'
  /** Whether a stream is cut at line ends before it is decoded. */
  readonly isByLine: boolean
  /** How lines are put together before they are decoded; undefined where they are not. */
  readonly multiline: Multiline | undefined
  /** Every text gives at least one event; one that cannot be read is its message, with a tag. */
  decode(text: string): LogEvent[]
}

export interface Multiline {
  /** Whether the line belongs to the event of the line before it, or behind it. */
  belongs(line: string): boolean
  readonly to: 'previous' | 'next'
  readonly maxLines: number
  readonly maxBytes: number
  /** How long an event waits for its next line, in ms; undefined: until it comes. */
  readonly flushAfterMs: number | undefined
}

export interface CodecContext {
  readonly file: string
  readonly problems: Problem[]
  readonly clock: Clock
  readonly grok: GrokEngine | undefined
}

const names = ['json', 'json_lines', 'line', 'plain', 'multiline'] as const

/** The setting `codec` of an input. */
export function compileCodec(settings: Settings, initial: Codec['name'], context: CodecContext): Codec {
  const value = settings.value('codec')
  const plugin: PluginConfig =
    value?.kind === 'plugin'
      ? value.plugin
      : {
          name: value === undefined ? initial : (scalarText(value) ?? ''),
          place: settings.plugin.place,
          settings: new Map(),
        }
  const name = names.find((known) => known === plugin.name)
  if (name === undefined)
    settings.complain(`there is no codec ${plugin.name} here`, `Write one of ${names.join(', ')}.`, 'codec')
  const own = new Settings(plugin, context.file, context.problems)
  own.choice('charset', ['UTF-8', 'ASCII', 'US-ASCII'], 'UTF-8')
  own.allow('id', 'enable_metric', 'ecs_compatibility', 'delimiter', 'format', 'decode_size_limit_bytes')
  const multiline = name === 'multiline' ? multilineOf(own, context) : undefined
  const decode =
    name === 'json' || name === 'json_lines' ? jsonDecoder(own, context.clock) : plainDecoder(context.clock)
  own.finish()
  return { name: name ?? initial, isByLine: name !== 'plain' && name !== 'json', multiline, decode }
}

const newEvent = (clock: Clock): LogEvent =>
  new LogEvent({ '@timestamp': new Timestamp(clock.nowMs()), '@version': '1' })

function plainDecoder(clock: Clock): Codec['decode'] {
  return (text) => {
    const event = newEvent(clock)
    setKey(event.data, 'message', text)
    return [event]
  }
}

function jsonDecoder(settings: Settings, clock: Clock): Codec['decode'] {
  const target = settings.optionalText('target')
  const asEvent = (value: Value): LogEvent | undefined => {
    const event = newEvent(clock)
    if (target !== undefined) event.set(fieldPath(target), value)
    else if (isMap(value)) mergeFields(event, value)
    else return undefined
    return event
  }
  const plain = plainDecoder(clock)
  return (text) => {
    const parsed = parseJson(text)?.value
    const values = Array.isArray(parsed) && target === undefined ? parsed : [parsed ?? null]
    const events = values.map(asEvent).filter((event) => event !== undefined)
    if (parsed !== undefined && events.length === values.length && events.length > 0) return events
    const failed = plain(text)
    for (const event of failed) event.tag('_jsonparsefailure')
    return failed
  }
}

function multilineOf(settings: Settings, { grok }: CodecContext): Multiline {
  const pattern = settings.requiredText('pattern')
  const isNegated = settings.flag('negate', false)
  const to = settings.choice('what', ['previous', 'next'], 'previous')
  const maxLines = settings.number('max_lines', 500, { min: 1, max: 100_000 })
  const flushSeconds = settings.number('auto_flush_interval', 0)
  settings.allow('multiline_tag', 'patterns_dir', 'max_bytes')
  const matches = matcherOf(settings, pattern, grok)
  return {
    belongs: (line) => matches(line) !== isNegated,
    to,
    maxLines,
    maxBytes: 10 << 20,
    flushAfterMs: flushSeconds === 0 ? undefined : flushSeconds * 1000,
  }
}

/** Patterns may name grok's. */
function matcherOf(settings: Settings, pattern: string, grok: GrokEngine | undefined): (line: string) => boolean {
  if (!pattern.includes('%{')) {
    const compiled = settings.pattern(pattern, 'pattern')
    return (line) => compiled.test(line)
  }
  try {
    const compiled = grok?.compile([pattern], { patterns: 'legacy' })
    if (compiled !== undefined) return (line) => compiled.match(line).outcome === 'match'
    settings.complain('there is no grok here', 'Write a plain expression.', 'pattern')
  } catch (error) {
    settings.complain(error instanceof Error ? error.message : String(error), 'Mend the expression.', 'pattern')
  }
  return () => false
}
