// Buttons in Telegram where Telegram cannot call us: the bot is asked for what was pressed (https://core.telegram.org/bots/api#getupdates).
import type { Clock } from '@tidewatch/core/clock.ts'
import { AppError } from '@tidewatch/core/error.ts'
import { z } from 'zod'
import type { Logger } from '../../self/port.ts'
import { type TelegramBot, telegramUpdate } from './replies.ts'

/** Telegram holds its answer back so long while nothing is pressed. */
const pollSeconds = 25
const answerWithinMs = 40_000
const firstWaitMs = 1000
const longestWaitMs = 60_000
/** How often a configuration without a bot is looked at again. */
const idleMs = 5000

const answered = z.object({
  ok: z.boolean(),
  error_code: z.number().optional(),
  description: z.string().optional(),
  // what cannot be read is passed over, so that it does not stand in the way of the next
  result: z.array(z.looseObject({ update_id: z.int() })).optional(),
})

export interface TelegramUpdatesOptions {
  /** Undefined: none is configured. */
  readonly bot: () => TelegramBot | undefined
  /** Takes what a button stands for, and gives what is said to who pressed it. */
  readonly take: (update: z.infer<typeof telegramUpdate>) => Promise<object | undefined>
  readonly clock: Clock
  readonly logger: Logger
}

export class TelegramUpdates {
  readonly #options: TelegramUpdatesOptions
  /** The first update that was not heard yet: asking from it on tells Telegram that those before were. */
  #offset = 0

  constructor(options: TelegramUpdatesOptions) {
    this.#options = options
  }

  /** Asks until stopped: for one process alone, since Telegram answers one at a time. */
  async run(signal: AbortSignal): Promise<void> {
    const { bot, clock, logger } = this.#options
    let waitMs = firstWaitMs
    while (!signal.aborted) {
      const asked = bot()
      if (asked === undefined) {
        await clock.sleep(idleMs, { signal }).catch(() => undefined)
        continue
      }
      try {
        await this.#poll(asked, signal)
        waitMs = firstWaitMs
      } catch (error) {
        if (signal.aborted) return
        const { message, fix } = AppError.from(error)
        if (waitMs === firstWaitMs) logger.warn('the bot cannot be asked what was pressed', { error: message, fix })
        await clock.sleep(waitMs, { signal }).catch(() => undefined)
        waitMs = Math.min(longestWaitMs, waitMs * 2)
      }
    }
  }

  async #poll(bot: TelegramBot, signal: AbortSignal): Promise<void> {
    const asked = { offset: this.#offset, timeout: pollSeconds, allowed_updates: ['callback_query'] }
    const { result = [] } = await call(bot, 'getUpdates', asked, signal)
    for (const one of result) {
      const update = telegramUpdate.safeParse(one).data
      const answer = update === undefined ? undefined : await this.#options.take(update)
      this.#offset = one.update_id + 1
      // who pressed it waits for this; that it is late or lost changes nothing of what was taken
      if (answer !== undefined) await call(bot, 'answerCallbackQuery', answer, signal).catch(() => undefined)
    }
  }
}

async function call(
  { token, apiUrl }: TelegramBot,
  method: string,
  body: object,
  signal: AbortSignal,
): Promise<z.infer<typeof answered>> {
  const response = await fetch(`${apiUrl}/bot${token.reveal()}/${method}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
    signal: AbortSignal.any([signal, AbortSignal.timeout(answerWithinMs)]),
  })
  const said = answered.safeParse(await response.json().catch(() => undefined)).data
  if (said?.ok === true) return said
  const fix =
    response.status === 409
      ? 'The bot has a webhook, or another program asks for its updates: call deleteWebhook, or use acknowledge.telegram.secret_token.'
      : 'Compare acknowledge.telegram.bot_token with what @BotFather says.'
  // the address holds the token: it is not told
  throw new AppError('notify.failed', `Telegram answered ${response.status}: ${said?.description ?? 'not in JSON'}`, {
    fix,
  })
}
