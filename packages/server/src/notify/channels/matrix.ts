import { createHash } from 'node:crypto'
import { escapeMarkup } from '@tidewatch/core/markup.ts'
import { z } from 'zod'
import { httpOptions, httpUrl, oneOf, plain, secret, template } from '../options.ts'
import { defineChannel, type Notification, type SendContext } from '../port.ts'
import { alertName, bodyText, colourOf, cutBytes, headline, stateWord } from '../wording.ts'

const schema = z
  .strictObject({
    homeserver: httpUrl.meta({ title: 'Homeserver', help: 'https://matrix.example.org' }),
    room_id: template.meta({ title: 'Room id', help: '!abc:example.org; the account must be in the room' }),
    access_token: secret.optional().meta({ title: 'Access token' }),
    access_token_file: plain.optional(),
    message: template.optional(),
    html: template.optional(),
    /** Bots write notices, which do not wake everybody. */
    notice: z.boolean().default(false).meta({ title: 'As a notice, which calls nobody' }),
    ...httpOptions,
  })
  .superRefine(oneOf('access_token', 'access_token_file'))

type Config = z.output<typeof schema>

/** An event has at most 65,536 bytes; text stands in it twice. */
const mostTextBytes = 24_000

/** The transaction id is the key: a server takes the same one once. https://spec.matrix.org/v1.15/client-server-api/#put_matrixclientv3roomsroomidsendeventtypetxnid */
export const matrix = defineChannel({
  kind: 'matrix',
  title: 'Matrix',
  repeats: 'once',
  config: schema,
  async send(notification, config, context) {
    const { http, signal, secrets, templates, idempotencyKey } = context
    const token = (await secrets.read(config.access_token, config.access_token_file)) ?? ''
    const room = encodeURIComponent(templates.text(config.room_id))
    const transaction = createHash('sha256').update(idempotencyKey).digest('hex')
    const base = config.homeserver.replace(/\/$/, '')
    const url = `${base}/_matrix/client/v3/rooms/${room}/send/m.room.message/${transaction}`
    const headers = { authorization: `Bearer ${token}` }
    const answer = await http.send(url, {
      method: 'PUT',
      json: eventOf(notification, config, context),
      headers,
      signal,
    })
    const waitMs = answer.status === 429 ? pauseOf(answer.answer) : undefined
    return waitMs === undefined ? answer : { ...answer, pauseMs: waitMs }
  },
})

function eventOf(notification: Notification, config: Config, { templates }: SendContext): object {
  const heading = `${stateWord(notification)}: ${alertName(notification)}`
  const text = ownText(notification)
  const body =
    config.message === undefined ? `${heading}\n${text}\n${notification.links.alert}` : templates.text(config.message)
  const html =
    config.html === undefined
      ? config.message === undefined
        ? `<strong><font data-mx-color="${colourOf(notification)}">${escapeMarkup(heading)}</font></strong><br>${escapeMarkup(text).replaceAll('\n', '<br>')}<br><a href="${escapeMarkup(notification.links.alert)}">Alert</a>`
        : undefined
      : templates.html(config.html)
  // half a tag would break what follows it: HTML that is too long is left out
  const formatted = html !== undefined && Buffer.byteLength(html) <= mostTextBytes
  return {
    msgtype: config.notice ? 'm.notice' : 'm.text',
    body: cutBytes(body, mostTextBytes),
    ...(formatted ? { format: 'org.matrix.custom.html', formatted_body: html } : {}),
  }
}

function ownText(notification: Notification): string {
  const head = headline(notification)
  const body = bodyText(notification)
  return head === body ? body : `${head}\n${body}`
}

const overrun = z.object({ retry_after_ms: z.number().min(0) })

function pauseOf(text: string): number | undefined {
  try {
    return overrun.safeParse(JSON.parse(text)).data?.retry_after_ms
  } catch {
    return undefined
  }
}
