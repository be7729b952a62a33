// Publishing as JSON. https://docs.ntfy.sh/publish/#publish-as-json
import { answering, fields, json, jsonAnswer, known, list, must, text, url } from './checks.ts'
import type { Vendor } from './stand-in.ts'

const names = [
  'topic',
  'message',
  'title',
  'tags',
  'priority',
  'actions',
  'click',
  'attach',
  'markdown',
  'icon',
  'filename',
  'delay',
  'email',
  'call',
]

export function ntfyServer(topic: string, token?: string): Vendor {
  return (request) =>
    answering(
      () => {
        must((request.method === 'POST' || request.method === 'PUT') && request.path === '/', 'page not found')
        if (token !== undefined && request.headers.authorization !== `Bearer ${token}`)
          return jsonAnswer(401, { code: 40101, http: 401, error: 'unauthorized' })
        // the real one reads JSON whatever the type says
        const message = json(request)
        known(message, names, 'message')
        must(/^[-_A-Za-z0-9]{1,64}$/.test(text(message.topic, 'topic')), 'topic invalid')
        must(message.topic === topic, 'forbidden')
        must(Buffer.byteLength(text(message.message, 'message')) <= 4096, 'message too large')
        text(message.title ?? '', 'title', { least: 0 })
        must(
          Number.isInteger(message.priority) && Number(message.priority) >= 1 && Number(message.priority) <= 5,
          'priority invalid',
        )
        for (const tag of list(message.tags ?? [], 'tags')) text(tag, 'tag')
        if (message.click !== undefined) url(message.click, 'click')
        const actions = list(message.actions ?? [], 'actions')
        must(actions.length <= 3, 'too many actions')
        for (const one of actions) {
          const action = fields(one, 'action')
          must(['view', 'http', 'broadcast'].includes(text(action.action, 'action')), 'action')
          text(action.label, 'label')
          url(action.url, 'url')
        }
        return jsonAnswer(200, { id: 'abc', time: 1, event: 'message', topic })
      },
      (why) => jsonAnswer(400, { code: 40024, http: 400, error: `invalid request: ${why}` }),
    )
}
