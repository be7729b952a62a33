import { escapeMarkup } from '@tidewatch/core/markup.ts'
import { severities, severityOf } from '@tidewatch/core/severity.ts'
import { z } from 'zod'
import { httpOptions, httpUrl, list, oneOf, plain, secret, template } from '../options.ts'
import { defineChannel, type HttpAnswer, type Notification, type SendContext, type SendResult } from '../port.ts'
import { fittingSms } from '../sms-text.ts'
import { alertName, bodyText, cut, headline, stateWord } from '../wording.ts'

const number = z.string().regex(/^\+[1-9]\d{6,14}$/, 'not a number as Twilio takes it. Write it as +436641234567')
const sender = z.union([
  number,
  z.string().regex(/^MG[0-9a-f]{32}$|^[A-Za-z0-9 ]{1,11}$/, 'not a number, messaging service or name'),
])

const schema = z
  .strictObject({
    account_sid: plain
      .pipe(z.string().regex(/^AC[0-9a-f]{32}$/i, 'not an account SID: AC and 32 digits'))
      .meta({ title: 'Account SID' }),
    auth_token: secret.optional().meta({ title: 'Auth token' }),
    auth_token_file: plain.optional(),
    api_url: httpUrl.default('https://api.twilio.com'),
    from: plain.pipe(sender).meta({ title: 'Your Twilio number', help: 'or the SID of a messaging service' }),
    to: list
      .pipe(z.array(number).min(1, 'nobody is told: there is no number.').max(50))
      .meta({ title: 'Numbers', help: 'with comma between them' }),
    mode: z.enum(['sms', 'voice', 'both']).default('sms'),
    severities: list
      .transform((words, context) =>
        words.map((word) => {
          const severity = severityOf(word)
          if (severity === undefined)
            context.addIssue({ code: 'custom', message: `${word} is no severity. There are ${severities.join(', ')}.` })
          return severity
        }),
      )
      .default(['critical'])
      .meta({ title: 'Severities', help: 'critical alone when left out' }),
    message: template.optional(),
    voice_message: template.optional(),
    language: plain.default('en-US'),
    max_segments: z
      .number()
      .int()
      .min(1)
      .max(10)
      .default(3)
      .meta({ title: 'Most parts of an SMS', help: 'each is paid for' }),
    ...httpOptions,
  })
  .superRefine(oneOf('auth_token', 'auth_token_file'))
  .refine(({ mode, from }) => mode === 'sms' || from.startsWith('+'), {
    path: ['from'],
    message: 'calls need a number.',
  })

type Config = z.output<typeof schema>

/** SMS and calls. https://www.twilio.com/docs/messaging/api/message-resource, https://www.twilio.com/docs/voice/api/call-resource */
export const twilio = defineChannel({
  kind: 'twilio',
  title: 'SMS and calls (Twilio)',
  repeats: 'perhaps twice',
  config: schema,
  // who is on call is called for whatever on-call was asked for
  personal: { address: 'phone', config: (config, to) => ({ ...config, to: [to], severities: [...severities] }) },
  // a long number sends one part a second
  address: (config) => [config.account_sid, config.from],
  limits: () => [{ messages: 1, perMs: 1000 }],
  takes: ({ severity }, config) => config.severities.includes(severity),
  environment: {
    variables: {
      TWILIO_ACCOUNT_SID: 'account SID, from the console',
      TWILIO_AUTH_TOKEN: 'auth token, from the console',
      TWILIO_PHONE_NUMBER: 'your number at Twilio',
      TWILIO_ALERT_TO: 'who is told: numbers, with commas between them',
    },
    trigger: 'TWILIO_ACCOUNT_SID',
    read(env) {
      const needed = ['TWILIO_AUTH_TOKEN', 'TWILIO_PHONE_NUMBER', 'TWILIO_ALERT_TO']
      const missing = needed.filter((name) => !env[name])
      if (missing.length > 0) return { missing }
      const { TWILIO_ACCOUNT_SID, TWILIO_AUTH_TOKEN, TWILIO_PHONE_NUMBER, TWILIO_ALERT_TO } = env
      return {
        options: {
          account_sid: TWILIO_ACCOUNT_SID,
          auth_token: TWILIO_AUTH_TOKEN,
          from: TWILIO_PHONE_NUMBER,
          to: TWILIO_ALERT_TO,
        },
      }
    },
  },
  async send(notification, config, context) {
    const token = (await context.secrets.read(config.auth_token, config.auth_token_file)) ?? ''
    const account = `${config.api_url.replace(/\/$/, '')}/2010-04-01/Accounts/${config.account_sid}`
    const authorization = `Basic ${Buffer.from(`${config.account_sid}:${token}`).toString('base64')}`
    const post = (what: string, form: Record<string, string>): Promise<HttpAnswer> =>
      context.http.send(`${account}/${what}.json`, { form, headers: { authorization }, signal: context.signal })
    const from = config.from.startsWith('MG') ? { MessagingServiceSid: config.from } : { From: config.from }
    const text = smsText(notification, config, context)
    const twiml = twimlOf(notification, config, context)
    const steps = config.to.flatMap((to) => [
      ...(config.mode === 'voice'
        ? []
        : [{ name: `sms ${to}`, run: () => post('Messages', { To: to, ...from, Body: text }) }]),
      ...(config.mode === 'sms' || notification.status === 'resolved'
        ? []
        : [{ name: `call ${to}`, run: () => post('Calls', { To: to, From: config.from, Twiml: twiml }) }]),
    ])
    return tellAll(steps, context)
  },
})

