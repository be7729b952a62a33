// Answers in the request's own encoding (https://opentelemetry.io/docs/specs/otlp/#otlphttp-response).
import { AppError, quoteValue } from '@tidewatch/core/error.ts'
import type { Answer, ErrorBody } from '../../../http/port.ts'

export type OtlpFormat = 'json' | 'protobuf'

const contentTypes = { json: 'application/json', protobuf: 'application/x-protobuf' } as const

type Header = string | string[] | undefined

function mediaType(header: Header): string {
  const text = Array.isArray(header) ? header[0] : header
  return (text ?? '').split(';', 1)[0]?.trim().toLowerCase() ?? ''
}

/** Throws `http.media_type` for what is neither. */
export function formatOf(header: Header): OtlpFormat {
  const type = mediaType(header)
  if (type === contentTypes.json) return 'json'
  if (type === contentTypes.protobuf) return 'protobuf'
  throw new AppError('http.media_type', `the content type ${quoteValue(type)} is not taken here.`, {
    where: { key: 'content-type' },
    fix: 'Send application/x-protobuf or application/json.',
  })
}

/** The response of an export of any signal; only of metrics are points left out. */
export function exportAnswer(
  format: OtlpFormat,
  partial: { readonly rejected: number; readonly message: string } | undefined,
): Answer {
  const headers = { 'content-type': contentTypes[format] }
  if (format === 'json') {
    const told =
      partial === undefined ? {} : { rejectedDataPoints: String(partial.rejected), errorMessage: partial.message }
    return { status: 200, headers, body: { partialSuccess: told } }
  }
  if (partial === undefined) return { status: 200, headers, body: new Uint8Array(0) }
  const inner = [...numberField(1, partial.rejected), ...textField(2, partial.message)]
  return { status: 200, headers, body: Uint8Array.from([0x0a, ...varint(inner.length), ...inner]) }
}

/** The numbers of gRPC's codes that a kind of status has. */
const grpcCodes: Readonly<Record<number, number>> = { 400: 3, 401: 16, 403: 7, 404: 5, 413: 3, 415: 3, 429: 8, 503: 14 }
const unknownCode = 2

/** A google.rpc.Status. */
export const otlpErrorBody: ErrorBody = ({ status, message }, headers) => {
  const code = grpcCodes[status] ?? unknownCode
  if (mediaType(headers['content-type']) !== contentTypes.protobuf) {
    return { headers: { 'content-type': contentTypes.json }, body: { code, message } }
  }
  const body = Uint8Array.from([...numberField(1, code), ...textField(2, message)])
  return { headers: { 'content-type': contentTypes.protobuf }, body }
}

const numberField = (field: number, value: number): number[] => [field * 8, ...varint(value)]

function textField(field: number, text: string): number[] {
  const bytes = Buffer.from(text)
  return [field * 8 + 2, ...varint(bytes.length), ...bytes]
}

function varint(value: number): number[] {
  const bytes: number[] = []
  let rest = value
  for (; rest >= 128; rest = Math.floor(rest / 128)) bytes.push((rest % 128) + 128)
  return [...bytes, rest]
}
