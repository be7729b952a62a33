import { globSync } from 'node:fs'
import { AppError, quoteValue } from '@tidewatch/core/error.ts'
import {
  type NotificationData,
  NotificationTemplates,
  type TemplateFile,
} from '@tidewatch/template/notification-templates.ts'
import { z } from 'zod'
import { allValues, type Command } from './command.ts'
import { readFileText } from './input-text.ts'

const minute = 60_000

export const templateRender: Command = {
  name: 'template render',
  summary: 'Render a template of notifications, as amtool template render does',
  usage: '--template.text TEXT',
  flags: [
    {
      name: 'template.text',
      argument: 'TEXT',
      help: `what is rendered, such as '{{ template "slack.default.title" . }}'`,
    },
    {
      name: 'template.glob',
      argument: 'GLOB',
      help: 'files of templates beside those built in; may be given several times',
    },
    { name: 'template.type', argument: 'text|html', help: 'html escapes values, as in mail', fallback: 'text' },
    {
      name: 'template.data',
      argument: 'FILE',
      help: 'JSON of a notification, as webhooks carry it; without it, of one alert that was made up',
    },
  ],
  async run({ flags, rawArgs, out }) {
    const text = flags.get('template.text')
    if (text === undefined) {
      throw new AppError('config.invalid', 'There is nothing to render.', { fix: 'Write --template.text TEXT.' })
    }
    const type = flags.get('template.type') ?? 'text'
    if (type !== 'text' && type !== 'html') {
      throw new AppError('config.invalid', `--template.type is ${quoteValue(type)}.`, { fix: 'Write text or html.' })
    }
    const templates = NotificationTemplates.parse(allValues(rawArgs, 'template.glob').flatMap(readFiles))
    const file = flags.get('template.data')
    const data = file === undefined ? sampleData(Date.now()) : readData(file)
    const options = { name: '--template.text' }
    out(type === 'html' ? templates.html(text, data, options) : templates.text(text, data, options))
    return 0
  },
}

function readFiles(pattern: string): TemplateFile[] {
  const names = globSync(pattern).sort()
  if (names.length === 0) {
    throw new AppError('config.unreadable', `--template.glob ${quoteValue(pattern)} names no file.`, {
      fix: 'Put the pattern in quotes, and check the directory.',
    })
  }
  return names.map((name) => ({ name, text: readFileText(name) }))
}

const strings = z
  .record(z.string(), z.string())
  .nullish()
  .transform((value) => value ?? {})
const text = z.string().default('')
const status = z.enum(['firing', 'resolved']).default('firing')

/** What webhooks carry, as far as templates see it; what is missing is empty. */
const notification = z.object({
  receiver: text,
  status,
  alerts: z
    .array(
      z.object({
        status,
        labels: strings,
        annotations: strings,
        startsAt: z.iso.datetime({ offset: true }).optional(),
        endsAt: z.iso.datetime({ offset: true }).optional(),
        generatorURL: text,
        fingerprint: text,
      }),
    )
    .nullish()
    .transform((alerts) => alerts ?? []),
  groupLabels: strings,
  commonLabels: strings,
  commonAnnotations: strings,
  externalURL: text,
  notification_reason: text,
})

function readData(file: string): NotificationData {
  let json: unknown
  try {
    json = JSON.parse(readFileText(file))
  } catch (cause) {
    if (cause instanceof AppError) throw cause
    throw new AppError('config.invalid', `${file} is not JSON: ${String(cause)}`, { where: { file }, cause })
  }
  const result = notification.safeParse(json)
  if (!result.success) {
    const [issue] = result.error.issues
    const key = issue?.path.join('.') ?? ''
    throw new AppError('config.invalid', `${file}: ${key}: ${issue?.message ?? 'not a notification'}`, {
      where: { file, key },
      fix: 'Write a notification as webhooks carry it: receiver, status, alerts, groupLabels, commonLabels, commonAnnotations, externalURL.',
    })
  }
  const { notification_reason: notificationReason, ...data } = result.data
  return {
    ...data,
    notificationReason,
    alerts: data.alerts.map(({ startsAt, endsAt, ...alert }) => ({ ...alert, startsAt, endsAt })),
  }
}

function sampleData(nowMs: number): NotificationData {
  const labels = { alertname: 'InstanceDown', instance: 'db-1:9100', job: 'node', severity: 'critical' }
  const annotations = { summary: 'db-1 has been down for 5 minutes' }
  return {
    receiver: 'team',
    status: 'firing',
    alerts: [
      {
        status: 'firing',
        labels,
        annotations,
        startsAt: nowMs - 5 * minute,
        endsAt: undefined,
        generatorURL: 'http://localhost:4900/graph?g0.expr=up+%3D%3D+0',
        fingerprint: '0f1e2d3c4b5a6978',
      },
    ],
    groupLabels: { alertname: 'InstanceDown' },
    commonLabels: labels,
    commonAnnotations: annotations,
    externalURL: 'http://localhost:4900',
    notificationReason: 'first notification',
  }
}
