import { setImmediate } from 'node:timers/promises'
import { AppError } from '@tidewatch/core/error.ts'
import { SampleBatchPool } from '@tidewatch/core/sample-batch.ts'
import { type Answer, defineRoute, type RequestContext } from '../../http/port.ts'
import { refusedTimesError } from '../accept.ts'
import { type AcceptResult, defineReceiver, type SampleReceiverParts } from '../port.ts'
import { RemoteWriteDecoder } from '../remote-write-decode.ts'
import type { DecodedRequest } from '../remote-write-series.ts'

/** As in Prometheus's own receiver. */
const maxInflatedBytes = 32 << 20
/** Series decoded between two looks at the clock. */
const sliceSeries = 512
/** After so long the thread answers others first. */
const sliceMs = 8

/**
 * Prometheus remote write 1.0 (https://prometheus.io/docs/specs/prw/remote_write_spec/). All of a request's samples are safe when
 * it is answered 204. 400: some were left out (series with bad labels, times out of range) and the others taken, or the body is
 * no WriteRequest and nothing was; a sender repeats neither. 429 with Retry-After: nothing was taken, send again.
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
        summary: 'Takes samples by Prometheus remote write 1.0',
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
  const unsupported = checkContentType(context.headers['content-type'])
  if (unsupported !== undefined) return unsupported
  const { acceptor, clock } = parts
  acceptor.checkRoom()
  const { project } = context.identity
  using lease = pool.lease()
  const decoder = new RemoteWriteDecoder(context.body, lease.batch, (bytes, start, end) =>
    acceptor.resolveEncoded(project, bytes, start, end),
  )
  for (let sliceEndMs = clock.monotonicMs() + sliceMs; !decoder.step(sliceSeries); ) {
    if (clock.monotonicMs() < sliceEndMs) continue
    await setImmediate()
    if (context.signal.aborted) throw new AppError('internal.cancelled', 'the sender went away')
    sliceEndMs = clock.monotonicMs() + sliceMs
  }
  const metadata = decoder.found.metadata.map((row) => ({ ...row, project }))
  const result = await acceptor.accept(lease.batch, { metadata })
  count(parts, decoder.found, result)
  return answer(decoder.found, result)
}

/** Remote write 2.0 and other things are refused by name, before their bytes are read as something else. */
function checkContentType(header: string | string[] | undefined): Answer | undefined {
  const text = Array.isArray(header) ? header[0] : header
  if (text === undefined || text === '') return undefined
  const [type, ...parameters] = text.split(';').map((part) => part.trim().toLowerCase())
  const proto = parameters.find((parameter) => parameter.startsWith('proto='))?.slice('proto='.length)
  const isPlain = type === 'application/x-protobuf' || type === 'application/octet-stream'
  if (isPlain && (proto === undefined || proto === 'prometheus.writerequest')) return undefined
  const found = isPlain ? 'remote write 2.0 (io.prometheus.write.v2.Request)' : type
  return {
    status: 415,
    headers: { 'content-type': 'text/plain; charset=utf-8' },
    body: `this is ${found}; Tidewatch takes remote write 1.0 here: Content-Type: application/x-protobuf (in Prometheus: remote_write with protobuf_message: prometheus.WriteRequest)\n`,
  }
}

function count(parts: SampleReceiverParts, found: DecodedRequest, result: AcceptResult): void {
  const { refused } = result
  const counts = [
    ['bad_histogram', found.badHistograms],
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
  if (found.firstBadHistogram !== undefined)
    complaints.push(`${plural(found.badHistograms, 'native histogram')} left out: ${found.firstBadHistogram}`)
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
