import {
  appendFileSync,
  copyFileSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { defaultProject } from '@tidewatch/core/matcher.ts'
import { FakeClock } from '@tidewatch/testkit/fake-clock.ts'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { SpoolSection } from '../../spool/port.ts'
import { FakeSpool } from '../fakes.ts'
import { type FakeLogs, fakeLogs } from '../logs/fakes.ts'
import { stackTraces } from './config.ts'
import { basesOf } from './rotated.ts'
import type { FileSource } from './source.ts'
import type { FileMemory, FilePosition } from './state.ts'
import { Tailer } from './tailer.ts'

const { signal } = new AbortController()
const quiet = { debug() {}, info() {}, warn() {}, error() {}, child: () => quiet }

const startMs = Date.UTC(2026, 5, 1, 12)

/** Rows as the database would keep them. */
class Rows {
  readonly kept = new Map<string, FilePosition>()
  async read(): Promise<FileMemory> {
    const files = [...this.kept.values()].map((row) => ({ ...row }))
    return { files, missedSinceMs: files.length === 0 ? undefined : startMs }
  }
  async save(row: FilePosition): Promise<void> {
    this.kept.set(row.id, { ...row })
  }
}

/** Knows what was there, as the real one does. */
class OnceSpool extends FakeSpool {
  readonly hashes: (string | undefined)[] = []
  override async append(sections: readonly SpoolSection[], { bodyHash }: { readonly bodyHash?: string } = {}) {
    const duplicate = bodyHash !== undefined && this.hashes.includes(bodyHash)
    this.hashes.push(bodyHash)
    if (!duplicate) await super.append(sections)
    return { duplicate }
  }
}

let folder: string
let spool: OnceSpool
let logs: FakeLogs
let rows: Rows
let clock: FakeClock
let tailer: Tailer | undefined

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tailer-'))
  clock = new FakeClock(startMs)
  spool = new OnceSpool()
  logs = fakeLogs({ clock, spool })
  rows = new Rows()
})

afterEach(async () => {
  await end()
  rmSync(folder, { recursive: true, force: true })
})

function source(options: Partial<FileSource> = {}): FileSource {
  return {
    ...{ key: 'test', patterns: [join(folder, '*.log')], exclude: [], format: 'auto', project: defaultProject },
    ...{ start: 'beginning', multiline: undefined, maxLineBytes: 10_000, ignoreOlderMs: undefined, logs: logs.intake },
    describe: async () => ({ service: 'shop', resource: new Map() }),
    ...options,
  }
}

async function begin(options: Partial<FileSource> = {}): Promise<void> {
  tailer = new Tailer({
    ...{ source: source(options), positions: rows, clock, logger: quiet },
    counts: { lines: 0, bytes: 0, cutLines: 0 },
  })
  await tailer.start()
  await look()
}

/** As after seconds: new files are looked for too. */
async function look(): Promise<void> {
  await clock.advance(3000)
  await tailer?.look(signal)
}

async function end(): Promise<void> {
  await tailer?.[Symbol.asyncDispose]()
  tailer = undefined
}

const at = (name: string): string => join(folder, name)
const bodies = (): string[] => logs.lines.map(({ body }) => body)

