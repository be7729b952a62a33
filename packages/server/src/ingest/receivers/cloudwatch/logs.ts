// CloudWatch Logs as its agent and AWS's SDKs send to it (https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/). Groups and streams
// are there once they are written to, and kept over restarts; what they are called changes nothing in how lines are stored.
import { AppError, quoteValue } from '@tidewatch/core/error.ts'
import { logIdentityFields } from '@tidewatch/core/log-record.ts'
import type { ProjectId } from '@tidewatch/core/matcher.ts'
import { z } from 'zod'
import type { Answer, RequestContext } from '../../../http/port.ts'
import type { LogRequest } from '../../logs/port.ts'
import type { ReceiverParts } from '../../port.ts'
import { inSlices, LineSteps } from '../../slices.ts'
import { PushedLine, type PushedStream } from '../logs/pushed-line.ts'
import { WrittenLine } from '../logs/written-line.ts'
import { describeGroups, describeStreams, listGroups } from './describe.ts'
import { LogNames } from './names.ts'
import { bad, groupName, parsed, streamName } from './request.ts'
import { logsAnswer, logsPrefix } from './wire.ts'

const dayMs = 86_400_000
/** What PutLogEvents refuses: events older, further ahead, and further apart than this. */
const maxAgeMs = 14 * dayMs
const maxAheadMs = 2 * 3_600_000
const maxSpanMs = dayMs

const events = z.object({
  logGroupName: groupName,
  logStreamName: streamName,
  logEvents: z
    .array(z.object({ timestamp: z.int().min(0).max(8.64e15), message: z.string().min(1) }))
    .min(1)
    .max(10_000),
})
const group = z.object({ logGroupName: groupName })
const stream = z.object({ logGroupName: groupName, logStreamName: streamName })

type Events = z.infer<typeof events>
type Context = RequestContext<unknown, unknown, Uint8Array>

export type CloudWatchLogsParts = Pick<ReceiverParts, 'clock' | 'logs' | 'state'>

export class CloudWatchLogs {
  readonly #parts: CloudWatchLogsParts
  readonly #names: LogNames

  constructor(parts: CloudWatchLogsParts) {
    this.#parts = parts
    this.#names = new LogNames(parts.state, () => parts.clock.nowMs())
  }

  async handle(context: Context, content: unknown): Promise<Answer> {
    const operation = String(context.headers['x-amz-target']).slice(logsPrefix.length)
    return logsAnswer(await this.#answer(operation, content, context), context.id)
  }

  async #answer(operation: string, content: unknown, context: Context): Promise<object> {
    const { project } = context.identity
    switch (operation) {
      case 'PutLogEvents':
        return await this.#put(parsed(events, content), context)
      case 'CreateLogGroup':
        await this.#names.add(project, { group: parsed(group, content).logGroupName })
        return {}
      case 'CreateLogStream': {
        const { logGroupName, logStreamName } = parsed(stream, content)
        await this.#names.add(project, { group: logGroupName, stream: logStreamName })
        return {}
      }
      case 'DescribeLogGroups':
        return await describeGroups(this.#names, project, content)
      case 'ListLogGroups':
        return await listGroups(this.#names, project, content)
      case 'DescribeLogStreams':
        return await describeStreams(this.#names, project, content)
      case 'ListTagsForResource':
      case 'ListTagsLogGroup':
        return { tags: {} }
      case 'PutRetentionPolicy':
      case 'DeleteRetentionPolicy':
      case 'TagLogGroup':
      case 'TagResource':
      case 'UntagLogGroup':
      case 'UntagResource':
        // how long lines are kept is our configuration's to say
        return {}
    }
    throw new AppError('ingest.unknown_action', `${quoteValue(operation)} is no action that is answered here.`, {
      fix: 'Of CloudWatch Logs there is what its agent needs to send; search for what was stored.',
    })
  }

  async #put({ logGroupName, logStreamName, logEvents }: Events, context: Context): Promise<object> {
    const { logs, clock } = this.#parts
    const { identity, signal, body, remoteAddress } = context
    const { from, to } = withinTime(logEvents, clock.nowMs())
    logs.checkRoom()
    using request = logs.begin({ project: identity.project, sender: `CloudWatch PutLogEvents from ${remoteAddress}` })
    const kept = logEvents.slice(from, to)
    await inSlices(addEvents(request, streamOf(logGroupName, logStreamName), kept), { clock, signal })
    if (request.length > 0) await request.store({ body })
    await this.#noteNames(identity.project, { logGroupName, logStreamName, lastEventMs: kept.at(-1)?.timestamp ?? 0 })
    const rejected = {
      ...(from > 0 ? { tooOldLogEventEndIndex: from } : {}),
      ...(to < logEvents.length ? { tooNewLogEventStartIndex: to } : {}),
    }
    // tokens are no longer asked for, but old clients hand on what they get
    const nextSequenceToken = '0'
    return { nextSequenceToken, ...(kept.length < logEvents.length ? { rejectedLogEventsInfo: rejected } : {}) }
  }

  async #noteNames(
    project: ProjectId,
    { logGroupName, logStreamName, lastEventMs }: z.infer<typeof stream> & { readonly lastEventMs: number },
  ): Promise<void> {
    try {
      await this.#names.add(project, { group: logGroupName, stream: logStreamName, lastEventMs })
    } catch {
      // the events are safe: sent again for the sake of a name they would be there twice. The next ones note it.
    }
  }
}

/** Which events are taken: those before `from` are too old, those from `to` on too new. */
function withinTime(logEvents: Events['logEvents'], nowMs: number): { readonly from: number; readonly to: number } {
  for (const [i, { timestamp }] of logEvents.entries()) {
    if (i > 0 && timestamp < (logEvents[i - 1]?.timestamp ?? 0)) {
      throw bad(`logEvents.member.${i + 1}: events must be in chronological order by their timestamp.`)
    }
  }
  const first = logEvents.findIndex(({ timestamp }) => timestamp >= nowMs - maxAgeMs)
  const from = first < 0 ? logEvents.length : first
  const ahead = logEvents.findIndex(({ timestamp }) => timestamp > nowMs + maxAheadMs)
  const to = ahead < 0 ? logEvents.length : ahead
  const spanMs = (logEvents[to - 1]?.timestamp ?? 0) - (logEvents[from]?.timestamp ?? 0)
  if (to > from && spanMs > maxSpanMs) throw bad('logEvents: events of one batch must lie within 24 hours.')
  return { from, to }
}

/** The service is what the group's name ends in: /aws/lambda/checkout, /ecs/shop. */
function streamOf(logGroup: string, logStream: string): PushedStream {
  const service = logGroup.slice(logGroup.lastIndexOf('/') + 1)
  return {
    labels: new Map([
      ['log_group', logGroup],
      ['log_stream', logStream],
    ]),
    severity: 0,
    identity: logIdentityFields.map((field) => (field === 'service' ? service : '')),
  }
}

function* addEvents(request: LogRequest, of: PushedStream, logEvents: Events['logEvents']): Generator<void> {
  const line = new WrittenLine(new PushedLine(request))
  const steps = new LineSteps()
  line.pushed.begin(of)
  for (const { timestamp, message } of logEvents) {
    line.begin()
    line.pushed.timeMs = timestamp
    line.text(message)
    line.end()
    if (steps.endWith(line.bytes)) yield
  }
}
