import type { Clock } from '@tidewatch/core/clock.ts'
import { AppError, quoteValue } from '@tidewatch/core/error.ts'
import { type Answer, defineRoute, type RequestContext, type Route } from '../../http/port.ts'
import type { LogIntake } from '../logs/port.ts'
import { defineReceiver } from '../port.ts'
import { inSlices } from '../slices.ts'
import { readJsonPush } from './loki/json.ts'
import { unpackPush } from './loki/packed.ts'
import { readProtobufPush } from './loki/protobuf.ts'
import { RefusedStreams } from './loki/push.ts'
import { KnownStreams } from './loki/stream.ts'

interface LokiParts {
  readonly logs: LogIntake
  readonly clock: Clock
}

const maxInflatedBytes = 64 << 20

/** Loki's path, and the one of its first releases. */
const paths = ['/loki/api/v1/push', '/api/prom/push']

/**
 * Loki's push (https://grafana.com/docs/loki/latest/reference/loki-http-api/#ingest-logs): JSON, or protobuf in a block of snappy, in gzip, or both.
 * Lines stay as they are, and need no order. 204: all of it is safe. 400: streams whose labels are refused were left out and the others taken, or the body
 * is no push and nothing was. 429 and 503 with Retry-After: nothing was taken, send again.
 */
export const loki = defineReceiver({
  kind: 'loki',
  title: 'Loki push',
  routes(parts: LokiParts): readonly Route[] {
    const receiver = new LokiPush(parts)
    return paths.map((path) =>
      defineRoute<unknown, unknown, Uint8Array>({
        method: 'POST',
        path,
        permission: 'ingest',
        errors: 'text',
        summary: 'Takes lines of logs by Loki’s push: JSON, or protobuf in snappy or gzip',
        bodyKind: 'bytes',
        snappy: true,
        limits: { maxBytes: maxInflatedBytes, maxInflatedBytes },
        handle: (context) => receiver.handle(context),
      }),
    )
  },
})

class LokiPush {
  readonly #parts: LokiParts
  readonly #known = new KnownStreams()

  constructor(parts: LokiParts) {
    this.#parts = parts
  }

  async handle(context: RequestContext<unknown, unknown, Uint8Array>): Promise<Answer> {
    const { logs, clock } = this.#parts
    const { identity, signal, remoteAddress } = context
    const isJson = formatOf(context.headers['content-type']) === 'json'
    const read = isJson ? readJsonPush : readProtobufPush
    logs.checkRoom()
    const body =
      isJson || !isPackedTwice(context.headers['content-encoding'])
        ? context.body
        : await unpackPush(context.body, maxInflatedBytes)
    using request = logs.begin({ project: identity.project, sender: `Loki push from ${remoteAddress}` })
    const refused = new RefusedStreams()
    await inSlices(read(body, { request, refused, known: this.#known }), { clock, signal })
    if (request.length > 0) await request.store({ body })
    const { count, first } = refused
    if (first === undefined) return { status: 204 }
    if (request.length === 0) throw first
    const fix = first.fix === undefined ? '' : ` ${first.fix}`
    return {
      status: 400,
      headers: { 'content-type': 'text/plain; charset=utf-8' },
      body: `${count === 1 ? '1 stream' : `${count} streams`} left out: ${first.message}.${fix}\n`,
    }
  }
}

/** Whether snappy may be within what was unpacked already. */
function isPackedTwice(header: string | string[] | undefined): boolean {
  const encoding = String(header ?? '')
    .trim()
    .toLowerCase()
  return encoding !== '' && encoding !== 'snappy' && encoding !== 'identity'
}

function formatOf(header: string | string[] | undefined): 'json' | 'protobuf' {
  const type = String(header ?? '')
    .split(';', 1)[0]
    ?.trim()
    .toLowerCase()
  if (type === 'application/json') return 'json'
  if (type === 'application/x-protobuf') return 'protobuf'
  throw new AppError('http.media_type', `the content type ${quoteValue(type)} is not taken here.`, {
    where: { key: 'content-type' },
    fix: 'Send application/x-protobuf in a block of snappy, or application/json.',
  })
}
