import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { dataVersion, openDataDir } from './data-dir.ts'

let parent: string
beforeEach(() => {
  parent = mkdtempSync(join(tmpdir(), 'tidewatch-'))
})
afterEach(() => rmSync(parent, { recursive: true, force: true }))

it('makes a new directory and knows it again', () => {
  const path = join(parent, 'a', 'b')
  {
    using first = openDataDir(path)
    expect(first.isNew).toBe(true)
  }
  using second = openDataDir(path)
  expect(second).toMatchObject({ isNew: false, version: dataVersion })
})

it('refuses a directory that another one runs on, naming its process, and takes it once that has ended', () => {
  const first = openDataDir(parent)
  expect(() => openDataDir(parent)).toThrow(`another Tidewatch (process ${process.pid}) is running on ${parent}.`)
  first[Symbol.dispose]()
  openDataDir(parent)[Symbol.dispose]()
})

it('refuses a directory of a newer version and changes nothing in it', () => {
  writeFileSync(join(parent, 'version.json'), JSON.stringify({ version: dataVersion + 1 }))
  expect(() => openDataDir(parent)).toThrow('was written by a newer Tidewatch')
  expect(readdirSync(parent).sort()).toEqual(expect.arrayContaining(['version.json']))
})

it('says what is wrong where a file stands in its place', () => {
  const path = join(parent, 'file')
  writeFileSync(path, '')
  expect(() => openDataDir(path)).toThrow(/the data directory .* (is a file|cannot be written by this user)\./)
})
