// What a decoder of exported logs fills and the translation reads.
import type { AnyValue } from './any-value.ts'
import type { OtlpLine } from './otlp-line.ts'
import type { Attribute, Moment, ScopeHeader } from './point.ts'

/** One record (opentelemetry/proto/logs/v1/logs.proto), used again for the next. */
export class OtlpRecord {
  readonly time: Moment = { ms: 0, restNs: 0 }
  readonly observed: Moment = { ms: 0, restNs: 0 }
  severity = 0
  severityText = ''
  body: AnyValue = null
  attributes: Attribute[] = []
  dropped = 0
  flags = 0
  /** Hexadecimal; empty where there is none. */
  traceId = ''
  spanId = ''
  eventName = ''

  clear(): void {
    this.time.ms = 0
    this.time.restNs = 0
    this.observed.ms = 0
    this.observed.restNs = 0
    this.severity = 0
    this.severityText = ''
    this.body = null
    this.attributes = []
    this.dropped = 0
    this.flags = 0
    this.traceId = ''
    this.spanId = ''
    this.eventName = ''
  }
}

/** Is told the resources, their scopes and the records of these in their order. */
export interface LogSink {
  resource(attributes: readonly Attribute[]): void
  scope(scope: ScopeHeader): void
  /** The short way for most records. False where it is not to be had for this one, which goes as a record then. */
  line(line: OtlpLine): boolean
  record(record: OtlpRecord): void
}
