// grok: fields out of a text by named patterns. The engine is handed in; here is what Logstash does with what it finds.
import type { GrokMatcher, GrokResult } from '@tidewatch/grok/grok-engine.ts'
import type { LogEvent } from '../event.ts'
import { type FieldPath, fieldPath } from '../field-path.ts'
import { ecsOf, type Filter, type FilterContext, type FilterDefinition } from '../filter.ts'
import { type Settings, scalarText } from '../settings.ts'
import { isMap, textOf, type Value } from '../values.ts'

interface Match {
  readonly source: FieldPath
  readonly matcher: GrokMatcher
}

interface Options {
  readonly breaks: boolean
  readonly target: FieldPath | undefined
  readonly overwrite: ReadonlySet<string>
  readonly timeoutTag: string
}

export const grok: FilterDefinition = {
  name: 'grok',
  compile(settings, context): Filter {
    const matches = matchesOf(settings, context)
    const failureTags = settings.texts('tag_on_failure', ['_grokparsefailure'])
    const options: Options = {
      breaks: settings.flag('break_on_match', true),
      target: settings.optionalField('target'),
      overwrite: new Set(settings.fields('overwrite').map(({ text }) => text)),
      timeoutTag: settings.text('tag_on_timeout', '_groktimeout'),
    }
    settings.allow('timeout_scope', 'patterns_files_glob')
    return {
      failureTags,
      run(event) {
        let isMatched = false
        let isExhausted = false
        for (const match of matches) {
          const outcome = runMatch(event, match, options)
          isMatched ||= outcome === 'match'
          isExhausted ||= outcome === 'exhausted'
          if (isMatched && options.breaks) break
        }
        if (isMatched) return true
        if (isExhausted) event.tag(options.timeoutTag)
        else for (const tag of failureTags) event.tag(tag)
        return false
      },
    }
  },
}

function matchesOf(settings: Settings, context: FilterContext): Match[] {
  const compileOptions = {
    patterns: ecsOf(settings, context) === 'disabled' ? ('legacy' as const) : ('ecs-v1' as const),
    definitions: definitionsOf(settings, context),
    namedCapturesOnly: settings.flag('named_captures_only', true),
    keepEmptyCaptures: settings.flag('keep_empty_captures', false),
    // a step takes about 10 ns: the time that a file allows, but no more than the half of its usual 30 s
    maxSteps: Math.max(1000, settings.number('timeout_millis', 10, { max: 15_000 }) * 100_000),
  }
  const pairs = settings.pairs('match')
  if (pairs.length === 0) settings.complain('grok needs match', 'Write match => { "message" => "%{PATTERN:field}" }.')
  return pairs.flatMap(([field, value]): Match[] => {
    const expressions = (value.kind === 'list' ? value.items : [value]).map((item) => scalarText(item) ?? '')
    const source = settings.fieldOf(field, 'match')
    if (context.grok === undefined) {
      settings.complain('there is no grok here', 'Leave the filter out.')
      return []
    }
    try {
      return [{ source, matcher: context.grok.compile(expressions, compileOptions) }]
    } catch (error) {
      settings.complain(error instanceof Error ? error.message : String(error), 'Mend the expression.', 'match')
      return []
    }
  })
}

/** Files of `patterns_dir`, then what the filter itself defines. */
function definitionsOf(settings: Settings, { files }: FilterContext): Map<string, string> {
  const definitions = new Map<string, string>()
  for (const folder of settings.texts('patterns_dir')) {
    const paths = files.list(folder)
    const all = paths.length > 0 ? paths : [folder]
    for (const path of all) {
      const text = files.text(path)
      if (text === undefined)
        settings.complain(`${path} is not there`, 'Name a folder of pattern files.', 'patterns_dir')
      for (const line of (text ?? '').split('\n')) {
        const pattern = /^\s*(\w+)\s+(.*?)\s*$/.exec(line)
        if (pattern !== null) definitions.set(pattern[1] as string, pattern[2] as string)
      }
    }
  }
  for (const [name, source] of settings.textPairs('pattern_definitions')) definitions.set(name, source)
  return definitions
}

/** Texts of a list are matched one by one; numbers as they print. */
function runMatch(event: LogEvent, { source, matcher }: Match, options: Options): GrokResult['outcome'] {
  const value = event.get(source)
  if (value === undefined || value === null) return 'no_match'
  const items = Array.isArray(value) ? value : [value]
  let outcome: GrokResult['outcome'] = 'no_match'
  for (const item of items) {
    if (isMap(item) || Array.isArray(item)) continue
    const text = textOf(item)
    const results = options.breaks ? [matcher.match(text)] : matcher.matchEach(text)
    for (const result of results) {
      if (result.outcome === 'match') {
        outcome = 'match'
        for (const { field, value: found } of result.captures) storeCapture(event, field, found, options)
      } else if (result.outcome === 'exhausted' && outcome === 'no_match') outcome = 'exhausted'
    }
  }
  return outcome
}

function storeCapture(event: LogEvent, field: string, found: Value, { target, overwrite }: Options): void {
  const path = target === undefined ? fieldPath(field) : fieldPath(bracketed(target.text) + bracketed(field))
  const former = event.get(path)
  if (former === undefined || former === null || overwrite.has(field)) event.set(path, found)
  else if (found === null) return
  else if (Array.isArray(former)) {
    if (!former.includes(found)) former.push(found)
  } else if (former !== found) event.set(path, [former, found])
}

const bracketed = (text: string): string => (text.startsWith('[') ? text : `[${text}]`)
