// A pipeline over sample lines: what the playground and `tidewatch pipeline test` show. Nothing is stored or sent.
import type { PipelineTrialResult } from '@tidewatch/api/logs.ts'
import type { Clock } from '@tidewatch/core/clock.ts'
import { AppError, formatProblem, type Problem } from '@tidewatch/core/error.ts'
import { logRecord } from '@tidewatch/core/log-record.ts'
import { TimeSlices } from '@tidewatch/core/time-slices.ts'
import { parseSyslog, syslogRecord } from '@tidewatch/log-formats/syslog/message.ts'
import type { Delivery } from '@tidewatch/logstash/delivery.ts'
import { LogEvent } from '@tidewatch/logstash/event.ts'
import { mergeFields } from '@tidewatch/logstash/event-time.ts'
import { parseJson } from '@tidewatch/logstash/json.ts'
import type { LoadResult, Pipeline } from '@tidewatch/logstash/pipeline.ts'
import type { StepCounts, StepObserver } from '@tidewatch/logstash/steps.ts'
import { isMap, setKey, Timestamp } from '@tidewatch/logstash/values.ts'
import { type LineSource, lineSources } from './config.ts'
import { eventOfRecord, shownEvent } from './event-record.ts'

type TriedEvent = PipelineTrialResult['events'][number]
type Failure = TriedEvent['failures'][number]

/** What steps put on events that they could not work on. */
const failureTag = /^_.*(?:failure|error|timeout|limit)/
/** Failures that are told of one line. */
const maxFailures = 100

/** Listens to the steps of the event that is being tried. */
export class TrialObserver implements StepObserver {
  failures: Failure[] = []
  #known = new Set<string>()

  begin(): void {
    this.failures = []
    this.#known = new Set()
  }

  step({ name, place }: StepCounts, event: LogEvent, failure: string | undefined): void {
    const fresh = tagsOf(event).filter((tag) => failureTag.test(tag) && !this.#known.has(tag))
    for (const tag of fresh) this.#known.add(tag)
    const tags = fresh.length === 0 && failure !== undefined ? [''] : fresh
    for (const tag of tags)
      if (this.failures.length < maxFailures)
        this.failures.push({ step: name, line: place.line, tag, message: failure ?? meaningOf(tag, name) })
  }
}

function tagsOf({ data }: LogEvent): string[] {
  const tags = Array.isArray(data.tags) ? data.tags : [data.tags]
  return tags.filter((tag) => typeof tag === 'string')
}

const meanings: Readonly<Record<string, string>> = {
  _grokparsefailure: 'none of the expressions matches the text',
  _groktimeout: 'the expression was given up: it takes too much work on this text',
  _dateparsefailure: 'the text is no time in any of these forms',
  _jsonparsefailure: 'the text is no JSON',
  _dissectfailure: 'the text has not the parts that the mapping names',
  _geoip_lookup_failure: 'the address is not in the database',
}

const meaningOf = (tag: string, step: string): string => meanings[tag] ?? `${step} could not do its work on this event`

export interface TrialOptions {
  readonly observer: TrialObserver
  readonly clock: Clock
  readonly signal: AbortSignal
  /** What lasts longer ends, and says so. */
  readonly maxMs: number
  /** The way in of ours by which lines come; undefined: the pipeline's own input. */
  readonly from?: LineSource | undefined
}

/** Runs the sample through what was loaded with the observer. One event a line: JSON objects are events, other lines are messages. */
export async function tryPipeline(
  { pipeline, problems, notes }: LoadResult,
  sample: string,
  { observer, clock, signal, maxMs, from }: TrialOptions,
): Promise<PipelineTrialResult> {
  const notices = notes.map(formatProblem)
  const events: TriedEvent[] = []
  if (pipeline === undefined) return { problems: problems.map(shownProblem), notices, events }
  const lines = sample.split(/\r?\n/)
  const startMs = clock.monotonicMs()
  const slices = new TimeSlices(clock)
  for (const [at, line] of lines.entries()) {
    if (line.trim() === '') continue
    if (clock.monotonicMs() - startMs > maxMs) {
      notices.push(
        `line ${at + 1} and those behind it were not tried: the lines before took more than ${maxMs / 1000} s.`,
      )
      break
    }
    if (slices.isOver()) {
      await slices.turn()
      signal.throwIfAborted()
    }
    observer.begin()
    events.push(tryLine(pipeline, line, { observer, clock, from, at: at + 1 }))
  }
  return { problems: [], notices, events }
}

function tryLine(
  pipeline: Pipeline,
  line: string,
  { observer, clock, from, at }: Pick<TrialOptions, 'observer' | 'clock' | 'from'> & { readonly at: number },
): TriedEvent {
  const made = pipeline.process(sampleEvent(pipeline, line, { nowMs: clock.nowMs(), from }))
  return {
    line: at,
    out: made.map(({ event }) => shownEvent(event)),
    outputs: made.flatMap(({ deliveries }) => deliveries.map(shownDelivery)),
    failures: observer.failures,
  }
}

export const unknownSource = (name: string): AppError =>
  new AppError('config.invalid', `${JSON.stringify(name.slice(0, 50))} is no way in for lines.`, {
    where: { key: 'from' },
    fix: `Write one of ${lineSources.join(', ')}.`,
  })

/** Ways in whose lines are messages, whatever they look like. */
const plainSources: ReadonlySet<LineSource> = new Set(['loki', 'otlp', 'cloudwatch'])

function sampleEvent(
  { inputs }: Pipeline,
  line: string,
  { nowMs, from }: { readonly nowMs: number; readonly from: LineSource | undefined },
): LogEvent {
  if (from === 'syslog') {
    const message = parseSyslog(Buffer.from(line), { nowMs, zone: 'UTC' })
    if (message !== undefined) return eventOfRecord(logRecord(syslogRecord(message, '')), nowMs)
  }
  const event = new LogEvent({ '@timestamp': new Timestamp(nowMs), '@version': '1' })
  const isObject = line.trimStart().startsWith('{') && (from === undefined || !plainSources.has(from))
  const fields = isObject ? parseJson(line)?.value : undefined
  if (isMap(fields)) mergeFields(event, fields)
  else setKey(event.data, 'message', line)
  // with one input there is no question which one it came by
  if (inputs.length === 1 && from === undefined) inputs[0]?.decorate(event)
  return event
}

/** `elasticsearch app-2026.11.22`, `email ops@example.org`. */
function shownDelivery({ output: { kind }, rendered }: Delivery): string {
  const place = { elasticsearch: 'index', email: 'to', http: 'url', file: 'path', stdout: '', null: '' }[kind]
  const value = rendered.get(place)
  return value === undefined ? kind : `${kind} ${value}`
}

function shownProblem({ message, fix, where: { line, column } }: Problem): PipelineTrialResult['problems'][number] {
  return {
    ...(line === undefined ? {} : { line }),
    ...(column === undefined ? {} : { column }),
    message: fix === undefined ? message : `${message}. ${fix}`,
  }
}
