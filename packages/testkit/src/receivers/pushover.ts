// The message API. https://pushover.net/api
import { answering, form, jsonAnswer, known, must, text, url } from './checks.ts'
import type { Vendor } from './stand-in.ts'

const names = [
  'token',
  'user',
  'message',
  'title',
  'url',
  'url_title',
  'priority',
  'retry',
  'expire',
  'device',
  'sound',
  'ttl',
  'html',
  'monospace',
  'timestamp',
]

export function pushoverApi(keys: { readonly token: string; readonly user: string }): Vendor {
  return (request) =>
    answering(
      () => {
        must(request.method === 'POST' && request.path === '/1/messages.json', 'not found')
        const message = form(request)
        known(message, names, 'message')
        must(message.token === keys.token, 'application token is invalid')
        must(message.user === keys.user, 'user identifier is not a valid user, group, or subscribed user key')
        text(message.message, 'message', { most: 1024 })
        text(message.title ?? '', 'title', { least: 0, most: 250 })
        if (message.url !== undefined) {
          url(message.url, 'url')
          text(message.url, 'url', { most: 512 })
        }
        text(message.url_title ?? '', 'url_title', { least: 0, most: 100 })
        const priority = Number(message.priority ?? '0')
        must(Number.isInteger(priority) && priority >= -2 && priority <= 2, 'priority is invalid')
        if (priority === 2) {
          must(Number(message.retry) >= 30, 'retry must be supplied with priority=2 and be at least 30')
          must(
            Number(message.expire) > 0 && Number(message.expire) <= 10_800,
            'expire must be supplied with priority=2',
          )
        }
        if (message.ttl !== undefined) must(Number(message.ttl) > 0, 'ttl must be positive')
        must(!(message.html === '1' && message.monospace === '1'), 'html and monospace are mutually exclusive')
        return jsonAnswer(200, { status: 1, request: 'r' })
      },
      (why) => jsonAnswer(400, { status: 0, errors: [why], request: 'r' }),
    )
}
