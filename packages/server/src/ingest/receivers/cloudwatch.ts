import { AppError, quoteValue } from '@tidewatch/core/error.ts'
import { type Answer, defineRoute, type RequestContext, type Route } from '../../http/port.ts'
import { defineReceiver, type ReceiverParts } from '../port.ts'
import { readCbor } from './cloudwatch/cbor.ts'
import { readMetricData } from './cloudwatch/data.ts'
import { readForm } from './cloudwatch/form.ts'
import { CloudWatchLogs } from './cloudwatch/logs.ts'
import { awsErrorBody, isOfLogs, putAnswer, type Wire, wireOf } from './cloudwatch/wire.ts'
import { ValueStore, type ValueStoreParts } from './push/store.ts'

const operation = 'PutMetricData'
const target = `GraniteServiceVersion20100801.${operation}`
const maxBytes = 8 << 20
const utf8 = new TextDecoder('utf-8', { fatal: true })

/**
 * CloudWatch's PutMetricData, for clients that are told an endpoint: forms and XML (older SDKs and command lines), JSON (today's command line)
 * and CBOR (today's SDKs). https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricData.html
 * CloudWatch Logs is at the same place, see cloudwatch/logs.ts.
 */
export const cloudwatch = defineReceiver({
  kind: 'cloudwatch',
  title: 'CloudWatch (PutMetricData, PutLogEvents)',
  routes(parts: ValueStoreParts & Pick<ReceiverParts, 'clock' | 'logs' | 'state'>): readonly Route[] {
    const store = new ValueStore(parts)
    const logs = new CloudWatchLogs(parts)
    const handle = async (context: RequestContext<unknown, unknown, Uint8Array>): Promise<Answer> => {
      if (isOfLogs(context.headers)) return logs.handle(context, readJson(context.body))
      const wire = wireOf(context.headers)
      const values = readMetricData(treeOf(wire, context), parts.clock.nowMs())
      await store.store(context.identity.project, values)
      return putAnswer(wire, context.id)
    }
    const shared = {
      method: 'POST',
      permission: 'ingest',
      errors: 'text',
      errorBody: awsErrorBody,
      bodyKind: 'bytes',
      limits: { maxBytes, maxInflatedBytes: maxBytes },
    } as const
    return [
      defineRoute<unknown, unknown, Uint8Array>({
        ...shared,
        path: '/',
        summary: 'CloudWatch: PutMetricData as a form or JSON, PutLogEvents and what its clients ask for before',
        handle,
      }),
      defineRoute<unknown, unknown, Uint8Array>({
        ...shared,
        path: `/service/GraniteServiceVersion20100801/operation/${operation}`,
        summary: 'CloudWatch: PutMetricData in CBOR',
        handle,
      }),
    ]
  },
})

/** What was sent, whatever it was written in: text in a form is text still. */
function treeOf(wire: Wire, { body, headers }: RequestContext<unknown, unknown, Uint8Array>): unknown {
  switch (wire) {
    case 'cbor':
      return readCbor(body)
    case 'json': {
      const asked = headers['x-amz-target']
      if (asked !== target) throw unknownAction(String(asked))
      return readJson(body)
    }
    case 'form': {
      const tree = readForm(decode(body))
      if (tree.Action !== operation) throw unknownAction(String(tree.Action ?? ''))
      return tree
    }
  }
}

function readJson(body: Uint8Array): unknown {
  try {
    return JSON.parse(decode(body))
  } catch (cause) {
    if (cause instanceof AppError) throw cause
    throw new AppError('ingest.bad_body', 'the body is not JSON.', { cause })
  }
}

function decode(body: Uint8Array): string {
  try {
    return utf8.decode(body)
  } catch (cause) {
    throw new AppError('ingest.bad_body', 'the body is not UTF-8.', { cause })
  }
}

const unknownAction = (asked: string): AppError =>
  new AppError('ingest.unknown_action', `${quoteValue(asked)} is no action that is answered here.`, {
    fix: `Of CloudWatch there is ${operation} alone; ask PromQL for what was stored.`,
  })
