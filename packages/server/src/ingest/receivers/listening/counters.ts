// What is counted of ports that lines come in by.
import type { Clock } from '@tidewatch/core/clock.ts'
import type { Counter, Gauge, Logger, Metrics } from '../../../self/port.ts'
import { oncePerMetrics } from './families.ts'

export type Transport = 'tcp' | 'tls' | 'udp'

/** Why a connection was not let in, or was ended by us. */
export type Refusal = 'network' | 'too_many' | 'no_room' | 'idle' | 'tls'
/** Why something that came is not there, or not whole. */
export type Loss = 'cut_line' | 'malformed' | 'incomplete' | 'no_room' | 'not_stored'

const familiesOf = oncePerMetrics((metrics) => ({
  lines: metrics.counter({
    name: 'tidewatch_listener_lines_total',
    help: 'Lines of logs that came to a port of their own and are stored.',
    labels: ['listener'],
  }),
  bytes: metrics.counter({
    name: 'tidewatch_listener_bytes_total',
    help: 'Bytes that were read from connections and packets.',
    labels: ['listener', 'transport'],
  }),
  packets: metrics.counter({
    name: 'tidewatch_listener_packets_total',
    help: 'Packets of UDP that were read.',
    labels: ['listener'],
  }),
  connections: metrics.gauge({
    name: 'tidewatch_listener_connections',
    help: 'Connections that are open.',
    labels: ['listener'],
  }),
  refused: metrics.counter({
    name: 'tidewatch_listener_refused_total',
    help: 'Connections and packets that were refused or ended, by reason.',
    labels: ['listener', 'reason'],
  }),
  losses: metrics.counter({
    name: 'tidewatch_listener_losses_total',
    help: 'What came and is not stored, or not as it was meant, by reason.',
    labels: ['listener', 'reason'],
  }),
  faults: metrics.counter({
    name: 'tidewatch_listener_faults_total',
    help: 'Connections that could not be read on, since what came is not the protocol.',
    labels: ['listener'],
  }),
  waits: metrics.counter({
    name: 'tidewatch_listener_pauses_total',
    help: 'Times that a connection was not read for a while, since what came before had to be stored first.',
    labels: ['listener'],
  }),
  waitingBytes: metrics.gauge({
    name: 'tidewatch_listener_waiting_bytes',
    help: 'Bytes of lines that were read and are not stored yet.',
    labels: ['listener'],
  }),
}))

/** One example of a kind is told at most so often. */
const tellEveryMs = 60_000

export class ListenerCounters {
  readonly kind: string
  readonly lines: Counter
  readonly packets: Counter
  readonly faults: Counter
  readonly waits: Counter
  readonly connections: Gauge
  readonly waitingBytes: Gauge
  readonly #families: ReturnType<typeof familiesOf>
  readonly #parts: { readonly clock: Clock; readonly logger: Logger }
  readonly #toldMs = new Map<string, number>()

  constructor(
    kind: string,
    { metrics, ...parts }: { readonly clock: Clock; readonly logger: Logger; readonly metrics: Metrics },
  ) {
    this.kind = kind
    this.#parts = parts
    const families = familiesOf(metrics)
    this.#families = families
    this.lines = families.lines.with(kind)
    this.packets = families.packets.with(kind)
    this.faults = families.faults.with(kind)
    this.waits = families.waits.with(kind)
    this.connections = families.connections.with(kind)
    this.waitingBytes = families.waitingBytes.with(kind)
  }

  bytes(transport: Transport): Counter {
    return this.#families.bytes.with(this.kind, transport)
  }

  refuse(reason: Refusal, message: string, fields: Readonly<Record<string, unknown>>): void {
    this.#families.refused.with(this.kind, reason).add()
    this.tell(`refused ${reason}`, message, fields)
  }

  lose(reason: Loss, count: number, message: string, fields: Readonly<Record<string, unknown>> = {}): void {
    if (count === 0) return
    this.#families.losses.with(this.kind, reason).add(count)
    this.tell(`lost ${reason}`, message, fields)
  }

  /** A warning, the first of its reason in a minute. */
  tell(reason: string, message: string, fields: Readonly<Record<string, unknown>>): void {
    const nowMs = this.#parts.clock.monotonicMs()
    const toldMs = this.#toldMs.get(reason)
    if (toldMs !== undefined && nowMs - toldMs < tellEveryMs) return
    this.#toldMs.set(reason, nowMs)
    this.#parts.logger.warn(`${this.kind}: ${message}`, fields)
  }
}
