import { AppError } from '@tidewatch/core/error.ts'
import { SampleBatchPool } from '@tidewatch/core/sample-batch.ts'
import { TimeSlices } from '@tidewatch/core/time-slices.ts'
import { type Answer, defineRoute, type RequestContext } from '../../http/port.ts'
import { refusedTimesError } from '../accept.ts'
import { type AcceptResult, defineReceiver, type SampleReceiverParts } from '../port.ts'
import { RemoteWriteDecoder } from '../remote-write-decode.ts'
import type { DecodedRequest, ResolveSeries } from '../remote-write-series.ts'
import { RemoteWriteV2Decoder } from '../remote-write-v2-decode.ts'
import { StartTimes } from '../start-times.ts'

/** As in Prometheus's own receiver. */
const maxInflatedBytes = 32 << 20
/** Series decoded between two looks at the clock. */
const sliceSeries = 512

/**
 * Prometheus remote write 1.0 and 2.0 (https://prometheus.io/docs/specs/prw/remote_write_spec/), told apart by the Content-Type. All of a request's
 * samples are safe when it is answered 204. 400: some were left out (series with bad labels, times out of range) and the others taken, or the body is
 * no such message and nothing was; a sender repeats neither. 429 with Retry-After: nothing was taken, send again.
 * The `X-Prometheus-Remote-Write-…-Written` headers say what was taken.
 */
export const remoteWrite = defineReceiver({
  kind: 'remote-write',
  title: 'Prometheus remote write',
  routes(parts: SampleReceiverParts) {
    const pool = new SampleBatchPool()
    return [
      defineRoute<unknown, unknown, Uint8Array>({
        method: 'POST',
        path: '/api/v1/write',
        permission: 'ingest',
        errors: 'text',
        summary: 'Takes samples by Prometheus remote write 1.0 and 2.0',
        bodyKind: 'bytes',
        snappy: true,
        limits: { maxBytes: maxInflatedBytes, maxInflatedBytes },
        handle: (context) => handleWrite(context, parts, pool),
      }),
    ]
  },
})

async function handleWrite(
  context: RequestContext<unknown, unknown, Uint8Array>,
  parts: SampleReceiverParts,
  pool: SampleBatchPool,
): Promise<Answer> {
  const version = versionOf(context.headers['content-type'])
  if (version === undefined) return unsupported
  const { acceptor, clock } = parts
  acceptor.checkRoom()
  const { project } = context.identity
  using lease = pool.lease()
  const { order } = acceptor
  const resolve: ResolveSeries = (bytes, start, end) => acceptor.resolveEncoded(project, bytes, start, end)
  const starts = parts.wantsZeroSamples() ? new StartTimes((ref) => acceptor.lastMs(ref)) : undefined
  const known = { order, project }
  const decoder =
    version === 1
      ? new RemoteWriteDecoder(context.body, lease.batch, resolve, known)
      : new RemoteWriteV2Decoder(context.body, lease.batch, resolve, known, starts)
  const slices = new TimeSlices(clock)
  while (!decoder.step(sliceSeries)) {
    if (!slices.isOver()) continue
    await slices.turn()
    if (context.signal.aborted) throw new AppError('internal.cancelled', 'the sender went away')
  }
  const metadata = decoder.found.metadata.map((row) => ({ ...row, project }))
  const result = await acceptor.accept(lease.batch, { metadata })
  count(parts, decoder.found, result)
  return answer(decoder.found, result)
}

/** Which version the body is, by its Content-Type; undefined for what is neither. Without one it is 1.0, as its first senders had none. */
function versionOf(header: string | string[] | undefined): 1 | 2 | undefined {
  const text = Array.isArray(header) ? header[0] : header
  if (text === undefined || text === '') return 1
  const [type, ...parameters] = text.split(';').map((part) => part.trim().toLowerCase())
  if (type !== 'application/x-protobuf' && type !== 'application/octet-stream') return undefined
  const proto = parameters.find((parameter) => parameter.startsWith('proto='))?.slice('proto='.length)
  if (proto === undefined || proto === 'prometheus.writerequest') return 1
  return proto === 'io.prometheus.write.v2.request' ? 2 : undefined
}

const unsupported: Answer = {
  status: 415,
  headers: { 'content-type': 'text/plain; charset=utf-8' },
  body: 'this is no remote write 1.0 or 2.0: send Content-Type: application/x-protobuf;proto=prometheus.WriteRequest or application/x-protobuf;proto=io.prometheus.write.v2.Request\n',
}

function count(parts: SampleReceiverParts, found: DecodedRequest, result: AcceptResult): void {
  const { refused } = result
  const counts = [
    ['bad_histogram', result.badHistograms],
    ['exemplar', found.badExemplars + result.refusedExemplars],
    ['bad_series', found.badSamples],
    ['too_old', refused.tooOld],
    ['too_far_ahead', refused.tooFarAhead],
  ] as const
  for (const [reason, number] of counts) if (number > 0) parts.countLeftOut(reason, number)
}

function answer(found: DecodedRequest, result: AcceptResult): Answer {
  const headers = {
    'x-prometheus-remote-write-samples-written': String(result.accepted),
    'x-prometheus-remote-write-histograms-written': String(result.histograms),
    'x-prometheus-remote-write-exemplars-written': String(result.exemplars),
  }
  const complaints: string[] = []
  if (found.firstBad !== undefined) {
    const { message, fix } = found.firstBad
    const series = found.badSeries === 1 ? '1 series' : `${found.badSeries} series`
    complaints.push(`${series} left out: ${message}${fix === undefined ? '' : `. ${fix}`}`)
  }
  if (result.firstBadHistogram !== undefined)
    complaints.push(`${plural(result.badHistograms, 'native histogram')} left out: ${result.firstBadHistogram.message}`)
  if (found.badExemplars > 0 && found.firstBad === undefined)
    complaints.push(`${plural(found.badExemplars, 'exemplar')} left out: label references that are no pairs of symbols`)
  if (result.refused.tooOld + result.refused.tooFarAhead > 0) {
    const error = refusedTimesError(result)
    complaints.push(`${error.message} ${error.fix}`)
  }
  if (complaints.length === 0) return { status: 204, headers }
  return {
    status: 400,
    headers: { ...headers, 'content-type': 'text/plain; charset=utf-8' },
    body: `${complaints.join('\n')}\n`,
  }
}

const plural = (count: number, noun: string): string => `${count} ${noun}${count === 1 ? '' : 's'}`
