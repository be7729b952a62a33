// alertmanager.yml: checked by Alertmanager's rules, its receivers joined to our channels, its template files read.
import { globSync } from 'node:fs'
import { dirname, isAbsolute, join } from 'node:path'
import { readAlertmanagerConfig, unsupportedIntegrations } from '@tidewatch/alertmanager/config.ts'
import type { AlertmanagerConfig, MatcherMode } from '@tidewatch/alertmanager/port.ts'
import { AppError, type Problem } from '@tidewatch/core/error.ts'
import { NotificationTemplates } from '@tidewatch/template/notification-templates.ts'
import { readConfigFile } from '../config/discover.ts'
import type { ConfigFile, Parsed } from '../config/port.ts'
import { channelKinds, integrationOfEntry } from '../notify/integrations.ts'
import type { Integration } from '../notify/port.ts'
import type { Configuration } from './configuration.ts'
import { writtenConfig } from './written-config.ts'

/** What runs of an alertmanager.yml. */
export interface AlertmanagerSetup {
  readonly config: AlertmanagerConfig
  readonly integrations: readonly Integration[]
  /** Under `templates`. */
  readonly templateFiles: readonly ConfigFile[]
  readonly file: ConfigFile
  /** As it is written, without secrets. */
  readonly shown: string
}

/** All that is wrong with it is told at once. */
export function readAlertmanagerSetup(
  file: ConfigFile,
  mode: MatcherMode = 'fallback',
): Parsed<{ readonly setup: AlertmanagerSetup; readonly files: readonly ConfigFile[] }> {
  const read = readAlertmanagerConfig(file, { mode, directory: dirname(file.path) })
  if (!read.ok) return read
  const { config } = read
  const kinds = new Set(channelKinds)
  const problems: Problem[] = unsupportedIntegrations(config, kinds)
  const integrations: Integration[] = []
  for (const { name, integrations: entries } of config.receivers.values()) {
    for (const entry of entries) {
      if (!kinds.has(entry.type)) continue
      const made = integrationOfEntry(name, entry)
      if (made.ok) integrations.push(made.integration)
      else problems.push({ ...made.problem, where: entry.where })
    }
  }
  const templateFiles = readTemplates(file, config.templates)
  problems.push(...templateFaults(templateFiles))
  if (problems.length > 0) return { ok: false, problems }
  const shown = writtenConfig(file.text, config.effectiveYaml)
  return { ok: true, value: { setup: { config, integrations, templateFiles, file, shown }, files: templateFiles } }
}

/** Patterns relative to the file; one that matches nothing is no error, as in Alertmanager. */
function readTemplates(file: ConfigFile, patterns: readonly string[]): ConfigFile[] {
  const base = dirname(file.path)
  return patterns
    .flatMap((pattern) => globSync(isAbsolute(pattern) ? pattern : join(base, pattern)).sort())
    .map((path) => readConfigFile(path, base))
}

function templateFaults(files: readonly ConfigFile[]): Problem[] {
  try {
    NotificationTemplates.parse(files)
    return []
  } catch (error) {
    const { message, where = {}, fix } = AppError.from(error)
    return [{ message, where, ...(fix === undefined ? {} : { fix }) }]
  }
}

/** Undefined: there is no alertmanager.yml, and the channels of tidewatch.yml hear of everything. */
export const alertmanagerOf = (configuration: Pick<Configuration, 'alertmanager'>): AlertmanagerSetup | undefined =>
  configuration.alertmanager as AlertmanagerSetup | undefined

/** Channels that want to join receivers which are not there. */
export function channelFaults(channels: readonly Integration[], setup: AlertmanagerSetup | undefined): Problem[] {
  if (setup === undefined) return []
  const known = [...setup.config.receivers.keys()]
  return channels.flatMap(({ receiver, joins = [] }) =>
    joins
      .filter((name) => !known.includes(name))
      .map((name) => ({
        message: `the channel ${receiver} names the receiver ${JSON.stringify(name)}, which ${setup.file.name} does not have.`,
        where: { file: 'tidewatch.yml', key: 'channels' },
        fix: `There are: ${known.join(', ')}.`,
      })),
  )
}
