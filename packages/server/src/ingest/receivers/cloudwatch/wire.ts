// What a client speaks is said by its headers, and it is answered in kind, errors included.
import type { Answer, ErrorBody, Failure, RequestContext } from '../../../http/port.ts'
import { writeCborTexts } from './cbor.ts'

export type Wire = 'form' | 'json' | 'cbor'

const xmlNamespace = 'http://monitoring.amazonaws.com/doc/2010-08-01/'
const contentTypes = { form: 'text/xml', json: 'application/x-amz-json-1.0', cbor: 'application/cbor' } as const

/** CloudWatch Logs has a protocol of its own, at the same place. */
export const logsPrefix = 'Logs_20140328.'
const logsContentType = 'application/x-amz-json-1.1'

export const isOfLogs = (headers: RequestContext['headers']): boolean =>
  String(headers['x-amz-target'] ?? '').startsWith(logsPrefix)

/** What an operation of CloudWatch Logs answers. */
export function logsAnswer(content: unknown, requestId: string): Answer {
  const headers = { 'x-amzn-requestid': requestId, 'content-type': logsContentType }
  return { status: 200, headers, body: JSON.stringify(content) }
}

export function wireOf(headers: RequestContext['headers']): Wire {
  if (headers['smithy-protocol'] === 'rpc-v2-cbor') return 'cbor'
  return headers['x-amz-target'] === undefined ? 'form' : 'json'
}

/** PutMetricData answers nothing but that it is done. */
export function putAnswer(wire: Wire, requestId: string): Answer {
  const headers = { ...ownHeaders(wire, requestId), 'content-type': contentTypes[wire] }
  switch (wire) {
    case 'form':
      return {
        status: 200,
        headers,
        body: `<PutMetricDataResponse xmlns="${xmlNamespace}"><ResponseMetadata><RequestId>${escapeXml(requestId)}</RequestId></ResponseMetadata></PutMetricDataResponse>\n`,
      }
    case 'json':
      return { status: 200, headers, body: '{}' }
    case 'cbor':
      // an empty map: some SDKs read it, those that expect nothing pass over it
      return { status: 200, headers, body: Uint8Array.of(0xa0) }
  }
}

export const awsErrorBody: ErrorBody = (failure, requestHeaders) => {
  const wire = wireOf(requestHeaders)
  const { requestId, message } = failure
  const code = codeOf(failure)
  if (isOfLogs(requestHeaders)) {
    const headers = { 'x-amzn-requestid': requestId, 'content-type': logsContentType }
    return { headers, body: JSON.stringify({ __type: logsShapes[code] ?? `${code}Exception`, message }) }
  }
  const type = failure.status < 500 ? 'Sender' : 'Receiver'
  const headers = { ...ownHeaders(wire, requestId), 'content-type': contentTypes[wire] }
  if (wire === 'form') {
    const error = `<Type>${type}</Type><Code>${code}</Code><Message>${escapeXml(message)}</Message>`
    return {
      headers,
      body: `<ErrorResponse xmlns="${xmlNamespace}"><Error>${error}</Error><RequestId>${escapeXml(requestId)}</RequestId></ErrorResponse>\n`,
    }
  }
  // SDKs that grew up with the form know the codes by its names
  const more = { ...headers, 'x-amzn-query-error': `${code};${type}` }
  const content = { __type: `com.amazonaws.cloudwatch#${shapes[code] ?? code}`, message }
  return { headers: more, body: wire === 'json' ? JSON.stringify(content) : writeCborTexts(content) }
}

/** The names of errors in the newer protocols where they differ. */
const shapes: Readonly<Record<string, string>> = {
  InvalidParameterValue: 'InvalidParameterValueException',
  MissingParameter: 'MissingRequiredParameterException',
  InternalFailure: 'InternalServiceFault',
  InvalidAction: 'UnknownOperationException',
  Throttling: 'ThrottlingException',
}

/** https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/CommonErrors.html */
const logsShapes: Readonly<Record<string, string>> = {
  InvalidParameterValue: 'InvalidParameterException',
  MissingParameter: 'InvalidParameterException',
  InternalFailure: 'InternalServerException',
  InvalidAction: 'UnknownOperationException',
  InvalidClientTokenId: 'UnrecognizedClientException',
  ResourceNotFound: 'ResourceNotFoundException',
}

/** https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/CommonErrors.html */
function codeOf({ status, code }: Failure): string {
  if (code === 'ingest.unknown_action') return 'InvalidAction'
  if (code === 'ingest.missing_parameter') return 'MissingParameter'
  if (status === 404) return 'ResourceNotFound'
  if (status === 401) return 'InvalidClientTokenId'
  if (status === 403) return 'AccessDenied'
  if (status === 429) return 'Throttling'
  if (status === 503) return 'ServiceUnavailable'
  return status < 500 ? 'InvalidParameterValue' : 'InternalFailure'
}

function ownHeaders(wire: Wire, requestId: string): Readonly<Record<string, string>> {
  return { 'x-amzn-requestid': requestId, ...(wire === 'cbor' ? { 'smithy-protocol': 'rpc-v2-cbor' } : {}) }
}

const escapeXml = (text: string): string =>
  text
    // controls that XML has no way to write
    .replace(/\p{Cc}/gu, ' ')
    .replace(/&/g, '&amp;')
    .replace(/</g, '&lt;')
    .replace(/>/g, '&gt;')
    .replace(/"/g, '&quot;')
