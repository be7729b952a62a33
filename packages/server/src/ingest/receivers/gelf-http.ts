import type { Clock } from '@tidewatch/core/clock.ts'
import { AppError } from '@tidewatch/core/error.ts'
import { logRecord } from '@tidewatch/core/log-record.ts'
import { parseGelf } from '@tidewatch/log-formats/gelf.ts'
import { type Answer, defineRoute, type RequestContext, type Route } from '../../http/port.ts'
import type { LogIntake, LogRequest } from '../logs/port.ts'
import { defineReceiver } from '../port.ts'
import { inSlices, LineSteps } from '../slices.ts'

interface GelfParts {
  readonly logs: LogIntake
  readonly clock: Clock
}

const maxBytes = 8 << 20
const utf8 = new TextDecoder()

/**
 * GELF by HTTP (https://go2docs.graylog.org/current/getting_in_log_data/gelf.html): a message a request, or one a line. 202: all are safe. 400: one
 * is none, and nothing was taken.
 */
export const gelfHttp = defineReceiver({
  kind: 'gelf-http',
  title: 'GELF (HTTP)',
  routes(parts: GelfParts): readonly Route[] {
    return [
      defineRoute<unknown, unknown, Uint8Array>({
        method: 'POST',
        path: '/gelf',
        permission: 'ingest',
        errors: 'text',
        summary: 'Takes messages in GELF: one, or one a line',
        bodyKind: 'bytes',
        limits: { maxBytes, maxInflatedBytes: maxBytes },
        handle: (context) => takeMessages(parts, context),
      }),
    ]
  },
})

async function takeMessages(
  { logs, clock }: GelfParts,
  { body, identity, signal, remoteAddress }: RequestContext<unknown, unknown, Uint8Array>,
): Promise<Answer> {
  logs.checkRoom()
  using request = logs.begin({ project: identity.project, sender: `GELF from ${remoteAddress}` })
  await inSlices(addMessages(request, utf8.decode(body)), { clock, signal })
  await request.store({ body })
  return { status: 202 }
}

function* addMessages(request: LogRequest, text: string): Generator<void> {
  const whole = parseGelf(text)
  if (typeof whole !== 'string') {
    request.add(logRecord(whole))
    return
  }
  const lines = text.split('\n').filter((line) => line.trim() !== '')
  if (lines.length < 2) throw noGelf(whole)
  const steps = new LineSteps()
  for (const [i, line] of lines.entries()) {
    const message = parseGelf(line)
    if (typeof message === 'string') throw noGelf(`line ${i + 1}: ${message}`)
    request.add(logRecord(message))
    if (steps.endWith(line.length)) yield
  }
}

const noGelf = (reason: string): AppError =>
  new AppError('ingest.bad_body', `the body is no GELF: ${reason}.`, {
    fix: 'Send {"version":"1.1","host":"web-1","short_message":"what happened","level":6,"_user_id":"42"}.',
  })
