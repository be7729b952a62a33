import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Labels } from '@tidewatch/core/labels.ts'
import { FakeClock } from '@tidewatch/testkit/fake-clock.ts'
import type { Kysely, Transaction } from 'kysely'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { createLogger } from '../../self/logger.ts'
import type { StateStore } from '../../state/port.ts'
import { createStateStore } from '../../state/store.ts'
import type { GroupNews } from '../dispatch/flush.ts'
import { type HeldAlert, holdAlert } from '../dispatch/held-alert.ts'
import type { JournalEntry } from '../port.ts'
import { createEpisodeReader, type Episode, type EpisodeFilter } from './read.ts'
import { type EpisodeTables, historyState, noteSteps, saveEpisodes, trimEpisodes } from './state.ts'

/** What history keeps, on the database that `freshDatabase` names; undefined: SQLite. */
export function historySuite(name: string, freshDatabase: () => string | undefined): void {
  describe(name, () => {
    const clock = new FakeClock()
    let dir: string
    let state: StateStore
    let db: Kysely<EpisodeTables>

    beforeEach(async () => {
      dir = mkdtempSync(join(tmpdir(), 'tidewatch-history-'))
      const logger = createLogger({ clock, format: 'json', level: 'error', write: () => undefined })
      state = await createStateStore({
        ...{ dataDir: dir, databaseUrl: freshDatabase(), env: {}, features: [historyState], clock, logger },
      })
      db = state.database<EpisodeTables>()
    })
    afterEach(async () => {
      await state[Symbol.asyncDispose]()
      rmSync(dir, { recursive: true, force: true })
    })

    const within = (work: (transaction: Transaction<EpisodeTables>) => Promise<void>): Promise<void> =>
      db.transaction().execute(work)

    function alert(name: string, startsAtMs: number, endsAtMs?: number): HeldAlert {
      const labels = Labels.from({ alertname: name, severity: 'page', job: 'api' })
      const held = { labels, annotations: {}, startsAtMs, endsAtMs, generatorUrl: '' }
      return holdAlert(held, 300_000, endsAtMs ?? startsAtMs)
    }

    const keep = (alerts: readonly HeldAlert[], news: readonly GroupNews[] = [], nowMs = 0): Promise<void> =>
      within((tx) => saveEpisodes(tx, { alerts: new Map(alerts.map((one) => [one.fingerprint, one])), news }, nowMs))
    const forget = (fingerprint: string, nowMs: number): Promise<void> =>
      within((tx) => saveEpisodes(tx, { alerts: new Map([[fingerprint, undefined]]), news: [] }, nowMs))
    const note = (entry: Pick<JournalEntry, 'fingerprint' | 'atMs' | 'stage' | 'detail'>): Promise<void> =>
      within((tx) => noteSteps(tx, [{ ...entry, text: '' }]))

    function newsOf({ fingerprint, startsAtMs, labels }: HeldAlert, atMs: number): GroupNews {
      const shown = {
        status: 'firing',
        labels: labels.toObject(),
        annotations: {},
        startsAtMs,
        endsAtMs: undefined,
      } as const
      const links = { alert: '', acknowledge: '', silence: '' }
      const texts = { groupLabels: {}, commonLabels: {}, commonAnnotations: {} }
      const alerts = [{ ...shown, generatorUrl: '', fingerprint }]
      const head = { receiver: 'ops', status: 'firing', reason: 'firing', severity: 'critical', groupKey: 'g' } as const
      const notification = { ...head, ...texts, externalUrl: '', links, alerts, truncatedAlerts: 0 }
      return { id: `n${atMs}`, integration: 'channels/ops', atMs, notification }
    }

    async function found(filter: Partial<EpisodeFilter> = {}): Promise<Episode[]> {
      const whole = { fromMs: 0, toMs: Number.MAX_SAFE_INTEGER, ...filter }
      return (await createEpisodeReader(db).page(whole, { limit: 100 })).episodes
    }

    test('an episode is from firing to the end, with its messages, failures and who took it', async () => {
      const slow = alert('Slow', 1000)
      const { fingerprint } = slow
      await keep([slow], [newsOf(slow, 2000)])
      // the same again after a failure that had gone through
      await keep([slow], [newsOf(slow, 2000)])
      await note({
        fingerprint,
        atMs: 2500,
        stage: 'delivery',
        detail: { integration: 'channels/ops', outcome: 'retry' },
      })
      await note({ fingerprint, atMs: 3000, stage: 'acknowledged', detail: { by: 'ann', via: 'link' } })
      await keep([alert('Slow', 1000, 9000)], [newsOf(slow, 9000)])
      expect(await found()).toMatchObject([
        {
          ...{ name: 'Slow', severity: 'critical', firedAtMs: 1000, endedAtMs: 9000, acknowledgedAtMs: 3000 },
          ...{ acknowledgedBy: 'ann', acknowledgedVia: 'link', notifications: 2, failures: 1, receivers: ['ops'] },
        },
      ])
    })

    test('what nobody ended has ended when it was last believed; what was given back was not taken', async () => {
      const slow = alert('Slow', 1000)
      await keep([slow])
      await note({
        fingerprint: slow.fingerprint,
        atMs: 3000,
        stage: 'acknowledged',
        detail: { by: 'ann', via: 'api' },
      })
      await note({
        fingerprint: slow.fingerprint,
        atMs: 4000,
        stage: 'acknowledged',
        detail: { by: 'ann', released: 'true' },
      })
      expect(await found({ state: 'firing' })).toHaveLength(1)
      await forget(slow.fingerprint, 20_000)
      await note({ fingerprint: slow.fingerprint, atMs: 20_000, stage: 'resolved', detail: { endsAtMs: 15_000 } })
      expect(await found()).toMatchObject([{ endedAtMs: 15_000, acknowledgedAtMs: undefined }])
      expect(await found({ state: 'firing' })).toEqual([])
    })

    test('an alert that fires anew is another episode', async () => {
      await keep([alert('Slow', 1000)])
      await keep([alert('Slow', 50_000)])
      expect((await found()).map(({ firedAtMs, endedAtMs }) => [firedAtMs, endedAtMs])).toEqual([
        [50_000, undefined],
        [1000, 1000],
      ])
    })

    test('is found by span, rule, severity and label, a page at a time', async () => {
      for (let i = 1; i <= 5; i++) await keep([alert(`R${i}`, i * 1000, i * 1000 + 500)])
      expect((await found({ fromMs: 2400, toMs: 4000 })).map(({ name }) => name)).toEqual(['R4', 'R3', 'R2'])
      expect(await found({ rule: 'R1', severity: 'critical' })).toHaveLength(1)
      expect(await found({ severity: 'low' })).toEqual([])
      expect(await found({ labels: new Map([['job', 'web']]) })).toEqual([])
      const reader = createEpisodeReader(db)
      const names: string[] = []
      let cursor: string | undefined
      do {
        const page = await reader.page({ fromMs: 0, toMs: 9000 }, { limit: 2, cursor })
        names.push(...page.episodes.map(({ name }) => name))
        cursor = page.nextCursor
      } while (cursor !== undefined)
      expect(names).toEqual(['R5', 'R4', 'R3', 'R2', 'R1'])
      await expect(reader.page({ fromMs: 0, toMs: 9000 }, { limit: 2, cursor: 'x' })).rejects.toThrow('no cursor')
    })

    test('goes after 400 days, unless it fires', async () => {
      const nowMs = 500 * 86_400_000
      await keep([alert('Old', 1000, 2000), alert('Lasting', 1000), alert('New', nowMs - 1000, nowMs)])
      await trimEpisodes(db, nowMs)
      expect((await found()).map(({ name }) => name)).toEqual(['New', 'Lasting'])
    })
  })
}
