// The settings of Logstash's grok filter around the engine, for its conformance cases.
import type { GrokEngine } from '../grok-engine.ts'

export type Json = null | string | number | boolean | Json[] | { [key: string]: Json }
type Event = { [key: string]: Json }

export interface FilterOptions {
  readonly pattern_definitions?: Readonly<Record<string, string>>
  readonly named_captures_only?: boolean
  readonly keep_empty_captures?: boolean
  readonly break_on_match?: boolean
  readonly overwrite?: readonly string[]
  readonly target?: string
  readonly tag_on_failure?: readonly string[]
  readonly add_tag?: readonly string[]
  readonly add_field?: Readonly<Record<string, string>>
  readonly remove_field?: readonly string[]
}

interface Run {
  readonly set: 'legacy' | 'ecs-v1'
  readonly options: FilterOptions
  readonly input: Json
}

const path = (field: string): string[] =>
  field.startsWith('[') ? [...field.matchAll(/\[([^\]]*)\]/g)].map((match) => match[1] as string) : [field]

function get(event: Event, field: string): Json | undefined {
  return path(field).reduce<Json | undefined>(
    (at, key) => (typeof at === 'object' && at !== null && !Array.isArray(at) ? at[key] : undefined),
    event,
  )
}

function set(event: Event, field: string, value: Json): void {
  const keys = path(field)
  let at = event
  for (const key of keys.slice(0, -1)) {
    at[key] ??= {}
    at = at[key] as Event
  }
  at[keys.at(-1) as string] = value
}

/** What the filter makes of an event with that message. */
export function grokFilter(
  engine: GrokEngine,
  expressions: readonly string[],
  run: Run,
): { event: Event; matched: boolean } {
  const { options } = run
  const matcher = engine.compile(expressions, {
    patterns: run.set,
    definitions: new Map(Object.entries(options.pattern_definitions ?? {})),
    namedCapturesOnly: options.named_captures_only ?? true,
    keepEmptyCaptures: options.keep_empty_captures ?? false,
  })
  const event: Event = { message: run.input }
  let matched = false
  for (const input of run.input === null ? [] : [run.input].flat()) {
    const text = typeof input === 'string' ? input : JSON.stringify(input)
    const results = options.break_on_match === false ? matcher.matchEach(text) : [matcher.match(text)]
    for (const result of results) {
      if (result.outcome !== 'match') continue
      matched = true
      for (const { field, value } of result.captures) setCapture(event, field, value, options)
    }
  }
  if (matched) decorate(event, options)
  else {
    const tags = options.tag_on_failure ?? ['_grokparsefailure']
    if (tags.length > 0) event.tags = [...tags]
  }
  return { event, matched }
}

function setCapture(event: Event, written: string, value: string | number | null, options: FilterOptions): void {
  const field = options.target === undefined ? written : `${bracketed(options.target)}${bracketed(written)}`
  const before = get(event, field)
  if (before === undefined || before === null || options.overwrite?.includes(written) === true) {
    set(event, field, value)
    return
  }
  if (typeof value !== 'string') return
  if (Array.isArray(before)) before.push(value)
  else if (typeof before === 'string') set(event, field, [before, value])
}

const bracketed = (field: string): string => (field.startsWith('[') ? field : `[${field}]`)

function decorate(event: Event, options: FilterOptions): void {
  const filled = (text: string): string =>
    text.replace(/%\{([^}]+)\}/g, (_, field: string) => String(get(event, field) ?? ''))
  for (const [field, value] of Object.entries(options.add_field ?? {})) set(event, filled(field), filled(value))
  if (options.add_tag !== undefined) event.tags = options.add_tag.map(filled)
  for (const field of options.remove_field ?? []) delete event[field]
}