describe('a file', () => {
  it('is read from its beginning, and on', async () => {
    writeFileSync(at('a.log'), 'one\ntwo\nthr')
    await begin()
    expect(bodies()).toEqual(['one', 'two'])
    appendFileSync(at('a.log'), 'ee\r\n{"message":"four","level":"warn"}\n')
    await look()
    expect(bodies()).toEqual(['one', 'two', 'three', 'four'])
    const [, , , last] = logs.lines
    expect([last?.severity, last?.service, last?.resource.get('log.file.path')]).toEqual([13, 'shop', at('a.log')])
  })

  it('is read from its end where that is asked for; later ones from their beginning', async () => {
    writeFileSync(at('a.log'), 'old\n')
    await begin({ start: 'end' })
    appendFileSync(at('a.log'), 'new\n')
    writeFileSync(at('b.log'), 'first\n')
    await look()
    expect(bodies().sort()).toEqual(['first', 'new'])
  })

  it('goes on where it was after a restart', async () => {
    writeFileSync(at('a.log'), 'one\n')
    await begin()
    await end()
    appendFileSync(at('a.log'), 'two\n')
    await begin()
    expect(bodies()).toEqual(['one', 'two'])
  })

  it('keeps bad bytes as a line, and cuts a long one once', async () => {
    writeFileSync(
      at('a.log'),
      Buffer.concat([Buffer.from([0x61, 0xff, 0x62, 10]), Buffer.alloc(3_000_000, 'x'), Buffer.from('\nnext\n')]),
    )
    await begin()
    await look()
    expect(bodies().map((body) => body.length)).toEqual([3, 10_000, 4])
  })

  it('joins stack traces, and ends the last one when nothing follows', async () => {
    writeFileSync(at('a.log'), 'fine\nError: no\n    at x (y.js:1:2)\n    at z\n')
    await begin({ multiline: stackTraces })
    expect(bodies()).toEqual(['fine'])
    await look()
    expect(bodies()).toEqual(['fine', 'Error: no\n    at x (y.js:1:2)\n    at z'])
  })
})

describe('rotation', () => {
  const long = (word: string): string => Array.from({ length: 50 }, (_, i) => `${word} ${i}\n`).join('')
  const expected = (...words: string[]): string[] => words.flatMap((word) => long(word).trimEnd().split('\n'))

  it('by a new name: what is written to the old one still counts', async () => {
    writeFileSync(at('a.log'), long('first'))
    await begin()
    renameSync(at('a.log'), at('a.log.1'))
    writeFileSync(at('a.log'), long('second'))
    appendFileSync(at('a.log.1'), 'late\n')
    await look()
    expect(bodies().sort()).toEqual([...expected('first', 'second'), 'late'].sort())
    await clock.advance(20_000)
    await look()
    expect(tailer?.openFiles).toBe(1)
  })

  it('by a new name while we are away', async () => {
    writeFileSync(at('a.log'), long('first'))
    await begin()
    await end()
    appendFileSync(at('a.log'), long('more'))
    renameSync(at('a.log'), at('a.log.1'))
    writeFileSync(at('a.log'), long('second'))
    await begin()
    expect(bodies().sort()).toEqual(expected('first', 'more', 'second').sort())
  })

  it('by a copy and an empty file: what stands in the copy alone is read there', async () => {
    writeFileSync(at('a.log'), long('first'))
    await begin({ patterns: [join(folder, '*.log*')] })
    appendFileSync(at('a.log'), long('more'))
    copyFileSync(at('a.log'), at('a.log.1'))
    truncateSync(at('a.log'))
    appendFileSync(at('a.log'), long('second'))
    await look()
    await look()
    expect(bodies().sort()).toEqual(expected('first', 'more', 'second').sort())
  })

  it('by compression while we are away: the rest is read once', async () => {
    writeFileSync(at('a.log'), long('first'))
    await begin()
    await end()
    appendFileSync(at('a.log'), long('more'))
    writeFileSync(at('a.log.1.gz'), gzipSync(readFileSync(at('a.log'))))
    rmSync(at('a.log'))
    writeFileSync(at('a.log'), long('second'))
    await begin()
    await look()
    expect(bodies().sort()).toEqual(expected('first', 'more', 'second').sort())
    await end()
    await begin()
    expect(bodies()).toHaveLength(150)
  })
})

