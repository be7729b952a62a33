import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { resolveReferences } from './references.ts'

it('resolves environment and files in values at any depth, never in keys', () => {
  const directory = mkdtempSync(join(tmpdir(), 'tidewatch-references-'))
  try {
    writeFileSync(join(directory, 'token'), 'secret\n')
    const written = { list: [{ url: 'https://${HOST}/hook', token: 'file:token' }], '${HOST}': 1 }
    expect(resolveReferences(written, { env: { HOST: 'example.org' }, directory, fileName: 'tidewatch.yml' })).toEqual({
      value: { list: [{ url: 'https://example.org/hook', token: 'secret' }], '${HOST}': 1 },
      problems: [],
    })
  } finally {
    rmSync(directory, { recursive: true })
  }
})

it('leaves dates as they are', () => {
  const at = new Date(0)
  expect(resolveReferences({ at }, { env: {}, directory: '/', fileName: 'f' }).value).toEqual({ at })
})

it('never lets a value change the structure around it', () => {
  const { value } = resolveReferences(
    { a: '${X}' },
    { env: { X: 'b: [1, 2]\nc: ${Y}' }, directory: '/', fileName: 'f' },
  )
  expect(value).toEqual({ a: 'b: [1, 2]\nc: ${Y}' })
})

it('names what is missing and where', () => {
  const { problems } = resolveReferences(
    { a: ['${X}', 'file:/nowhere/at/all'] },
    { env: {}, directory: '/', fileName: 'f.yml' },
  )
  expect(problems).toMatchObject([
    { where: { file: 'f.yml', key: 'a[0]' }, message: 'the environment variable X is not set.' },
    { where: { file: 'f.yml', key: 'a[1]' }, message: 'the file /nowhere/at/all cannot be read.' },
  ])
})
