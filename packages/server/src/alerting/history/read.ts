// Episodes as people ask for them: newest first, a page at a time.
import { AppError } from '@tidewatch/core/error.ts'
import { type Severity, severityOf, unstatedSeverity } from '@tidewatch/core/severity.ts'
import type { Kysely } from 'kysely'
import type { EpisodeTables } from './state.ts'

export interface Episode {
  readonly id: string
  readonly fingerprint: string
  readonly name: string
  readonly severity: Severity
  readonly labels: Readonly<Record<string, string>>
  readonly firedAtMs: number
  readonly endedAtMs: number | undefined
  readonly acknowledgedAtMs: number | undefined
  readonly acknowledgedBy: string | undefined
  readonly acknowledgedVia: string | undefined
  readonly flapped: boolean
  /** Messages in which it stood, failed attempts, and who was told. */
  readonly notifications: number
  readonly failures: number
  readonly receivers: readonly string[]
}

export interface EpisodeFilter {
  readonly fromMs: number
  readonly toMs: number
  readonly rule?: string | undefined
  readonly severity?: Severity | undefined
  readonly state?: 'firing' | 'ended' | undefined
  readonly fingerprint?: string | undefined
  readonly labels?: ReadonlyMap<string, string> | undefined
}

interface Page {
  readonly limit: number
  readonly cursor?: string | undefined
}

export interface EpisodeReader {
  page(filter: EpisodeFilter, page: Page): Promise<{ readonly episodes: Episode[]; readonly nextCursor?: string }>
}

/** Labels are compared here: so many rows are looked at for one page. */
const mostLookedAt = 20_000
const rowsAtOnce = 500

export function createEpisodeReader(db: Kysely<EpisodeTables>): EpisodeReader {
  return {
    async page(filter, { limit, cursor }) {
      const found: EpisodeRow[] = []
      let place = readCursor(cursor)
      for (let seen = 0; seen < mostLookedAt; seen += rowsAtOnce) {
        const rows = await rowsAfter(db, filter, place)
        for (const row of rows) {
          if (hasLabels(row, filter.labels)) found.push(row)
          place = { firedAtMs: Number(row.fired_at_ms), id: row.id }
          if (found.length === limit) return { episodes: await withMessages(db, found), nextCursor: writeCursor(place) }
        }
        if (rows.length < rowsAtOnce) return { episodes: await withMessages(db, found) }
      }
      return {
        episodes: await withMessages(db, found),
        ...(place === undefined ? {} : { nextCursor: writeCursor(place) }),
      }
    },
  }
}

type EpisodeRow = EpisodeTables['alerting_episodes']

interface Place {
  readonly firedAtMs: number
  readonly id: string
}

async function rowsAfter(
  db: Kysely<EpisodeTables>,
  { fromMs, toMs, rule, severity, state, fingerprint }: EpisodeFilter,
  place: Place | undefined,
): Promise<EpisodeRow[]> {
  let query = db
    .selectFrom('alerting_episodes')
    .selectAll()
    .where('fired_at_ms', '<=', Math.round(toMs))
    .where((where) => where.or([where('ended_at_ms', 'is', null), where('ended_at_ms', '>=', Math.round(fromMs))]))
  if (rule !== undefined) query = query.where('name', '=', rule)
  if (severity !== undefined) query = query.where('severity', '=', severity)
  if (fingerprint !== undefined) query = query.where('fingerprint', '=', fingerprint)
  if (state !== undefined) query = query.where('ended_at_ms', state === 'firing' ? 'is' : 'is not', null)
  if (place !== undefined)
    query = query.where((where) =>
      where.or([
        where('fired_at_ms', '<', place.firedAtMs),
        where.and([where('fired_at_ms', '=', place.firedAtMs), where('id', '<', place.id)]),
      ]),
    )
  return await query.orderBy('fired_at_ms', 'desc').orderBy('id', 'desc').limit(rowsAtOnce).execute()
}

function hasLabels({ labels }: EpisodeRow, wanted: EpisodeFilter['labels']): boolean {
  if (wanted === undefined || wanted.size === 0) return true
  const own = JSON.parse(labels) as Readonly<Record<string, string>>
  return [...wanted].every(([name, value]) => (Object.hasOwn(own, name) ? own[name] : '') === value)
}

async function withMessages(db: Kysely<EpisodeTables>, rows: readonly EpisodeRow[]): Promise<Episode[]> {
  const messages: EpisodeTables['alerting_episode_messages'][] = []
  for (let i = 0; i < rows.length; i += rowsAtOnce) {
    const ids = rows.slice(i, i + rowsAtOnce).map(({ id }) => id)
    messages.push(
      ...(await db.selectFrom('alerting_episode_messages').selectAll().where('episode_id', 'in', ids).execute()),
    )
  }
  const byEpisode = Map.groupBy(messages, ({ episode_id }) => episode_id)
  return rows.map((row) => toEpisode(row, byEpisode.get(row.id) ?? []))
}

function toEpisode(row: EpisodeRow, messages: readonly EpisodeTables['alerting_episode_messages'][]): Episode {
  return {
    ...{ id: row.id, fingerprint: row.fingerprint, name: row.name },
    severity: severityOf(row.severity) ?? unstatedSeverity,
    labels: JSON.parse(row.labels) as Readonly<Record<string, string>>,
    firedAtMs: Number(row.fired_at_ms),
    endedAtMs: maybeNumber(row.ended_at_ms),
    acknowledgedAtMs: maybeNumber(row.acknowledged_at_ms),
    acknowledgedBy: row.acknowledged_by ?? undefined,
    acknowledgedVia: row.acknowledged_via ?? undefined,
    flapped: row.flapped === 1,
    notifications: messages.reduce((sum, { messages: count }) => sum + count, 0),
    failures: messages.reduce((sum, { failures }) => sum + failures, 0),
    receivers: [...new Set(messages.map(({ receiver }) => receiver))].sort(),
  }
}

const maybeNumber = (value: number | null): number | undefined => (value === null ? undefined : Number(value))

const writeCursor = ({ firedAtMs, id }: Place): string => `${firedAtMs}.${id}`

/** Throws `http.invalid`. */
function readCursor(cursor: string | undefined): Place | undefined {
  if (cursor === undefined) return undefined
  const match = /^(-?\d{1,15})\.([0-9a-f]{16}--?\d{1,15})$/.exec(cursor)
  if (match !== null) return { firedAtMs: Number(match[1]), id: match[2] ?? '' }
  throw new AppError('http.invalid', 'this is no cursor of the history.', {
    where: { key: 'cursor' },
    fix: 'Give back nextCursor of the page before as it was, or leave it out.',
  })
}
