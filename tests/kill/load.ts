// A steady load of remote_write with a ledger of what was sent and acknowledged. A request without an answer is sent again with the same
// bytes until it is acknowledged, as real senders do.
import { Agent, request } from 'node:http'
import { systemClock } from '@tidewatch/core/clock.ts'
import { staleHistogram } from '@tidewatch/core/native-histogram.ts'
import { HistogramMessage } from '@tidewatch/server/query/read/histogram-message.ts'
import { field, label, series, snappyBlock } from '@tidewatch/testkit/write-request.ts'

/** Every sample of a request has its own value in the run, and its own time in its series. */
export interface SentSample {
  readonly series: string
  readonly atMs: number
  readonly value: number
}

export interface SentRequest {
  readonly samples: readonly SentSample[]
  /** How often its bytes went out. */
  attempts: number
  acknowledged: boolean
}

export interface LoadOptions {
  readonly url: string
  /** Name of the metric; the label `series` tells its series apart. */
  readonly metric: string
  readonly senders?: number
  readonly seriesPerSender?: number
  /** Between two requests of a sender, ms. */
  readonly everyMs?: number
  readonly samplesPerSeries?: number
  /** Every other series is one of native histograms, whose sum is the value. */
  readonly histograms?: boolean
}

/** As long ago as no head reaches back: a sample of that time is answered from the store. */
export const longAgoMs = 10 * 86_400_000
const requestTimeoutMs = 20_000
const retryEveryMs = 50

export class SteadyLoad implements AsyncDisposable {
  readonly requests: SentRequest[] = []
  /** Answers that were neither 2xx nor a lost connection, by status. */
  readonly refusals = new Map<number, number>()
  readonly #options: Required<LoadOptions>
  readonly #agent = new Agent({ keepAlive: true })
  readonly #senders: Promise<void>[]
  #isRunning = true
  #value = 0

  constructor(options: LoadOptions) {
    this.#options = {
      senders: 3,
      seriesPerSender: 20,
      everyMs: 60,
      samplesPerSeries: 20,
      histograms: false,
      ...options,
    }
    this.#senders = Array.from({ length: this.#options.senders }, (_, sender) => this.#send(sender))
  }

  get acknowledged(): readonly SentRequest[] {
    return this.requests.filter(({ acknowledged }) => acknowledged)
  }

  /** Begins no further request; resolves when the last is acknowledged. */
  async finish(): Promise<void> {
    this.#isRunning = false
    await Promise.all(this.#senders)
  }

  /** Resolves when so many more requests are acknowledged. */
  async more(requests: number, withinMs = 60_000): Promise<void> {
    const wanted = this.acknowledged.length + requests
    const began = performance.now()
    while (this.acknowledged.length < wanted) {
      if (performance.now() - began > withinMs)
        throw new Error(`${requests} requests were not acknowledged within ${withinMs} ms`)
      await systemClock.sleep(20)
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.finish()
    this.#agent.destroy()
  }

  async #send(sender: number): Promise<void> {
    const { seriesPerSender, everyMs, samplesPerSeries } = this.#options
    let lastMs = 0
    while (this.#isRunning) {
      const firstMs = Math.max(systemClock.nowMs() - samplesPerSeries, lastMs + 1)
      lastMs = firstMs + samplesPerSeries - 1
      const samples: SentSample[] = []
      for (let i = 0; i < seriesPerSender; i++) {
        // the first series of each sender is of long ago: late samples, another partition, never in a head that was refilled
        const beginMs = i === 0 ? firstMs - longAgoMs : firstMs
        for (let k = 0; k < samplesPerSeries; k++) {
          samples.push({ series: `${sender}-${i}`, atMs: beginMs + k, value: this.#nextValue() })
        }
      }
      const sent: SentRequest = { samples, attempts: 0, acknowledged: false }
      this.requests.push(sent)
      await this.#untilAcknowledged(sent)
      await systemClock.sleep(everyMs)
    }
  }

  /** Whole numbers and others, which the store keeps in different columns. */
  #nextValue(): number {
    this.#value++
    return this.#value % 3 === 0 ? this.#value + 0.1 : this.#value
  }

  async #untilAcknowledged(sent: SentRequest): Promise<void> {
    const body = encode(this.#options, sent.samples)
    for (;;) {
      sent.attempts++
      const status = await post(`${this.#options.url}/api/v1/write`, body, this.#agent)
      if (status !== undefined && status >= 200 && status < 300) {
        sent.acknowledged = true
        return
      }
      if (status !== undefined) this.refusals.set(status, (this.refusals.get(status) ?? 0) + 1)
      await systemClock.sleep(retryEveryMs)
    }
  }
}

function encode({ metric, histograms }: Required<LoadOptions>, samples: readonly SentSample[]): Uint8Array {
  const bySeries = Map.groupBy(samples, (one) => one.series)
  const parts = [...bySeries].map(([name, own], i) => {
    const labels = { __name__: metric, series: name }
    if (histograms && i % 2 === 0) return histogramSeries(labels, own)
    return series(
      labels,
      own.map(({ atMs, value }) => [atMs, value] as const),
    )
  })
  return snappyBlock(...parts)
}

const message = new HistogramMessage()

function histogramSeries(labels: Readonly<Record<string, string>>, samples: readonly SentSample[]): Uint8Array {
  const messages = samples.map(({ atMs, value: sum }) => {
    const count = Math.floor(sum)
    const positiveSpans = [{ offset: 0, length: 1 }]
    const histogram = {
      ...staleHistogram,
      isInteger: true,
      count,
      sum,
      positiveSpans,
      positiveBuckets: Float64Array.of(count),
    }
    return field(4, Uint8Array.from(message.encode(atMs, histogram)))
  })
  return field(1, Buffer.concat([...Object.entries(labels).map(([name, text]) => label(name, text)), ...messages]))
}

/** The status of the answer; undefined where there was none. */
export function post(url: string, body: Uint8Array, agent: Agent): Promise<number | undefined> {
  return new Promise((resolve) => {
    const headers = { 'content-type': 'application/x-protobuf', 'content-encoding': 'snappy' }
    const sending = request(url, { method: 'POST', agent, headers, timeout: requestTimeoutMs }, (response) => {
      response.resume()
      // an answer that was cut off is none
      response.on('error', () => resolve(undefined))
      response.on('end', () => resolve(response.statusCode))
    })
    sending.on('timeout', () => sending.destroy(new Error('no answer')))
    sending.on('error', () => resolve(undefined))
    sending.end(body)
  })
}
