// The alert API. https://docs.opsgenie.com/docs/alert-api
import { answering, fields, json, jsonAnswer, known, list, must, text } from './checks.ts'
import type { StandInAnswer, Vendor } from './stand-in.ts'

export interface OpsgenieAlert {
  message: string
  description: string
  open: boolean
  count: number
}

export interface OpsgenieAccount {
  readonly vendor: Vendor
  /** By alias. */
  readonly alerts: ReadonlyMap<string, OpsgenieAlert>
}

const alertFields = [
  'message',
  'alias',
  'description',
  'responders',
  'visibleTo',
  'actions',
  'tags',
  'details',
  'entity',
  'source',
  'priority',
  'user',
  'note',
]

export function opsgenieAccount(key: string): OpsgenieAccount {
  const alerts = new Map<string, OpsgenieAlert>()
  const taken: StandInAnswer = jsonAnswer(202, { result: 'Request will be processed', took: 0.1, requestId: 'r' })
  const vendor: Vendor = (request) =>
    answering(
      () => {
        if (request.headers.authorization !== `GenieKey ${key}`)
          return jsonAnswer(401, { message: 'Could not authenticate' })
        const body = json(request)
        if (request.path === '/v2/alerts' && request.method === 'POST') {
          checkAlert(body)
          const alias = String(body.alias)
          const known = alerts.get(alias)
          if (known?.open === true) known.count++
          else
            alerts.set(alias, {
              message: String(body.message),
              description: String(body.description),
              open: true,
              count: 1,
            })
          return taken
        }
        const match = /^\/v2\/alerts\/([^/]+)\/(close|message|description)\?identifierType=alias$/.exec(request.path)
        must(match !== null, 'there is no such path')
        const alert = alerts.get(decodeURIComponent(match[1] ?? ''))
        if (alert === undefined) return jsonAnswer(404, { message: 'Alert does not exist' })
        if (match[2] === 'close') {
          must(request.method === 'POST', 'POST closes')
          alert.open = false
        } else {
          must(request.method === 'PUT', 'PUT updates')
          if (match[2] === 'message') alert.message = text(body.message, 'message', { most: 130 })
          else alert.description = text(body.description, 'description', { most: 15_000 })
        }
        return taken
      },
      (why) => jsonAnswer(422, { message: 'Request body is not processable', errors: { body: why } }),
    )
  return { vendor, alerts }
}

function checkAlert(body: Readonly<Record<string, unknown>>): void {
  known(body, alertFields, 'alert')
  text(body.message, 'message', { most: 130 })
  text(body.alias, 'alias', { most: 512 })
  text(body.description, 'description', { least: 0, most: 15_000 })
  text(body.source, 'source', { least: 0, most: 100 })
  for (const value of Object.values(fields(body.details ?? {}, 'details'))) text(value, 'detail', { least: 0 })
  if (body.priority !== undefined) must(/^P[1-5]$/.test(text(body.priority, 'priority')), 'priority')
  const tags = list(body.tags ?? [], 'tags')
  must(tags.length <= 20, 'at most 20 tags')
  for (const tag of tags) text(tag, 'tag', { most: 50 })
  for (const one of list(body.responders ?? [], 'responders')) {
    const responder = fields(one, 'responder')
    must(['team', 'user', 'escalation', 'schedule'].includes(text(responder.type, 'type')), 'responder.type')
    must(responder.id !== undefined || responder.name !== undefined || responder.username !== undefined, 'responder')
  }
}
