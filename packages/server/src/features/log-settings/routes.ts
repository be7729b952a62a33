// How logs are kept, by the page: retention, archive and indexes, each with where its setting comes from.
import { logIndexWish, logSettings, optionalLogIndexes } from '@tidewatch/api/log-settings.ts'
import { z } from 'zod'
import { defineRoute, type Route } from '../../http/port.ts'
import { type ArchiveRouteParts, createArchiveRoutes, shown } from './archive-routes.ts'
import type { Kept } from './book.ts'
import type { LogIndexes } from './indexes.ts'
import { createRetentionRoutes, ownOf, type RetentionRouteParts, settingsPath } from './retention-routes.ts'

export interface LogSettingsRouteParts extends RetentionRouteParts, ArchiveRouteParts {
  readonly indexes: LogIndexes
}

const params = z.object({ name: z.enum(optionalLogIndexes) })

export function createLogSettingsRoutes(parts: LogSettingsRouteParts): readonly Route[] {
  const { book, retention, archive, indexes, audit } = parts
  return [
    defineRoute({
      ...{ method: 'GET', path: settingsPath, permission: 'view', errors: 'tidewatch' },
      summary: 'How logs are kept, archived and indexed, and where each setting comes from',
      response: logSettings,
      async handle({ signal }) {
        const own = ownOf(book)
        const { kept } = book
        const ofArchive = shown(kept.archive?.value)
        return {
          body: {
            retention: { ...retention.inForce(own), own, ...changed('changed', kept.retention) },
            archive: {
              ...archive.source(),
              ...(ofArchive === undefined ? {} : { own: ofArchive }),
              ...changed('changed', kept.archive),
            },
            indexes: await indexes.states({ signal }),
            ...changed('indexesChanged', kept.indexes),
          },
        }
      },
    }),
    ...createRetentionRoutes(parts),
    ...createArchiveRoutes(parts),
    defineRoute({
      ...{ method: 'PUT', path: `${settingsPath}/indexes/:name`, permission: 'admin', errors: 'tidewatch' },
      summary: 'Switch an index of all logs off, or on again',
      params,
      body: logIndexWish,
      async handle({ params: { name }, body: { enabled }, identity, signal }) {
        if (await indexes.switch(name, enabled, { by: identity.name, signal }))
          await audit.record({
            who: identity.name,
            action: `log_index.${enabled ? 'on' : 'off'}`,
            subject: name,
          })
        return { status: 202 }
      },
    }),
  ]
}

const changed = <Key extends string>(
  key: Key,
  kept: Kept<unknown> | undefined,
): { readonly [K in Key]?: Pick<Kept<unknown>, 'by' | 'changedMs'> } =>
  kept === undefined
    ? {}
    : ({ [key]: { by: kept.by, changedMs: kept.changedMs } } as {
        readonly [K in Key]?: Pick<Kept<unknown>, 'by' | 'changedMs'>
      })
