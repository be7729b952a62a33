// The socket, the flushes every interval, and what is counted and told of lines that are none.
import type { RemoteInfo, Socket } from 'node:dgram'
import type { BlockList } from 'node:net'
import { quoteValue } from '@tidewatch/core/error.ts'
import type { ByteRange } from '../../byte-table.ts'
import type { ListenerParts, OpenListener } from '../../port.ts'
import { blockListOf, isFrom, listenUdp } from '../../udp.ts'
import { oncePerMetrics } from '../listening/families.ts'
import type { StatsdConfig } from '../statsd.ts'
import { Aggregator } from './aggregator.ts'
import { type LineOutcome, type LineSink, StatsdParser } from './parse.ts'

/** An example of a bad line is told at most so often. */
const tellEveryMs = 60_000

const advice: Readonly<Record<Exclude<LineOutcome, 'accepted' | 'ignored'>, string>> = {
  malformed: 'a line is no StatsD: name:value|type, with type c, g, ms, h, d or s',
  too_many_series: 'there is no room for another metric; raise listeners.statsd.max_series, or send fewer tags',
  conflict: 'a metric was sent as another type before; give one of them another name',
}

/** What it needs of a listener's parts. */
export type StatsdParts = Omit<ListenerParts, 'logs' | 'openCertificate'>

export class StatsdServer implements LineSink, OpenListener {
  readonly #parts: Pick<ListenerParts, 'clock' | 'logger'>
  readonly #networks: BlockList
  readonly #intervalMs: number
  readonly #aggregator: Aggregator
  readonly #parser = new StatsdParser(this)
  readonly #counts: ReturnType<typeof countersOf>
  readonly #toldMs = new Map<string, number>()
  readonly #stop = new AbortController()
  #socket: Socket | undefined
  #flushing: Promise<void> = Promise.resolve()
  #isFailing = false

  private constructor(config: StatsdConfig, parts: StatsdParts) {
    this.#parts = parts
    this.#networks = blockListOf(config.networks)
    this.#intervalMs = config.flush_interval
    this.#aggregator = new Aggregator({
      ...parts,
      maxSeries: config.max_series,
      expireMs: config.expire,
      timerBuckets: config.timer_buckets,
      histogramBuckets: config.histogram_buckets,
    })
    this.#counts = countersOf(parts.metrics)
  }

  static async open(config: StatsdConfig, parts: StatsdParts): Promise<StatsdServer> {
    const server = new StatsdServer(config, parts)
    const socket = await listenUdp(config.address, (packet, from) => server.#packet(packet, from))
    server.#socket = socket
    // later errors of a socket that listens lose packets, as UDP may
    socket.on('error', (error) => server.#tell('socket', 'the socket had an error', { error }))
    server.#flushing = server.#run(server.#stop.signal)
    return server
  }

  get address(): string {
    const { address = '', port = 0 } = this.#socket?.address() ?? {}
    return `${address}:${port}`
  }

  /** What has come is stored before it ends. */
  async [Symbol.asyncDispose](): Promise<void> {
    const socket = this.#socket
    if (socket === undefined) return
    this.#socket = undefined
    await new Promise<void>((resolve) => socket.close(resolve))
    this.#stop.abort()
    await this.#flushing
  }

  target(head: Parameters<LineSink['target']>[0]): ReturnType<LineSink['target']> {
    return this.#aggregator.target(head)
  }

  outcome(outcome: LineOutcome, { bytes, start, end }: ByteRange): void {
    this.#counts.lines[outcome].add()
    if (outcome === 'accepted' || outcome === 'ignored') return
    const line = Buffer.from(bytes.buffer, bytes.byteOffset + start, Math.min(end - start, 200)).toString('latin1')
    this.#tell(outcome, advice[outcome], { line: quoteValue(line) })
  }

  #packet(packet: Buffer, from: RemoteInfo): void {
    if (!isFrom(this.#networks, from.address)) {
      this.#counts.refused.add()
      this.#tell('refused', 'packets come from a network that is not in listeners.statsd.networks', {
        from: from.address,
      })
      return
    }
    this.#counts.packets.add()
    this.#parser.packet(packet)
  }

  #tell(reason: string, message: string, fields: Readonly<Record<string, unknown>>): void {
    const { clock, logger } = this.#parts
    const nowMs = clock.monotonicMs()
    const toldMs = this.#toldMs.get(reason)
    if (toldMs !== undefined && nowMs - toldMs < tellEveryMs) return
    this.#toldMs.set(reason, nowMs)
    logger.warn(`statsd: ${message}`, fields)
  }

  async #run(signal: AbortSignal): Promise<void> {
    const { clock } = this.#parts
    while (!signal.aborted) {
      // the signal ends it: then the last flush follows
      await clock.sleep(this.#intervalMs - (clock.nowMs() % this.#intervalMs), { signal }).catch(() => undefined)
      await this.#flush()
    }
  }

  /** Never throws: what could not be stored is part of the next flush. */
  async #flush(): Promise<void> {
    try {
      if (await this.#aggregator.flush()) this.#parser.forget()
      this.#isFailing = false
    } catch (error) {
      if (!this.#isFailing)
        this.#parts.logger.warn('statsd: a flush could not be stored; the next one has it', { error })
      this.#isFailing = true
    }
    this.#counts.series.set(this.#aggregator.size)
  }
}

const countersOf = oncePerMetrics((metrics) => {
  const lines = metrics.counter({
    name: 'tidewatch_statsd_lines_total',
    help: 'Lines of StatsD, by what became of them; events and service checks are ignored.',
    labels: ['outcome'],
  })
  const of = (outcome: LineOutcome) => lines.with(outcome)
  return {
    lines: {
      accepted: of('accepted'),
      malformed: of('malformed'),
      ignored: of('ignored'),
      too_many_series: of('too_many_series'),
      conflict: of('conflict'),
    },
    packets: metrics
      .counter({ name: 'tidewatch_statsd_packets_total', help: 'Packets of StatsD that were read.' })
      .with(),
    refused: metrics
      .counter({
        name: 'tidewatch_statsd_packets_refused_total',
        help: 'Packets of StatsD from networks that may not send.',
      })
      .with(),
    series: metrics.gauge({ name: 'tidewatch_statsd_metrics', help: 'Metrics by tags that StatsD keeps.' }).with(),
  }
})
