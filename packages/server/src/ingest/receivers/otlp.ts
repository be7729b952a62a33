import { type SampleBatch, SampleBatchPool } from '@tidewatch/core/sample-batch.ts'
import { type Answer, defineRoute, type RequestContext } from '../../http/port.ts'
import { refusedTimesError } from '../accept.ts'
import {
  type AcceptResult,
  defineReceiver,
  type OtlpSettings,
  type ReceiverParts,
  type SampleAcceptor,
} from '../port.ts'
import { inSlices } from '../slices.ts'
import { exportAnswer, formatOf, otlpErrorBody } from './otlp/answer.ts'
import { DeltaTotals } from './otlp/deltas.ts'
import { readJsonMetrics } from './otlp/json.ts'
import { otlpLogRoutes } from './otlp/logs.ts'
import { readProtobufMetrics } from './otlp/protobuf.ts'
import { StreamTable } from './otlp/streams.ts'
import { type Translated, Translation } from './otlp/translate.ts'

/** OpenTelemetry's own path, and the one that Prometheus has. */
const paths = ['/v1/metrics', '/api/v1/otlp/v1/metrics']

/**
 * OTLP over HTTP (https://opentelemetry.io/docs/specs/otlp/#otlphttp), metrics and logs: protobuf and JSON; metrics with the names that Prometheus's own OTLP
 * receiver gives. 200: everything that was taken is safe; `partialSuccess` says what was left out and why. 400: nothing was taken, and the
 * same would not be later. 429 and 503 with Retry-After: nothing was taken, send again.
 */
export const otlp = defineReceiver({
  kind: 'otlp',
  title: 'OpenTelemetry (OTLP/HTTP)',
  routes(parts: OtlpParts) {
    const receiver = new OtlpMetrics(parts)
    const metrics = paths.map((path) =>
      defineRoute<unknown, unknown, Uint8Array>({
        method: 'POST',
        path,
        permission: 'ingest',
        errors: 'tidewatch',
        errorBody: otlpErrorBody,
        summary: 'Takes metrics by OTLP over HTTP, protobuf or JSON',
        bodyKind: 'bytes',
        handle: (context) => receiver.handle(context),
      }),
    )
    return [...metrics, ...otlpLogRoutes(parts)]
  },
})

type OtlpParts = Pick<ReceiverParts, 'clock' | 'countLeftOut' | 'otlp' | 'logs'> & {
  readonly acceptor: Pick<SampleAcceptor, 'accept' | 'checkRoom' | 'resolveEncoded'>
}

class OtlpMetrics {
  readonly #parts: OtlpParts
  readonly #pool = new SampleBatchPool()
  readonly #totals = new DeltaTotals()
  #streams: StreamTable | undefined

  constructor(parts: OtlpParts) {
    this.#parts = parts
  }

  async handle(context: RequestContext<unknown, unknown, Uint8Array>): Promise<Answer> {
    const { acceptor, clock, otlp: settings } = this.#parts
    const format = formatOf(context.headers['content-type'])
    acceptor.checkRoom()
    const { project } = context.identity
    using lease = this.#pool.lease()
    const { batch } = lease
    const deltas = this.#totals.turn(project, clock.nowMs())
    const translation = new Translation({
      ...{ project, batch, deltas },
      streams: this.#streamsFor(settings()),
      resolve: (bytes) => acceptor.resolveEncoded(project, bytes, 0, bytes.length),
    })
    try {
      const read = format === 'json' ? readJsonMetrics : readProtobufMetrics
      await inSlices(read(context.body, translation), { clock, signal: context.signal })
      const result = await this.#accept(batch, translation.found)
      return exportAnswer(format, partialSuccess(translation.found, result))
    } catch (error) {
      // nothing was stored: the sender's next attempt is to count
      deltas.undo()
      throw error
    }
  }

  async #accept(batch: SampleBatch, found: Translated): Promise<AcceptResult> {
    const { acceptor, countLeftOut } = this.#parts
    const result = await acceptor.accept(batch, { metadata: [...found.metadata.values()] })
    const counts = [
      ['bad_series', found.rejected],
      ['repeated_delta', found.repeated],
      ['bad_histogram', result.badHistograms],
      ['too_old', result.refused.tooOld],
      ['too_far_ahead', result.refused.tooFarAhead],
    ] as const
    for (const [reason, count] of counts) if (count > 0) countLeftOut(reason, count)
    return result
  }

  /** What is known of senders holds for the settings that it was learnt by. */
  #streamsFor(settings: OtlpSettings): StreamTable {
    if (this.#streams?.settings !== settings) this.#streams = new StreamTable(settings)
    this.#streams.trim()
    return this.#streams
  }
}

/** Undefined where everything was taken. */
function partialSuccess(found: Translated, result: AcceptResult): { rejected: number; message: string } | undefined {
  const refusedTimes = result.refused.tooOld + result.refused.tooFarAhead
  const refused = refusedTimes + result.badHistograms
  if (found.rejected === 0 && refused === 0 && found.reasons.size === 0) return undefined
  const reasons = [...found.reasons]
  if (result.firstBadHistogram !== undefined) reasons.push(result.firstBadHistogram.message)
  if (refusedTimes > 0) {
    const { message, fix } = refusedTimesError(result)
    reasons.push(`${message} ${fix}`)
  }
  // a point of a histogram is several samples
  return { rejected: Math.min(found.points, found.rejected + refused), message: cut(reasons.join('; ')) }
}

const cut = (text: string): string => (text.length > 2000 ? `${text.slice(0, 2000)}…` : text)
