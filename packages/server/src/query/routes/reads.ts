// How other Prometheus servers read from this one: remote read, and federation.
// https://prometheus.io/docs/prometheus/latest/querying/remote_read_api/ and .../federation/
import { AppError } from '@tidewatch/core/error.ts'
import { compareUtf8 } from '@tidewatch/core/labels.ts'
import { type Answer, defineRoute, type RequestContext, type Route } from '../../http/port.ts'
import { begun } from '../begun.ts'
import type { ReadService, ReadWindow } from '../port.ts'
import { expositionFormat } from '../read/exposition-format.ts'
import { decodeReadRequest } from '../read/request.ts'
import { Parameters } from './parameters.ts'
import { parseSelector, scope } from './scope.ts'

export interface ReadRoutesOptions {
  readonly reads: ReadService
  /** `global.external_labels`, as they are now. */
  readonly externalLabels: () => Readonly<Record<string, string>>
  readonly nowMs: () => number
}

/** How old a sample may be that `/federate` gives. */
const lookbackMs = 300_000
/** A query is some matchers. */
const bodyLimits = { maxBytes: 1 << 20, maxInflatedBytes: 4 << 20 }

/** `ReadRequest.ResponseType` of prometheus/prompb/remote.proto. */
const responseTypes = { samples: 0, streamedXorChunks: 1 } as const

export function createReadRoutes(options: ReadRoutesOptions): Route[] {
  return [
    defineRoute({
      method: 'POST',
      path: '/api/v1/read',
      permission: 'view',
      errors: 'text',
      summary: "Raw samples by Prometheus's remote read, at once or as a stream of chunks",
      bodyKind: 'bytes',
      limits: bodyLimits,
      snappy: true,
      handle: (context) => remoteRead(context, options),
    }),
    defineRoute({
      method: 'GET',
      path: '/federate',
      permission: 'view',
      errors: 'text',
      summary: 'The newest sample of the series that match, for another Prometheus to scrape',
      handle: (context) => federate(context, options),
    }),
  ]
}

async function remoteRead(context: RequestContext, { reads, externalLabels }: ReadRoutesOptions): Promise<Answer> {
  // decoded before anything waits: the bytes are the handler's only while it runs
  const { queries, acceptedTypes } = decodeReadRequest(context.body as Uint8Array)
  const format = negotiated(acceptedTypes)
  const external = sortedPairs(externalLabels())
  const windows = queries.map((query) => withoutExternal(query, external))
  const flat = external.flat()
  const { projects, user, signal } = scope(context, new Parameters(context))
  const body = await begun(reads.read({ projects, user, signal, windows, format, externalLabels: flat }))
  if (format === 'chunked') {
    const contentType = 'application/x-streamed-protobuf; proto=prometheus.ChunkedReadResponse'
    return { headers: { 'content-type': contentType }, body }
  }
  return { headers: { 'content-type': 'application/x-protobuf', 'content-encoding': 'snappy' }, body }
}

function negotiated(accepted: readonly number[]): 'sampled' | 'chunked' {
  if (accepted.length === 0) return 'sampled'
  for (const type of accepted) {
    if (type === responseTypes.samples) return 'sampled'
    if (type === responseTypes.streamedXorChunks) return 'chunked'
  }
  throw new AppError('http.invalid', `none of the accepted response types (${accepted.join(', ')}) is known here.`, {
    fix: 'Accept SAMPLES (0) or STREAMED_XOR_CHUNKS (1).',
  })
}

/** What asks for our external labels asks for all series here: they have them only in answers. */
function withoutExternal(window: ReadWindow, external: readonly (readonly [string, string])[]): ReadWindow {
  const matchers = window.matchers.filter(
    ({ op, name, value }) => op !== '=' || !external.some((own) => own[0] === name && own[1] === value),
  )
  return { ...window, matchers }
}

async function federate(context: RequestContext, options: ReadRoutesOptions): Promise<Answer> {
  const { reads, externalLabels, nowMs } = options
  const parameters = new Parameters(context)
  const endMs = nowMs()
  const windows = parameters
    .all('match[]')
    .map((text) => ({ matchers: parseSelector(text), startMs: endMs - lookbackMs, endMs }))
  const { format, utf8Names, contentType } = expositionFormat(context.headers.accept)
  // so that the scraper's own label does not take its place, whatever it honours
  const external = sortedPairs({ instance: '', ...externalLabels() }).flat()
  const { projects, user, signal } = scope(context, parameters)
  const body = await begun(reads.read({ projects, user, signal, windows, format, utf8Names, externalLabels: external }))
  return { headers: { 'content-type': contentType, vary: 'accept' }, body }
}

function sortedPairs(labels: Readonly<Record<string, string>>): (readonly [string, string])[] {
  return Object.entries(labels).sort(([a], [b]) => compareUtf8(a, b))
}
