// How notifications reach the world: clients by http_config, files of the configuration, templates, the terminal.
import { webhookDataOf } from '@tidewatch/alertmanager/template-data.ts'
import type { Clock } from '@tidewatch/core/clock.ts'
import { NotificationTemplates } from '@tidewatch/template/notification-templates.ts'
import { createHttpClient } from '../collect/http-client/client.ts'
import { ConfigFiles } from '../collect/http-client/config-files.ts'
import { readTls } from '../collect/http-client/tls.ts'
import type { EscalationDesk, Outside } from '../notify/port.ts'
import { productVersion } from './version.ts'

export interface OutsideOptions {
  readonly env: Readonly<Record<string, string | undefined>>
  readonly clock: Clock
  /** What relative file names are relative to. */
  readonly baseDir: () => string
  readonly escalations: EscalationDesk
  /** The files under `templates:` of alertmanager.yml. */
  readonly templateFiles: () => readonly { readonly name: string; readonly text: string }[]
}

export function createOutside({ env, clock, baseDir, templateFiles, escalations }: OutsideOptions): Outside {
  let parsed: { readonly files: unknown; readonly templates: NotificationTemplates } | undefined
  const templates = (): NotificationTemplates => {
    const files = templateFiles()
    if (parsed?.files !== files)
      parsed = { files, templates: NotificationTemplates.parse(files, { nowMs: clock.nowMs }) }
    return parsed.templates
  }
  return {
    openHttp: (config) =>
      createHttpClient(config, {
        ...{ baseDir: baseDir(), clock, env, userAgent: `Tidewatch/${productVersion}`, keepsMethod: true },
      }),
    readFile: (file) => new ConfigFiles(baseDir()).text(file),
    readTls: (config) => readTls(config, new ConfigFiles(baseDir())),
    templates(notification) {
      const data = webhookDataOf({ ...notification, notificationReason: notification.reason })
      return {
        text: (text) => templates().text(text, data),
        html: (text) => templates().html(text, data),
      }
    },
    escalations,
    terminal: { isTerminal: process.stdout.isTTY, write: (text) => void process.stdout.write(text) },
  }
}
