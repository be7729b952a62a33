// What tidewatch.yml says is to be read on this machine, followed as long as it says so.

import { hostname } from 'node:os'
import { dirname, isAbsolute, join } from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import type { Clock } from '@tidewatch/core/clock.ts'
import type { ConfigFollower } from '../config/port.ts'
import {
  type DockerSettings,
  dockerSection,
  type FileEntry,
  filesSection,
  type JournaldSettings,
  journaldSection,
} from '../ingest/files/config.ts'
import { dockerSource } from '../ingest/files/docker.ts'
import { createFileFollower, type FileFollower } from '../ingest/files/follow.ts'
import { followJournal } from '../ingest/files/journald.ts'
import type { FileSource } from '../ingest/files/source.ts'
import { FilePositions, JournalCursor } from '../ingest/files/state.ts'
import type { LineRoutes } from '../ingest/pipelines/line-routes.ts'
import type { LogIntake } from '../ingest/port.ts'
import type { StateStore } from '../state/port.ts'
import type { Configuration } from './configuration.ts'
import type { Roles } from './roles.ts'
import type { SelfParts } from './server.ts'

interface FollowedFilesOptions {
  readonly self: SelfParts
  readonly state: StateStore
  readonly logs: { readonly routes: Pick<LineRoutes, 'from'> }
  readonly roles: Roles
  readonly clock: Clock
}

export interface FollowedFiles extends ConfigFollower<Configuration>, AsyncDisposable {
  /** For the file inputs of pipelines. */
  readonly follow: FileFollower['files']
}

export function createFollowedFiles({ self, state, logs, roles, clock }: FollowedFilesOptions): FollowedFiles {
  const logger = self.logger.child({ part: 'files' })
  const host = hostname()
  const positions = new FilePositions(state, { host, nowMs: clock.nowMs })
  const follower = createFileFollower({ positions, clock, logger, metrics: self.metrics })
  const open = new Map<string, { readonly settings: unknown; readonly held: AsyncDisposable }>()
  /** What is the same as before goes on undisturbed. */
  const change = async (
    wanted: ReadonlyMap<string, { readonly settings: unknown; readonly open: () => AsyncDisposable }>,
  ) => {
    for (const [key, { settings, held }] of open) {
      if (isDeepStrictEqual(settings, wanted.get(key)?.settings)) continue
      await held[Symbol.asyncDispose]()
      open.delete(key)
    }
    for (const [key, source] of wanted)
      if (!open.has(key)) open.set(key, { settings: source.settings, held: source.open() })
  }
  const journal = (settings: JournaldSettings): AsyncDisposable => {
    const cursor = new JournalCursor(state, {
      id: `${host} ${settings.directory ?? ''} ${settings.units.join(' ')}`,
      nowMs: clock.nowMs,
    })
    return follower.other('journald', (counts, signal) =>
      followJournal({ settings, logs: logs.routes.from('journald'), cursor, clock, logger, counts }, signal),
    )
  }
  return {
    follow: follower.files,
    async apply(configuration) {
      if (!roles.ingests) return
      const { sections, files } = configuration
      const own = files.find(({ name }) => /(?:^|\/)tidewatch\.ya?ml$/.test(name))
      const base = own === undefined ? process.cwd() : dirname(own.path)
      const wanted = new Map<string, { settings: unknown; open: () => AsyncDisposable }>()
      for (const entry of sections.get(filesSection.key) as readonly FileEntry[]) {
        const source = sourceOf(entry, { base, logs: logs.routes.from('files'), host })
        wanted.set(source.key, { settings: comparable(entry), open: () => follower.files(source) })
      }
      const docker = sections.get(dockerSection.key) as DockerSettings | undefined
      if (docker !== undefined)
        wanted.set('docker', {
          settings: comparable(docker),
          open: () => follower.files(dockerSource(docker, { logs: logs.routes.from('docker'), host })),
        })
      const journald = sections.get(journaldSection.key) as JournaldSettings | undefined
      if (journald !== undefined) wanted.set('journald', { settings: journald, open: () => journal(journald) })
      await change(wanted)
    },
    async [Symbol.asyncDispose]() {
      await change(new Map())
    },
  }
}

/** Rules of lines are functions, and new ones at each reading: their texts say whether they mean the same. */
const comparable = ({ multiline, ...settings }: FileEntry | DockerSettings): unknown => ({
  ...settings,
  multiline: multiline?.key,
})

function sourceOf(
  entry: FileEntry,
  { base, logs, host }: { readonly base: string; readonly logs: LogIntake; readonly host: string },
): FileSource {
  const { paths, exclude = [], format, project, start, multiline, max_line_bytes: maxLineBytes, service } = entry
  const absolute = (pattern: string): string => (isAbsolute(pattern) ? pattern : join(base, pattern))
  const patterns = paths.map(absolute)
  const resource = new Map([['host.name', host], ...Object.entries(entry.resource)])
  return {
    key: patterns.join(' '),
    ...{ patterns, format, project, start, multiline, maxLineBytes, logs, ignoreOlderMs: entry.ignore_older },
    exclude: exclude.map((pattern) => (pattern.includes('/') ? absolute(pattern) : `**/${pattern}`)),
    describe: async () => ({ service, resource }),
  }
}
