// Which alertmanager.yml counts: the one that is named by flag, or in tidewatch.yml, or that stands among the files of the configuration.
import { dirname, isAbsolute, join, relative } from 'node:path'
import type { Problem } from '@tidewatch/core/error.ts'
import { z } from 'zod'
import { readConfigFile } from './discover.ts'
import { type ConfigFile, defineConfigSection, type Parsed } from './port.ts'

export interface AlertmanagerSection {
  readonly config_file?: string | undefined
  /** A port for its API alone; undefined: it is at the main port only. */
  readonly listen?: AlertmanagerListen | undefined
}

export interface AlertmanagerListen {
  /** That of the main port where it is left out. */
  readonly host?: string | undefined
  readonly port: number
  /** Its API is there below this path too: `/alertmanager`, or empty. */
  readonly path_prefix: string
}

const listen = z.strictObject({
  host: z.string().min(1).optional(),
  port: z.number().int().min(0).max(65_535).default(9093),
  path_prefix: z
    .string()
    .regex(/^(?:\/[\w.~-]+)*\/?$/, 'not a path such as /alertmanager.')
    .default('')
    .transform((path) => path.replace(/\/$/, '')),
})

/** `alertmanager` of tidewatch.yml. */
export const alertmanagerSection = defineConfigSection<AlertmanagerSection>({
  key: 'alertmanager',
  schema: z
    .strictObject({
      config_file: z.string().min(1, 'a file needs a name.').optional(),
      // a key with nothing below it listens with all defaults
      listen: z.preprocess((value) => (value === null ? {} : value), listen.optional()),
    })
    .default({}),
})

export interface AlertmanagerPlaces {
  /** By the flag. */
  readonly named: string | undefined
  /** By tidewatch.yml, relative to it. */
  readonly written: string | undefined
  readonly tidewatch: ConfigFile | undefined
  /** Those that were found. */
  readonly found: readonly string[]
  /** What `--config` names. */
  readonly base: string | undefined
}

/** The file that counts; undefined where there is none. Throws `config.unreadable` for one that is named and not there. */
export function findAlertmanagerFile(places: AlertmanagerPlaces): Parsed<ConfigFile | undefined> {
  const { named, written, tidewatch, found, base } = places
  if (named !== undefined) return { ok: true, value: readConfigFile(named, dirname(named)) }
  if (written !== undefined) {
    const folder = tidewatch === undefined ? process.cwd() : dirname(tidewatch.path)
    return { ok: true, value: readConfigFile(isAbsolute(written) ? written : join(folder, written), folder) }
  }
  const [first, second] = found
  if (first === undefined) return { ok: true, value: undefined }
  if (second === undefined)
    return {
      ok: true,
      value: readConfigFile(first, tidewatch === undefined ? dirname(first) : dirname(tidewatch.path)),
    }
  return { ok: false, problems: [severalFound(found, base ?? dirname(first))] }
}

function severalFound(found: readonly string[], base: string): Problem {
  return {
    message: `there are several: ${found.map((file) => relative(base, file)).join(', ')}.`,
    where: { file: base, key: 'alertmanager.yml' },
    fix: 'Name the one that is meant with --alertmanager-config, or by alertmanager.config_file in tidewatch.yml.',
  }
}
