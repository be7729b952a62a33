// Files grow and are turned over while the server that follows them is killed at random moments: every line is there, once.
import { execFile } from 'node:child_process'
import { appendFileSync, mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { systemClock } from '@tidewatch/core/clock.ts'
import { expect, test } from 'vitest'
import { chanceOf, seedOfRun } from './chance.ts'
import { Victim } from './victim.ts'

const kills = Number(process.env.TIDEWATCH_FILE_KILLS ?? 4)
const linesPerBurst = 50
/** Much sooner than files are looked for: what comes and goes between has to be found under its next name. */
const turnMs = 300

/** How a file is turned over. Nothing is written meanwhile: what is lost between logrotate's copy and its emptying is lost to everybody. */
type Turn = (path: string) => Promise<void> | void

const run = promisify(execFile)

function renaming(): Turn {
  let turns = 0
  return (path) => {
    renameSync(path, `${path}.${++turns}`)
    writeFileSync(path, '')
  }
}

/** Logrotate itself. Its numbers move on with every turn, so a file has another name whenever somebody looks. */
function logrotate(folder: string, ...options: readonly string[]): Turn {
  const config = join(folder, 'logrotate.conf')
  const lines = ['rotate 10000', 'missingok', 'create 0644', ...options]
  return async (path) => {
    writeFileSync(config, `${path} {\n${lines.map((line) => `  ${line}\n`).join('')}}\n`, { mode: 0o644 })
    await run('logrotate', ['--force', '--state', join(folder, 'state'), config])
  }
}

/** A file that lines are written to, turned over as often as can be. */
class Writer {
  written = 0
  turns = 0
  readonly #path: string
  readonly #name: string
  readonly #turn: Turn
  #turnedAtMs = performance.now()

  constructor(folder: string, name: string, turn: (folder: string) => Turn) {
    mkdirSync(folder)
    this.#path = join(folder, 'app.log')
    this.#name = name
    this.#turn = turn(folder)
    writeFileSync(this.#path, '')
  }

  async burst(): Promise<void> {
    let text = ''
    for (let i = 0; i < linesPerBurst; i++)
      text += `filekill ${this.#name} ${String(this.written++).padStart(8, '0')}\n`
    appendFileSync(this.#path, text)
    if (performance.now() - this.#turnedAtMs < turnMs) return
    await this.#turn(this.#path)
    this.turns++
    this.#turnedAtMs = performance.now()
  }
}

async function bodies(url: string): Promise<string[]> {
  const all: string[] = []
  const query = new URLSearchParams({ query: '', fromMs: '0', toMs: String(Date.now() + 60_000), format: 'ndjson' })
  const response = await fetch(`${url}/api/tidewatch/v1/logs/export?${query}`)
  for (const line of (await response.text()).split('\n')) {
    const found = /filekill (\w+ \d{8})/.exec(line)
    if (found !== null) all.push(found[1] ?? '')
  }
  return all
}

/** Of each writer: how many lines there are, and how many different ones. */
function countsOf(found: readonly string[]): Record<string, readonly [number, number]> {
  const byName = Map.groupBy(found, (line) => line.slice(0, line.indexOf(' ')))
  return Object.fromEntries([...byName].map(([name, lines]) => [name, [lines.length, new Set(lines).size] as const]))
}

test('lines of files are stored exactly once over kills, however fast the files are turned over', async () => {
  const chance = chanceOf(seedOfRun())
  const dir = mkdtempSync(join(tmpdir(), 'tidewatch-files-'))
  try {
    const modes: Readonly<Record<string, (folder: string) => Turn>> = {
      rename: renaming,
      create: (folder) => logrotate(folder),
      copytruncate: (folder) => logrotate(folder, 'copytruncate'),
      compress: (folder) => logrotate(folder, 'compress'),
      delaycompress: (folder) => logrotate(folder, 'compress', 'delaycompress'),
    }
    const writers = Object.entries(modes).map(([name, turn]) => new Writer(join(dir, name), name, turn))
    writeFileSync(join(dir, 'tidewatch.yml'), `files:\n  - paths: ${join(dir, '*', '*.log')}\n    format: text\n`)
    await using victim = await Victim.start({ args: ['--config', dir] })
    for (let kill = 0; kill < kills; kill++) {
      const endMs = performance.now() + 3000 + chance() * 4000
      const writing = async (writer: Writer): Promise<void> => {
        while (performance.now() < endMs) {
          await writer.burst()
          await systemClock.sleep(30)
        }
      }
      await Promise.all(writers.map(writing))
      await victim.killServer()
      // files come and go while nobody looks, too
      for (let turn = 0; turn < 4; turn++)
        for (const writer of writers) {
          await writer.burst()
          await systemClock.sleep(turnMs / writers.length)
        }
      await victim.start()
    }
    const wanted = Object.keys(modes).map((name, at) => [name, Array(2).fill(writers[at]?.written)])
    const total = writers.reduce((sum, { written }) => sum + written, 0)
    expect(Math.min(...writers.map(({ turns }) => turns))).toBeGreaterThan(kills * 4)
    let found: string[] = []
    const patienceMs = performance.now() + 240_000
    while (new Set(found).size < total && performance.now() < patienceMs) {
      await systemClock.sleep(1000)
      found = await bodies(victim.url)
    }
    expect(countsOf(found)).toEqual(Object.fromEntries(wanted))
  } finally {
    rmSync(dir, { recursive: true, force: true })
  }
})