interface Step {
  readonly name: string
  run(): Promise<HttpAnswer>
}

const doneSchema = z.object({ key: z.string(), done: z.array(z.string()) })

/** Each number by itself: one that is wrong keeps the others from nothing, and who has it is not told again by a retry. */
async function tellAll(steps: readonly Step[], { memory, idempotencyKey: key }: SendContext): Promise<SendResult> {
  const kept = await memory.read()
  const former = kept === undefined ? undefined : doneSchema.safeParse(JSON.parse(kept)).data
  const done = new Set(former?.key === key ? former.done : [])
  const failed: { readonly step: string; readonly answer: HttpAnswer }[] = []
  for (const { name, run } of steps) {
    if (done.has(name)) continue
    const answer = await run()
    if (answer.status >= 200 && answer.status < 300) done.add(name)
    else failed.push({ step: name, answer })
    if (done.has(name)) await memory.write(JSON.stringify({ key, done: [...done] }))
  }
  const troubles = failed.map(({ step, answer }) => `${step}: ${answer.status} ${cut(answer.answer, 200)}`)
  const told = done.size === 0 ? '' : `told: ${[...done].join(', ')}`
  const again = failed.find(({ answer }) => answer.status === 429 || answer.status >= 500)
  const worst = again ?? failed[0]
  if (again === undefined) await memory.write(undefined)
  return {
    status: worst === undefined || (again === undefined && done.size > 0) ? 201 : worst.answer.status,
    answer: [...troubles, told].filter((part) => part !== '').join('; '),
    ...(again === undefined ? {} : { verdict: 'retry' as const, pauseMs: again.answer.pauseMs }),
  }
}

function smsText(notification: Notification, config: Config, { templates }: SendContext): string {
  const link = notification.status === 'firing' ? ` ${notification.links.acknowledge}` : ''
  if (config.message !== undefined) return fittingSms(templates.text(config.message), config.max_segments)
  return fittingSms(
    `${stateWord(notification)} ${alertName(notification)}: ${headline(notification)}`,
    config.max_segments,
    link,
  )
}

/** At most 4,000 characters of TwiML. */
const longestSpoken = 600

function twimlOf(notification: Notification, config: Config, { templates }: SendContext): string {
  const words =
    config.voice_message === undefined
      ? `Tidewatch. ${stateWord(notification).toLowerCase()} alert. ${alertName(notification)}. ${headline(notification)}. ${bodyText(notification, 3)}`
      : templates.text(config.voice_message)
  const say = `<Say language="${escapeMarkup(config.language)}">${escapeMarkup(cut(words, longestSpoken))}</Say>`
  return `<Response>${say}<Pause length="1"/>${say}</Response>`
}
