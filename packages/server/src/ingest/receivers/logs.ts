import type { Clock } from '@tidewatch/core/clock.ts'
import { AppError, quoteValue } from '@tidewatch/core/error.ts'
import { defineRoute, type RequestContext, type Route } from '../../http/port.ts'
import type { LogIntake, LogRequest } from '../logs/port.ts'
import { defineReceiver } from '../port.ts'
import { inSlices } from '../slices.ts'
import { readJsonArray, readNdjson, readTextLines } from './logs/lines.ts'
import { type LineProblems, problemsOf } from './logs/problems.ts'

interface LogReceiverParts {
  readonly logs: LogIntake
  readonly clock: Clock
}

/** What the lines of the body are. */
const readers = { ndjson: readNdjson, json: readJsonArray, text: readTextLines }
type Format = keyof typeof readers

/**
 * Lines by hand and by shippers that can post (Fluent Bit, Vector, curl): NDJSON, a JSON object or array of them, or plain text. What is a line is
 * stored; the answer counts those that were not, and says why for the first. 400 where not one of them was taken.
 */
export const logLines = defineReceiver({
  kind: 'logs',
  title: 'Log lines by HTTP (JSON, NDJSON, text)',
  routes(parts: LogReceiverParts): readonly Route[] {
    return [
      defineRoute<unknown, unknown, Uint8Array>({
        method: 'POST',
        path: '/api/tidewatch/v1/logs',
        permission: 'ingest',
        errors: 'tidewatch',
        summary:
          'Takes lines of logs: NDJSON, a JSON array, or text. Headers X-Service and X-Resource-<name> name their source',
        bodyKind: 'bytes',
        handle: (context) => takeLines(parts, context),
      }),
    ]
  },
})

async function takeLines(
  { logs, clock }: LogReceiverParts,
  { body, headers, identity, signal, remoteAddress }: RequestContext<unknown, unknown, Uint8Array>,
) {
  logs.checkRoom()
  const { project } = identity
  using request = logs.begin({ project, sender: `POST /api/tidewatch/v1/logs from ${remoteAddress}` })
  nameSource(request, headers)
  const problems = problemsOf()
  const read = readers[formatOf(headers['content-type'], body)]
  await inSlices(read(request, body, problems), { clock, signal })
  if (request.length === 0 && problems.count > 0) throw badLines(problems)
  const { lines, duplicate } = request.length === 0 ? { lines: 0, duplicate: false } : await request.store({ body })
  return {
    body: {
      accepted: lines,
      ...(duplicate ? { duplicate } : {}),
      ...(problems.count > 0 ? { refused: problems.count, problems: problems.first } : {}),
    },
  }
}

function formatOf(contentType: RequestContext['headers'][string], body: Uint8Array): Format {
  const type =
    String(contentType ?? '')
      .split(';')[0]
      ?.trim()
      .toLowerCase() ?? ''
  if (type === 'text/plain') return 'text'
  // what calls itself JSON is often one object a line; an array begins with its bracket
  const isArray = body[firstSign(body)] === 0x5b
  switch (type) {
    case 'application/x-ndjson':
    case 'application/ndjson':
    case 'application/jsonl':
    case 'application/json':
    case 'application/json-lines':
    case 'application/stream+json':
    case 'application/x-www-form-urlencoded': // what curl says unless told otherwise
    case '':
      return isArray ? 'json' : 'ndjson'
  }
  throw new AppError('ingest.bad_body', `the content type ${quoteValue(type)} is none that lines of logs come in.`, {
    where: { key: 'content-type' },
    fix: 'Send application/x-ndjson, application/json or text/plain.',
  })
}

function firstSign(body: Uint8Array): number {
  let at = 0
  while (at < body.length && body[at] <= 0x20) at++
  return at
}

/** `X-Service`, and `X-Resource-host: h1` for whatever else names the source. */
function nameSource(request: LogRequest, headers: RequestContext['headers']): void {
  const service = headers['x-service']
  if (service !== undefined) request.setService(String(service).slice(0, 256))
  const resource = new Map<string, string>()
  for (const [name, value] of Object.entries(headers)) {
    if (name.startsWith('x-resource-') && value !== undefined)
      resource.set(name.slice('x-resource-'.length), String(value))
  }
  request.setResource(resource)
}

function badLines({ count, first }: LineProblems): AppError {
  const [problem] = first
  return new AppError(
    'ingest.bad_body',
    `none of ${count === 1 ? '1 line' : `${count} lines`} is a log line: ${problem}.`,
    {
      fix: 'Send one JSON object a line, an array of them, or text with the content type text/plain.',
    },
  )
}
