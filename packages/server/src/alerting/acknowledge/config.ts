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
      telegram: z.strictObject({ secret_token: secret(16, "Telegram's secret_token") }).optional(),
      twilio: z.strictObject({ auth_token: secret(16, "Twilio's auth token") }).optional(),
    })
    .default({})
    .transform(({ slack, telegram, twilio }) => ({
      slack: slack?.signing_secret,
      telegram: telegram?.secret_token,
      twilio: twilio?.auth_token,
    })),
})
