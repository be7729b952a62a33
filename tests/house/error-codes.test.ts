import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { AppError } from '@tidewatch/core/error.ts'
import { errorCodes } from '@tidewatch/core/error-codes.ts'
import { describe, expect, it } from 'vitest'
import { statusOf } from '../../packages/server/src/http/error-answer.ts'

const text = readFileSync(join(import.meta.dirname, '../../docs/errors.md'), 'utf8')
const sections = new Map(
  text
    .split(/^### /m)
    .slice(1)
    .map((section) => [
      section.slice(0, section.indexOf('\n')),
      section.slice(section.indexOf('\n')).split(/^## /m)[0]?.trim() ?? '',
    ]),
)
const codes = Object.keys(errorCodes)

describe('error codes', () => {
  it('saw the table and its docs', () => {
    expect(codes.length).toBeGreaterThan(50)
    expect(sections.size).toBeGreaterThan(50)
  })

  it('have each a section in docs/errors.md, and no section is left over', () => {
    expect(codes.filter((code) => !sections.has(code))).toEqual([])
    expect([...sections.keys()].filter((code) => !codes.includes(code))).toEqual([])
  })

  it('are explained in whole sentences', () => {
    const thin = [...sections].filter(([, body]) => body.length < 60 || !body.endsWith('.'))
    expect(thin.map(([code]) => code)).toEqual([])
  })

  it('answer with a status that fits their kind', () => {
    const families: Readonly<Record<string, readonly number[]>> = {
      bad_input: [400, 405, 408, 415, 422],
      denied: [401, 403],
      not_found: [404],
      conflict: [409],
      limit: [413, 422, 429, 431],
      unavailable: [503, 499],
      bug: [500],
    }
    for (const code of codes as (keyof typeof errorCodes)[]) {
      const error = new AppError(code, '')
      expect([code, families[error.kind]?.includes(statusOf(error))]).toEqual([code, true])
    }
  })
})
