// `acknowledge` of tidewatch.yml: what proves that a button or a reply comes from where it says.
import { Secret } from '@tidewatch/core/secret.ts'
import { z } from 'zod'
import { defineConfigSection } from '../../config/port.ts'
import type { ReplySecrets } from './replies.ts'

const secret = (least: number, what: string) =>
  z
    .string()
    .min(least, `${what} has at least ${least} characters.`)
    .transform((text) => new Secret(text))

/** Keys are named as where one finds the secrets. */
export const acknowledgeSection = defineConfigSection<ReplySecrets>({
  key: 'acknowledge',
  schema: z
    .strictObject({
      slack: z.strictObject({ signing_secret: secret(16, "Slack's signing secret") }).optional(),
      telegram: z
        .strictObject({
          secret_token: secret(16, "Telegram's secret_token").optional(),
          /** In its place, where Telegram cannot reach us: the bot is asked for what was pressed. */
          bot_token: secret(20, "Telegram's bot token").optional(),
          api_url: z.url().default('https://api.telegram.org'),
        })
        .refine(({ secret_token: word, bot_token: token }) => (word === undefined) !== (token === undefined), {
          message: 'either secret_token (Telegram calls us) or bot_token (we ask Telegram), and not both.',
        })
        .optional(),
      twilio: z.strictObject({ auth_token: secret(16, "Twilio's auth token") }).optional(),
    })
    .default({})
    .transform(({ slack, telegram, twilio }) => ({
      slack: slack?.signing_secret,
      telegram: telegram?.secret_token,
      telegramBot:
        telegram?.bot_token === undefined
          ? undefined
          : { token: telegram.bot_token, apiUrl: telegram.api_url.replace(/\/$/, '') },
      twilio: twilio?.auth_token,
    })),
})
