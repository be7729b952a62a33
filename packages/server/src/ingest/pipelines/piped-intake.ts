// A way in that leads through a pipeline: whoever brings lines does as with any other, and what comes out at the end is kept.
// Called once a line.
import type { Clock } from '@tidewatch/core/clock.ts'
import type { LogRecord } from '@tidewatch/core/log-record.ts'
import { LogEvent } from '@tidewatch/logstash/event.ts'
import { mergeFields } from '@tidewatch/logstash/event-time.ts'
import type { InputDescription } from '@tidewatch/logstash/inputs.ts'
import { parseJson } from '@tidewatch/logstash/json.ts'
import { isMap, setKey, Timestamp } from '@tidewatch/logstash/values.ts'
import { FieldTable } from '../logs/field-table.ts'
import { LineDecoder } from '../logs/line-decoder.ts'
import { recordOfMessageLine } from '../logs/message-line.ts'
import type {
  LineFault,
  LogIntake,
  LogListener,
  LogRequest,
  LogRequestOptions,
  MessageLine,
  StoredLogs,
  StoreOptions,
} from '../logs/port.ts'
import { addSource, eventOfRecord, idField } from './event-record.ts'
import type { Entrance, PipelineRun } from './run.ts'

/** Where lines go that fit. */
export interface LineRoute {
  readonly run: PipelineRun
  /** Absent: all fit. */
  readonly fits?: (event: LogEvent) => boolean
}

interface PipedOptions {
  readonly logs: LogIntake
  readonly clock: Clock
  /** The first that fits takes a line; what none takes is kept as it came. */
  readonly routes: readonly LineRoute[]
  readonly input?: InputDescription
}

export const beginPiped = (request: LogRequestOptions, options: PipedOptions): LogRequest =>
  new PipedRequest(options.logs.begin(request), options)

export interface PipedIntakeOptions {
  readonly logs: LogIntake
  readonly clock: Clock
  readonly run: PipelineRun
  /** The input that lines come in by; undefined where a receiver of ours is led through the pipeline. */
  readonly input?: InputDescription
}

/** The intake with a pipeline before it. */
export function pipedIntake(options: PipedIntakeOptions): LogIntake {
  const { logs, run } = options
  const piped = { ...options, routes: [{ run }] }
  return {
    checkRoom: () => logs.checkRoom(),
    begin: (request: LogRequestOptions) => beginPiped(request, piped),
    subscribe: (listener: LogListener) => logs.subscribe(listener),
    mark: () => logs.mark(),
    stats: logs.stats,
  }
}

const utf8 = new TextDecoder()

/** Knows the names of columns alone. */
let columns: { readonly decoder: LineDecoder; readonly fields: FieldTable } | undefined

class PipedRequest implements LogRequest {
  /** Lines that came in; what becomes of them may be more or fewer. */
  length = 0
  readonly #inner: LogRequest
  readonly #routes: readonly { readonly entrance: Entrance; readonly fits: LineRoute['fits'] }[]
  readonly #options: PipedOptions
  /** The time of what has none of its own. */
  readonly #nowMs: number
  #resource: ReadonlyMap<string, string> = new Map()
  #service = ''
  /** What the inner request takes the next line to be of: the source that was told last, an earlier one, or none. */
  #innerSource: 'current' | 'former' | 'none' = 'none'

  constructor(inner: LogRequest, options: PipedOptions) {
    this.#inner = inner
    this.#options = options
    this.#nowMs = options.clock.nowMs()
    this.#routes = options.routes.map(({ run, fits }) => ({ entrance: run.enter(this.#nowMs), fits }))
  }

  [Symbol.dispose](): void {
    this.#inner[Symbol.dispose]()
  }

