import type { Severity } from '@tidewatch/core/severity.ts'
import { z } from 'zod'
import { httpOptions, httpUrl, oneOf, plain, secret, template } from '../options.ts'
import { defineChannel, type HttpAnswer, type MessageTemplates, type Notification } from '../port.ts'
import { bodyText, cut, groupHash, headline } from '../wording.ts'

const responder = z.strictObject({
  id: template.optional(),
  name: template.optional(),
  username: template.optional(),
  type: template,
})

const schema = z
  .strictObject({
    api_key: secret.optional().meta({ title: 'API key', help: 'Opsgenie → team → Integrations → API' }),
    api_key_file: plain.optional(),
    api_url: httpUrl.default('https://api.opsgenie.com/'),
    message: template.optional(),
    description: template.optional(),
    source: template.default('{{ template "opsgenie.default.source" . }}'),
    details: z.record(z.string(), template).default({}),
    entity: template.default(''),
    responders: z.array(responder).default([]),
    actions: template.default(''),
    tags: template.default(''),
    note: template.default(''),
    priority: template.optional(),
    update_alerts: z.boolean().default(false),
    ...httpOptions,
  })
  .superRefine(oneOf('api_key', 'api_key_file'))

type Config = z.output<typeof schema>

const priorities: Readonly<Record<Severity, string>> = { critical: 'P1', high: 'P2', medium: 'P3', low: 'P5' }

/** https://docs.opsgenie.com/docs/alert-api: message 130 characters, description 15,000, note 25,000, 20 tags of 50. */
const longest = { message: 130, description: 15_000, source: 100, entity: 512, note: 25_000, tag: 50, tags: 20 }

/** One alert a group: the alias is the hash of the group's key, as Alertmanager makes it. */
export const opsgenie = defineChannel({
  kind: 'opsgenie',
  title: 'Opsgenie',
  repeats: 'once',
  config: schema,
  async send(notification, config, { http, signal, secrets, templates }) {
    const key = templates.text((await secrets.read(config.api_key, config.api_key_file)) ?? '')
    const headers = { authorization: `GenieKey ${key}` }
    const alias = groupHash(notification.groupKey)
    const base = `${config.api_url.replace(/\/$/, '')}/v2/alerts`
    const of = (what: string): string => `${base}/${alias}/${what}?identifierType=alias`
    const source = cut(templates.text(config.source), longest.source)
    if (notification.status === 'resolved') {
      const closed = await http.send(of('close'), { json: { source }, headers, signal })
      // nothing of that name is open any more: what was asked for is so
      return closed.status === 404 ? { ...closed, verdict: 'delivered' } : closed
    }
    const alert = alertOf(notification, config, templates)
    const steps: (() => Promise<HttpAnswer>)[] = [
      () => http.send(base, { json: { alias, source, ...alert }, headers, signal }),
    ]
    if (config.update_alerts) {
      const update = (what: string, json: object) => () => http.send(of(what), { method: 'PUT', json, headers, signal })
      steps.push(
        update('message', { message: alert.message }),
        update('description', { description: alert.description }),
      )
    }
    let last: HttpAnswer | undefined
    for (const step of steps) {
      last = await step()
      if (last.status >= 300) return last
    }
    return last ?? { status: 200, answer: '' }
  },
})

function alertOf(notification: Notification, config: Config, templates: MessageTemplates) {
  const text = (template: string): string => templates.text(template)
  const details = Object.entries(config.details).map(([name, value]) => [name, text(value)] as const)
  const entity = cut(text(config.entity), longest.entity)
  const note = cut(text(config.note), longest.note)
  const priority = config.priority === undefined ? priorities[notification.severity] : text(config.priority)
  const responders = config.responders.flatMap((one) => responderOf(one, text))
  const tags = split(text(config.tags))
  const actions = split(text(config.actions))
  return {
    message: cut(config.message === undefined ? headline(notification) : text(config.message), longest.message),
    description: cut(
      config.description === undefined
        ? `${bodyText(notification)}\n\n${notification.links.alert}`
        : text(config.description),
      longest.description,
    ),
    details: { ...notification.commonLabels, ...Object.fromEntries(details) },
    ...(responders.length === 0 ? {} : { responders }),
    ...(tags.length === 0 ? {} : { tags: tags.slice(0, longest.tags).map((tag) => cut(tag, longest.tag)) }),
    ...(actions.length === 0 ? {} : { actions }),
    ...(entity === '' ? {} : { entity }),
    ...(note === '' ? {} : { note }),
    ...(priority === '' ? {} : { priority }),
  }
}

const split = (text: string): string[] =>
  text
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '')

/** `teams` are several by name; one that is empty after rendering is left out. */
function responderOf(
  written: z.output<typeof responder>,
  text: (template: string) => string,
): Record<string, string>[] {
  const type = text(written.type)
  const name = text(written.name ?? '')
  if (type === 'teams') return split(name).map((team) => ({ name: team, type: 'team' }))
  const known = { id: text(written.id ?? ''), name, username: text(written.username ?? '') }
  const given = Object.entries(known).filter(([, value]) => value !== '')
  return given.length === 0 ? [] : [{ ...Object.fromEntries(given), type }]
}
