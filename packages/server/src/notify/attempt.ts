// One attempt to deliver one notification: timed, judged, and told without secrets.
import type { Clock } from '@tidewatch/core/clock.ts'
import { AppError } from '@tidewatch/core/error.ts'
import type { Secret } from '@tidewatch/core/secret.ts'
import { formatDurationMs } from '@tidewatch/core/time.ts'
import type { ChannelClients } from './http.ts'
import type {
  ChannelMemory,
  CommonOptions,
  Integration,
  Notification,
  Outside,
  SecretReader,
  SendResult,
} from './port.ts'
import { type FailureReason, reasonOfStatus, verdictOf } from './retry.ts'

const defaultTimeoutMs = 10_000
/** As much of a receiver's answer as the delivery log keeps. */
const longestDetail = 2000

export interface AttemptResult {
  readonly outcome: 'delivered' | 'retry' | 'failed' | 'skipped'
  /** The receiver's answer or why there was none; no secret is in it. */
  readonly detail: string
  /** 0 where the receiver did not answer. */
  readonly status: number
  readonly reason: FailureReason | undefined
  readonly durationMs: number
  readonly pauseMs: number | undefined
  /** Whether people may have it although it does not count as delivered: the send was cut off in the middle. */
  readonly isDoubtful: boolean
}

export interface AttemptParts {
  readonly outside: Outside
  readonly clients: ChannelClients
  readonly clock: Clock
}

export interface AttemptOptions {
  readonly idempotencyKey: string
  readonly memory: ChannelMemory
  readonly signal: AbortSignal
}

export async function attempt(
  integration: Integration,
  notification: Notification,
  { outside, clients, clock }: AttemptParts,
  { idempotencyKey, memory, signal }: AttemptOptions,
): Promise<AttemptResult> {
  const { channel, config } = integration
  const beganMs = clock.monotonicMs()
  const secrets = new RevealedSecrets(outside)
  if (notification.reason !== 'test' && channel.takes?.(notification, config) === false)
    return skipped(`${channel.title} is not for a severity of ${notification.severity} here.`)
  const timeoutMs = (config as CommonOptions).timeout || defaultTimeoutMs
  await using limit = startTimeout(clock, timeoutMs, signal)
  const finish = (
    result: Omit<AttemptResult, 'durationMs' | 'detail'> & { readonly detail: string },
  ): AttemptResult => ({
    ...result,
    detail: secrets.cutOut(result.detail).slice(0, longestDetail),
    durationMs: Math.round(clock.monotonicMs() - beganMs),
  })
  try {
    const context = {
      ...{ clock, idempotencyKey, memory, secrets, signal: limit.signal },
      http: clients.of(integration),
      templates: outside.templates(notification),
      tls: outside.readTls,
      terminal: outside.terminal,
      escalations: outside.escalations,
    }
    // a channel that forgets its signal must not hold up its receiver's other notifications
    const result = await Promise.race([channel.send(notification, config, context), limit.over])
    return finish(judged(result))
  } catch (error) {
    return finish(failed(error, { timedOut: limit.signal.aborted && !signal.aborted, stopped: signal.aborted }))
  }
}

const skipped = (detail: string): AttemptResult => ({
  ...{ outcome: 'skipped', detail, status: 0, reason: undefined, durationMs: 0, pauseMs: undefined, isDoubtful: false },
})

function judged(result: SendResult): Omit<AttemptResult, 'durationMs'> {
  const outcome = verdictOf(result)
  return {
    outcome,
    detail: `${result.status} ${result.answer}`.trim(),
    status: result.status,
    reason: outcome === 'delivered' ? undefined : reasonOfStatus(result.status),
    pauseMs: result.pauseMs,
    isDoubtful: false,
  }
}

function failed(
  caught: unknown,
  { timedOut, stopped }: { readonly timedOut: boolean; readonly stopped: boolean },
): Omit<AttemptResult, 'durationMs'> {
  const error = AppError.from(caught)
  // a template or an option that is wrong stays wrong
  const isFinal = error.kind === 'bad_input' && error.code !== 'config.unreadable'
  return {
    outcome: isFinal ? 'failed' : 'retry',
    detail: error.fix === undefined ? error.message : `${error.message} ${error.fix}`,
    status: 0,
    reason: timedOut ? 'contextDeadlineExceeded' : stopped ? 'contextCanceled' : 'other',
    pauseMs: undefined,
    isDoubtful: !isFinal && !isSurelyUnsent(error),
  }
}

/** There was no connection, so there was no message. */
function isSurelyUnsent(error: AppError): boolean {
  if (error.code === 'config.unreadable') return true
  const codes = ['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'EHOSTUNREACH', 'ENETUNREACH']
  return codes.some((code) => error.message.includes(code))
}

/** Opens secrets, and remembers what it opened, to keep it out of what is told. */
class RevealedSecrets implements SecretReader {
  readonly #files: Pick<Outside, 'readFile'>
  readonly #revealed = new Set<string>()

  constructor(files: Pick<Outside, 'readFile'>) {
    this.#files = files
  }

  async read(secret: Secret | undefined, file?: string | undefined): Promise<string | undefined> {
    const text = secret?.reveal() ?? (file === undefined ? undefined : (await this.#files.readFile(file)).trim())
    // shorter ones are words that stand in many answers
    if (text !== undefined && text.length >= 4) this.#revealed.add(text)
    return text
  }

  cutOut(text: string): string {
    let clean = text
    for (const secret of this.#revealed)
      for (const form of new Set([secret, encodeURIComponent(secret), JSON.stringify(secret).slice(1, -1)]))
        clean = clean.replaceAll(form, '[secret]')
    return clean
  }
}

/** Fires after the time or with the outer signal; `over` rejects then. */
function startTimeout(
  clock: Clock,
  timeoutMs: number,
  outer: AbortSignal,
): { readonly signal: AbortSignal; readonly over: Promise<never> } & AsyncDisposable {
  const timeout = new AbortController()
  const done = new AbortController()
  const timer = clock.sleep(timeoutMs, { signal: done.signal }).then(
    () => timeout.abort(new AppError('notify.failed', `no whole answer within ${formatDurationMs(timeoutMs)}.`)),
    () => undefined,
  )
  const signal = AbortSignal.any([outer, timeout.signal])
  const over = new Promise<never>((_, reject) => {
    if (signal.aborted) reject(signal.reason)
    else signal.addEventListener('abort', () => reject(signal.reason), { once: true })
  })
  // nobody may be listening any more when it fires
  over.catch(() => undefined)
  return {
    signal,
    over,
    [Symbol.asyncDispose]: async () => {
      done.abort()
      await timer
    },
  }
}
