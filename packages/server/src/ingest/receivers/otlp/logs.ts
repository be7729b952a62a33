// Logs by OTLP over HTTP, beside metrics.
import { type Answer, defineRoute, type RequestContext, type Route } from '../../../http/port.ts'
import type { ReceiverParts } from '../../port.ts'
import { inSlices } from '../../slices.ts'
import { exportAnswer, formatOf, otlpErrorBody } from './answer.ts'
import { readJsonLogs } from './json-logs.ts'
import { LogTranslation } from './log-translation.ts'
import { readProtobufLogs } from './protobuf-logs.ts'

/** OpenTelemetry's own path, and the one that Loki has. */
const paths = ['/v1/logs', '/otlp/v1/logs']

export type OtlpLogParts = Pick<ReceiverParts, 'logs' | 'clock'>

/** 200: all records are safe. 400: none was taken. Times that cannot be are kept as what the record claims, so nothing is refused in part. */
export function otlpLogRoutes(parts: OtlpLogParts): readonly Route[] {
  return paths.map((path) =>
    defineRoute<unknown, unknown, Uint8Array>({
      method: 'POST',
      path,
      permission: 'ingest',
      errors: 'tidewatch',
      errorBody: otlpErrorBody,
      summary: 'Takes logs by OTLP over HTTP, protobuf or JSON',
      bodyKind: 'bytes',
      handle: (context) => takeLogs(parts, context),
    }),
  )
}

async function takeLogs(
  { logs, clock }: OtlpLogParts,
  { body, headers, identity, signal, remoteAddress }: RequestContext<unknown, unknown, Uint8Array>,
): Promise<Answer> {
  const format = formatOf(headers['content-type'])
  logs.checkRoom()
  using request = logs.begin({ project: identity.project, sender: `OTLP from ${remoteAddress}` })
  const read = format === 'json' ? readJsonLogs : readProtobufLogs
  await inSlices(read(body, new LogTranslation(request)), { clock, signal })
  if (request.length > 0) await request.store({ body })
  return exportAnswer(format, undefined)
}
