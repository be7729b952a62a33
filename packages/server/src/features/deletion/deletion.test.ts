import { AppError } from '@tidewatch/core/error.ts'
import { defaultProject } from '@tidewatch/core/matcher.ts'
import { FakeClock } from '@tidewatch/testkit/fake-clock.ts'
import { beforeEach, expect, test } from 'vitest'
import type { DeletionRequest } from '../../query/port.ts'
import { createLogger } from '../../self/logger.ts'
import { createTaskGroup } from '../../self/task-group.ts'
import type { Erasure } from '../../store/port.ts'
import { createDeletion, type DeletionParts, resumeDeletions } from './deletion.ts'
import type { DeletionRows, OpenDeletion } from './state.ts'

const { signal } = new AbortController()
const away = new AppError('store.unavailable', 'the store is away')

let said: string[]
let kept: Map<string, OpenDeletion>
/** Steps that fail, each once for each time it is named. */
let failing: string[]
let clock: FakeClock

beforeEach(() => {
  said = []
  kept = new Map()
  failing = []
  clock = new FakeClock()
})

async function step(name: string): Promise<void> {
  const at = failing.indexOf(name)
  said.push(at < 0 ? name : `${name} fails`)
  if (at < 0) return
  failing.splice(at, 1)
  throw away
}

const rows: DeletionRows = {
  open: async () => [...kept.values()],
  async begin(id, erasure) {
    await step('begin')
    kept.set(id, { id, stage: 'begun', erasure })
  },
  async submitted(id) {
    await step('submitted')
    kept.set(id, { ...(kept.get(id) as OpenDeletion), stage: 'submitted' })
  },
  async end(id) {
    await step('end')
    kept.delete(id)
  },
}

function open() {
  const logger = createLogger({ clock, format: 'json', level: 'error', write: () => undefined })
  const tasks = createTaskGroup({ clock, logger, onFatal: (name) => expect.unreachable(name) })
  const parts: DeletionParts = {
    rows,
    eraser: {
      submit: async () => {
        await step('submit')
        return { series: 2 }
      },
      settle: () => step('settle'),
      compact: () => step('compact'),
    },
    flusher: { flush: () => step('flush') },
    tables: ['samples'],
    acceptor: {
      pause: async () => {
        await step('pause')
        return { [Symbol.dispose]: () => said.push('go on') }
      },
      forgetRows: (refs) => said.push(`forget rows of ${[...refs].length}`),
    },
    head: {
      index: { select: () => Uint32Array.of(1, 2, 3) },
      erase: async () => {
        await step('erase')
        return []
      },
      writer: { changes: { noteFrom: (timeMs) => said.push(`changed from ${timeMs}`) } },
    },
    knownProjects: () => [defaultProject],
    audit: { record: async ({ who, action, subject }) => void said.push(`${who}: ${action} ${subject}`) },
    ...{ clock, logger, tasks },
    onDone: ({ series }) => said.push(`done: ${series}`),
  }
  return { tasks, parts, deletion: createDeletion(parts) }
}

const request: DeletionRequest = {
  ...{ projects: 'all', matcherSets: [[{ name: 'a', op: '=', value: 'b' }]], startMs: 5, endMs: 9, signal },
  ...{ who: 'mara', selectors: ['{a="b"}'] },
}

const moment = ['pause', 'flush', 'forget rows of 3', 'submit', 'submitted', 'erase', 'go on']
const end = ['settle', 'changed from 5', 'end', 'done: 2']

test('all of it happens while nothing is accepted, and is answered when nothing of it is seen any more', async () => {
  const { deletion, tasks } = open()
  await using _ = tasks
  await deletion.deleteSeries(request)
  expect(said).toEqual(['mara: samples.delete {a="b"}', 'begin', ...moment, ...end])
  expect(kept.size).toBe(0)
})

test('where the store does not take what was accepted before, nothing is deleted, and that is the answer', async () => {
  const { deletion, tasks } = open()
  await using _ = tasks
  failing.push('flush')
  await expect(deletion.deleteSeries(request)).rejects.toMatchObject({
    code: 'store.unavailable',
    message: 'nothing was deleted: what was accepted before did not get into the store',
  })
  expect(said.slice(2)).toEqual(['pause', 'flush fails', 'go on', 'end'])
  expect(kept.size).toBe(0)
})

test('what was begun is tried until it is done, from where it stands', async () => {
  const { deletion, tasks } = open()
  await using _ = tasks
  failing.push('submit', 'submitted', 'settle')
  const done = deletion.deleteSeries(request)
  const again = setInterval(() => void clock.advance(30_000), 1)
  await done
  clearInterval(again)
  expect(said.slice(2)).toEqual([
    ...['pause', 'flush', 'forget rows of 3', 'submit fails', 'go on'],
    // the row did not say that it was submitted: who starts again would submit it again, and so does this
    ...['pause', 'flush', 'forget rows of 3', 'submit', 'submitted fails', 'go on'],
    ...moment,
    ...['settle fails', ...end],
  ])
})

test('who gives up waiting does not stop it', async () => {
  const { deletion, tasks } = open()
  await using _ = tasks
  const abort = new AbortController()
  const asked = deletion.deleteSeries({ ...request, signal: abort.signal })
  abort.abort(new Error('gone'))
  await expect(asked).rejects.toThrow('gone')
  await deletion.deleteSeries({ ...request, who: 'next' })
  expect(said.filter((line) => line === 'done: 2')).toHaveLength(2)
})

test('a start ends what was begun, and does not submit again what the store has', async () => {
  const { parts } = open()
  const erasure: Erasure = { projects: [defaultProject], matcherSets: [], startMs: 0, endMs: 1 }
  kept.set('a', { id: 'a', stage: 'submitted', erasure })
  kept.set('b', { id: 'b', stage: 'begun', erasure })
  expect(await resumeDeletions(parts, { signal })).toBe(2)
  expect(said).toEqual(['settle', 'end', 'submit', 'submitted', 'settle', 'end'])
  failing.push('settle')
  kept.set('c', { id: 'c', stage: 'submitted', erasure })
  await expect(resumeDeletions(parts, { signal })).rejects.toBe(away)
  expect(kept.has('c')).toBe(true)
})

test('cleaning up waits for deletions that are under way', async () => {
  const { deletion, tasks } = open()
  await using _ = tasks
  await deletion.cleanTombstones({ who: 'mara', signal })
  expect(said).toEqual(['mara: samples.clean tombstones', 'settle', 'compact'])
})
