// What CloudWatch's clients ask of groups and streams: on SQLite beside this file, on Postgres in tests/counterparts.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { defaultProject, type ProjectId } from '@tidewatch/core/matcher.ts'
import { FakeClock } from '@tidewatch/testkit/fake-clock.ts'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createLogger } from '../../../self/logger.ts'
import type { StateStore } from '../../../state/port.ts'
import { createStateStore } from '../../../state/store.ts'
import { describeGroups, describeStreams, listGroups } from './describe.ts'
import { cloudwatchState, LogNames } from './names.ts'

const hourMs = 3_600_000

export function logNamesSuite(name: string, freshDatabase: () => string | undefined): void {
  describe(`groups and streams of CloudWatch on ${name}`, () => {
    let dataDir: string
    let state: StateStore
    let clock: FakeClock
    let names: LogNames
    const begin = (): LogNames => new LogNames(state, () => clock.nowMs())
    const groups = async (asked: object = {}): Promise<string[]> => {
      const answer = await describeGroups(names, defaultProject, asked)
      return (answer as { logGroups: { logGroupName: string }[] }).logGroups.map(({ logGroupName }) => logGroupName)
    }
    const streams = async (asked: object): Promise<string[]> => {
      const answer = await describeStreams(names, defaultProject, asked)
      return (answer as { logStreams: { logStreamName: string }[] }).logStreams.map(
        ({ logStreamName }) => logStreamName,
      )
    }

    beforeEach(async () => {
      dataDir = mkdtempSync(join(tmpdir(), 'tidewatch-names-'))
      clock = new FakeClock(Date.UTC(2026, 10, 22, 12))
      const logger = createLogger({ clock, format: 'json', level: 'error', write: () => undefined })
      const databaseUrl = freshDatabase()
      state = await createStateStore({ dataDir, databaseUrl, env: {}, features: [cloudwatchState], clock, logger })
      names = begin()
    })
    afterEach(async () => {
      await state[Symbol.asyncDispose]()
      rmSync(dataDir, { recursive: true })
    })

    it('are there over restarts, of their project alone, by name as ASCII has it', async () => {
      for (const group of ['b', '/ecs/a', 'B']) await names.add(defaultProject, { group })
      await names.add(7 as ProjectId, { group: 'other' })
      names = begin()
      expect(await groups()).toEqual(['/ecs/a', 'B', 'b'])
      expect(await groups({ logGroupNamePrefix: '/ecs' })).toEqual(['/ecs/a'])
      expect(await groups({ logGroupNamePattern: 'b' })).toEqual(['B', 'b'])
      expect(await groups({ logGroupIdentifiers: ['arn:aws:logs:us-east-1:000000000000:log-group:b:*'] })).toEqual([
        'b',
      ])
      await expect(groups({ logGroupNamePrefix: 'a', logGroupNamePattern: 'b' })).rejects.toThrow('Send one of them')
      expect(await listGroups(names, defaultProject, { logGroupNamePattern: '^b', limit: 1 })).toMatchObject({
        logGroups: [{ logGroupName: 'b' }],
      })
    })

    it('come page by page, none twice and none left out', async () => {
      const written = Array.from({ length: 123 }, (_, i) => `s${String(i).padStart(3, '0')}`)
      for (const [i, stream] of written.entries())
        await names.add(defaultProject, { group: 'g', stream, lastEventMs: 1000 + ((i * 37) % 123) })
      for (const asked of [{}, { descending: true }, { orderBy: 'LastEventTime', descending: true, limit: 7 }]) {
        const seen: string[] = []
        let nextToken: string | undefined
        do {
          const page = (await describeStreams(names, defaultProject, {
            ...{ logGroupName: 'g', ...asked },
            ...(nextToken === undefined ? {} : { nextToken }),
          })) as { logStreams: { logStreamName: string }[]; nextToken?: string }
          seen.push(...page.logStreams.map(({ logStreamName }) => logStreamName))
          nextToken = page.nextToken
        } while (nextToken !== undefined)
        expect([...seen].sort()).toEqual(written)
        if ('orderBy' in asked) expect(seen[0]).toBe(written.find((_, i) => (i * 37) % 123 === 122))
        else expect(seen[0]).toBe('descending' in asked ? 's122' : 's000')
      }
      await expect(streams({ logGroupName: 'g', nextToken: 'x' })).rejects.toThrow('nextToken')
    })

    it('a stream has a prefix and the time of its last event; a group that is not there is said not to be', async () => {
      await names.add(defaultProject, { group: 'g', stream: 'a/1', lastEventMs: 5 })
      await clock.advance(hourMs)
      await names.add(defaultProject, { group: 'g', stream: 'a/1', lastEventMs: 9 })
      await names.add(defaultProject, { group: 'g', stream: 'b' })
      expect(await streams({ logGroupName: 'g', logStreamNamePrefix: 'a' })).toEqual(['a/1'])
      expect(await describeStreams(names, defaultProject, { logGroupName: 'g' })).toMatchObject({
        logStreams: [{ lastEventTimestamp: 9, creationTime: clock.nowMs() - hourMs }, { logStreamName: 'b' }],
      })
      await expect(streams({ logGroupName: 'none' })).rejects.toMatchObject({ code: 'state.not_found' })
      await expect(streams({ logGroupName: 'g', logStreamNamePrefix: 'a', orderBy: 'LastEventTime' })).rejects.toThrow(
        'LastEventTime',
      )
    })
  })
}
