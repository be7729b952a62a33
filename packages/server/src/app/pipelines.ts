// Pipelines of the configuration, with what their outputs need of the world.
import type { Clock } from '@tidewatch/core/clock.ts'
import { AppError } from '@tidewatch/core/error.ts'
import { createHttpClient } from '../collect/http-client/client.ts'
import type { ConfigFollower } from '../config/port.ts'
import { createPipelines } from '../ingest/pipelines/open.ts'
import type { PipelineMail, PipelineRequest } from '../ingest/pipelines/port.ts'
import type { ListenerParts } from '../ingest/port.ts'
import { attempt } from '../notify/attempt.ts'
import { ChannelClients } from '../notify/http.ts'
import { environmentChannels, joined } from '../notify/integrations.ts'
import type { Integration, Outside } from '../notify/port.ts'
import { testNotification } from '../notify/test-notification.ts'
import { baseDirOf, type Configuration, channelsOf } from './configuration.ts'
import type { FollowedFiles } from './followed-files.ts'
import type { Logs } from './logs.ts'
import { createOutside } from './outside.ts'
import { pipelinesOf } from './pipeline-files.ts'
import type { Roles } from './roles.ts'
import { productVersion } from './version.ts'

export interface PipelinesOptions {
  readonly listenerParts: ListenerParts
  readonly files: Pick<FollowedFiles, 'follow'>
  readonly logs: Pick<Logs, 'routes'>
  readonly configuration: { readonly current: Configuration }
  readonly env: Readonly<Record<string, string | undefined>>
  readonly externalUrl: () => string
  readonly roles: Roles
  readonly clock: Clock
}

export interface PipelinesFollower extends ConfigFollower<Configuration>, AsyncDisposable {
  /** Before listeners open theirs: ports that are no pipeline's any more are given back. */
  readonly leaving: ConfigFollower<Configuration>
}

const requestMs = 15_000
const answerBytes = 64 << 10

/** A port that cannot be had ends the start; later it is told, and the others go on. */
export function startPipelines(options: PipelinesOptions): PipelinesFollower {
  const { listenerParts, files, env, clock, roles } = options
  const stack = new AsyncDisposableStack()
  const http = stack.use(
    createHttpClient(
      { follow_redirects: false, enable_http2: false },
      { baseDir: process.cwd(), clock, env, userAgent: `Tidewatch/${productVersion}` },
    ),
  )
  const post = async (url: string, { method, headers, body, signal }: PipelineRequest): Promise<number> => {
    const target = URL.parse(url)
    if (target === null || !/^https?:$/.test(target.protocol))
      throw new AppError('config.invalid', `the output http has no URL: ${url.slice(0, 200)}`)
    const request = { method, headers, body: Buffer.from(body), signal, timeoutMs: requestMs, maxBytes: answerBytes }
    return (await http.fetch(target, request)).status
  }
  const mail = (one: PipelineMail, signal: AbortSignal): Promise<void> => sendMail(one, signal, options)
  const parts = { ...listenerParts, followFiles: files.follow }
  const pipelines = stack.use(createPipelines({ parts, routes: options.logs.routes, outside: { mail, post } }))
  let isFirst = true
  return {
    leaving: {
      apply: async (configuration) => {
        if (roles.ingests) await pipelines.leave(pipelinesOf(configuration))
      },
    },
    async apply(configuration) {
      if (!roles.ingests) return
      await pipelines.follow(pipelinesOf(configuration)).catch((error: unknown) => {
        if (isFirst) throw error
        listenerParts.logger.error('a pipeline is not open', { error })
      })
      isFirst = false
    },
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  }
}

/** By the first channel of mail that there is: its server, its password, its sender. */
async function sendMail(
  { to, subject, body }: PipelineMail,
  signal: AbortSignal,
  { configuration, env, clock, externalUrl }: PipelinesOptions,
): Promise<void> {
  const channels = joined(channelsOf(configuration.current), environmentChannels(env).integrations)
  const channel = channels.find(({ channel: { kind } }) => kind === 'email')
  if (channel === undefined)
    throw new AppError('config.invalid', 'there is no mail server for the output email.', {
      fix: 'Configure a channel of the kind email, or SMTP_HOST.',
    })
  const outside = plainOutside(configuration.current, { env, clock })
  await using clients = new ChannelClients(outside, clock)
  const integration: Integration = {
    ...channel,
    config: { ...asObject(channel.config), to, subject, text: body, html: '' },
  }
  const notification = testNotification(channel.receiver, {
    externalUrl: externalUrl(),
    nowMs: clock.nowMs(),
    by: 'A pipeline',
  })
  const memory = { read: async () => undefined, write: async () => undefined }
  const { outcome, detail } = await attempt(
    integration,
    notification,
    { outside, clients, clock },
    {
      ...{ idempotencyKey: crypto.randomUUID(), memory, signal },
    },
  )
  if (outcome !== 'delivered')
    throw new AppError('notify.failed', `the mail was not taken: ${detail}`, { retryable: outcome === 'retry' })
}

const asObject = (value: unknown): object => (typeof value === 'object' && value !== null ? value : {})

/** What an event says is no template: braces in a line of a log mean nothing. */
function plainOutside(configuration: Configuration, { env, clock }: Pick<PipelinesOptions, 'env' | 'clock'>): Outside {
  const plain = (text: string): string => text
  const escalations = { tell: () => Promise.resolve() }
  const outside = createOutside({
    env,
    clock,
    baseDir: () => baseDirOf(configuration),
    escalations,
    templateFiles: () => [],
  })
  return { ...outside, templates: () => ({ text: plain, html: plain }) }
}