  setResource(resource: ReadonlyMap<string, string>): void {
    this.#resource = resource
    if (this.#innerSource === 'current') this.#innerSource = 'former'
  }

  setSender(sender: string): void {
    this.#inner.setSender(sender)
  }

  setService(service: string): void {
    this.#service = service
    if (this.#innerSource === 'current') this.#innerSource = 'former'
  }

  addJson(bytes: Uint8Array, from: number, to: number, id?: string): LineFault | undefined {
    const { input } = this.#options
    const text = utf8.decode(bytes.subarray(from, to))
    // shippers and requests say what they send: only what comes as a stream is for the codec to tell
    if (input !== undefined && input.kind !== 'beats' && input.kind !== 'http') {
      this.#decode(text, input)
      return undefined
    }
    const fields = parseJson(text)?.value
    if (!isMap(fields)) return { at: 0, message: 'is no JSON object' }
    const event = this.#newEvent()
    mergeFields(event, fields)
    if (id !== undefined) setKey(event.metadata, idField, id)
    if (input?.kind === 'beats' && input.codec.name !== 'plain') this.#unpack(event, input)
    else if (!this.#take(event)) return this.#plain(() => this.#inner.addJson(bytes, from, to, id))
    return undefined
  }

  addText(bytes: Uint8Array, from: number, to: number): void {
    const text = utf8.decode(bytes.subarray(from, to))
    const { input } = this.#options
    if (input !== undefined) {
      this.#decode(text, input)
      return
    }
    const event = this.#newEvent()
    setKey(event.data, 'message', text)
    if (!this.#take(event)) this.#plain(() => this.#inner.addText(bytes, from, to))
  }

  addLine(line: MessageLine, bytes: Uint8Array): void {
    columns ??= { decoder: new LineDecoder(), fields: new FieldTable() }
    const record = recordOfMessageLine(line, bytes, columns)
    if (!this.#take(eventOfRecord(record, this.#nowMs))) this.#plain(() => this.#inner.addLine(line, bytes))
  }

  /** Pipelines work on records. */
  addRecordLine(): boolean {
    return false
  }

  add(record: LogRecord): void {
    if (!this.#take(eventOfRecord(record, this.#nowMs))) this.#plain(() => this.#inner.add(record))
  }

  async store(options?: StoreOptions): Promise<StoredLogs> {
    const { duplicate } = this.#inner.length === 0 ? { duplicate: false } : await this.#inner.store(options)
    // what was here before has been told before
    if (!duplicate) for (const { entrance } of this.#routes) entrance.tell()
    return { lines: this.length, duplicate }
  }

  #newEvent(): LogEvent {
    return new LogEvent({ '@timestamp': new Timestamp(this.#nowMs), '@version': '1' })
  }

  #decode(text: string, { codec }: InputDescription): void {
    for (const event of codec.decode(text)) this.#take(event)
  }

  /** A shipper's event whose message has a form of its own: its fields are the event's, beside the shipper's. */
  #unpack(shipped: LogEvent, { codec }: InputDescription): void {
    const { message } = shipped.data
    if (typeof message !== 'string') {
      this.#take(shipped)
      return
    }
    for (const event of codec.decode(message)) {
      const { data, metadata } = shipped.clone()
      event.metadata = metadata
      for (const [name, value] of Object.entries(data))
        if (!Object.hasOwn(event.data, name)) setKey(event.data, name, value)
      this.#take(event)
    }
  }

  /** False where no route takes it. */
  #take(event: LogEvent): boolean {
    if (this.#service !== '' && !Object.hasOwn(event.data, 'service')) setKey(event.data, 'service', this.#service)
    addSource(event, this.#resource)
    this.#options.input?.decorate(event)
    const route = this.#routes.find(({ fits }) => fits === undefined || fits(event))
    if (route === undefined) return false
    if (this.#innerSource !== 'none') {
      // what a pipeline took away does not come back
      this.#inner.setService('')
      this.#inner.setResource(noResource)
      this.#innerSource = 'none'
    }
    this.length++
    route.entrance.take(event, this.#inner)
    return true
  }

  /** As if there were no pipeline. */
  #plain<T>(write: () => T): T {
    if (this.#innerSource !== 'current') {
      this.#inner.setService(this.#service)
      this.#inner.setResource(this.#resource)
      this.#innerSource = 'current'
    }
    const before = this.#inner.length
    const written = write()
    this.length += this.#inner.length - before
    return written
  }
}

const noResource: ReadonlyMap<string, string> = new Map()