describe('between two looks', () => {
  /** Written at that time, as the file says. */
  const write = (name: string, content: string | Uint8Array, seconds: number): void => {
    writeFileSync(at(name), content)
    utimesSync(at(name), startMs / 1000 + seconds, startMs / 1000 + seconds)
  }

  it('what came and went is found under its next name, in its order, once', async () => {
    write('a.log', 'zero\n', 0)
    write('a.log.9', 'before we began\n', -60)
    write('b.log.1', 'of nobody\n', 1)
    await begin()
    renameSync(at('a.log'), at('a.log.4'))
    write('a.log.2', `two ${'x'.repeat(40)}\n`, 2)
    write('a.log.3.gz', gzipSync(`one ${'x'.repeat(40)}\n`), 1)
    write('a-20260601.log', 'three\n', 3)
    write('a-2.log.1', 'of another\n', 3)
    write('a.log', 'four\n', 4)
    await look()
    await look()
    // the shift of names is none of new files
    renameSync(at('a.log.4'), at('a.log.5'))
    renameSync(at('a.log.3.gz'), at('a.log.4.gz'))
    write('a.log.3.gz', gzipSync(readFileSync(at('a.log.2'))), 2)
    rmSync(at('a.log.2'))
    await look()
    await end()
    await begin()
    expect(bodies().map((body) => body.split(' ')[0])).toEqual(['zero', 'one', 'two', 'three', 'four'])
  })

  it.each(['gz', 'plain'])('a short file that grew and was turned over (%s) is read once', async (kind) => {
    write('a.log', 'zero\n', 0)
    await begin()
    for (const [day, word] of ['one', 'two'].entries()) {
      appendFileSync(at('a.log'), `${word}\n`)
      renameSync(at('a.log'), at('a.log.1'))
      const copy = readFileSync(at('a.log.1'))
      write(`a-2026060${day + 1}.log${kind === 'gz' ? '.gz' : ''}`, kind === 'gz' ? gzipSync(copy) : copy, 1)
      rmSync(at('a.log.1'))
      write('a.log', '', 2)
      await look()
      await look()
    }
    expect(bodies()).toEqual(['zero', 'one', 'two'])
  })

  it.each(['gz', 'plain'])('a short file that grew, was copied (%s) and emptied is read once', async (kind) => {
    write('a.log', 'zero\n', 0)
    await begin()
    appendFileSync(at('a.log'), 'one\n')
    const copy = readFileSync(at('a.log'))
    write(kind === 'gz' ? 'a.log.1.gz' : 'a.log.1', kind === 'gz' ? gzipSync(copy) : copy, 1)
    write('a.log', 'two\n', 2)
    for (let looks = 0; looks < 4; looks++) await look()
    expect(bodies().sort()).toEqual(['one', 'two', 'zero'])
  })

  it('a short file that grew and was compressed while we were away is read once', async () => {
    write('a.log', 'zero\n', 0)
    await begin()
    await end()
    appendFileSync(at('a.log'), 'one\n')
    write('a.log.1.gz', gzipSync(readFileSync(at('a.log'))), 1)
    rmSync(at('a.log'))
    write('a.log', 'two\n', 2)
    await begin()
    for (let looks = 0; looks < 4; looks++) await look()
    expect(bodies().sort()).toEqual(['one', 'two', 'zero'])
  })

  it('nothing is left out where an emptied file has grown beyond where we were', async () => {
    write('a.log', `first ${'x'.repeat(40)}\n`, 0)
    await begin()
    appendFileSync(at('a.log'), 'more\n')
    copyFileSync(at('a.log'), at('a.log.1'))
    writeFileSync(at('a.log'), `second ${'y'.repeat(400)}\n`)
    await look()
    await look()
    expect(bodies().map((body) => body.slice(0, 5))).toEqual(['first', 'more', 'secon'])
  })
})

it.each([
  ['app.log.1', ['app.log']],
  ['app.log.2.gz', ['app.log', 'app.log.2']],
  ['app.log-20261122.gz', ['app.log', 'app.log-20261122']],
  ['app-20261122.log', ['app.log']],
  ['app.log.2026-11-22', ['app.log', 'app.log.2026', 'app.log.2026-11']],
  ['app.log.old', ['app.log']],
  ['app-1.log', []],
  ['app.log', []],
  ['app.log.swp', []],
])('%s is a rotation of %s', (name, bases) => {
  expect(basesOf(name)).toEqual(bases)
})

it('stores a batch once that was stored and not noted, as after a kill', async () => {
  writeFileSync(at('a.log'), 'one\ntwo\n')
  await begin()
  const [row] = [...rows.kept.values()]
  await end()
  // the note of the end was lost, the one of the beginning was not
  if (row !== undefined) rows.kept.set(row.id, { ...row, position: 0, pendingEnd: row.position })
  appendFileSync(at('a.log'), 'three\n')
  await begin()
  expect(bodies()).toEqual(['one', 'two', 'three'])
  expect(spool.hashes).toHaveLength(3)
})
