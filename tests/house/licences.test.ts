import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { root } from './sources.ts'

const allowed = [
  'MIT',
  'Apache-2.0',
  'BSD-2-Clause',
  'BSD-3-Clause',
  'ISC',
  'MPL-2.0',
  'OFL-1.1',
  '0BSD',
  'BlueOak-1.0.0',
  'CC0-1.0',
  'Python-2.0',
  'CC-BY-4.0',
  'Unlicense',
  'MIT-0',
]

/** Old packages, of tests alone, that name their licence in their README or in a form that the lock file does not have. */
const toldElsewhere: Readonly<Record<string, string>> = {
  'node_modules/busboy': 'MIT',
  'node_modules/humanize-number': 'MIT',
  'node_modules/only': 'MIT',
  'node_modules/streamsearch': 'MIT',
}

/** An SPDX expression is fine when any choice of an OR is. */
function isAllowed(licence: string): boolean {
  return licence
    .replace(/[()]/g, '')
    .split(' OR ')
    .some((choice) => choice.split(' AND ').every((part) => allowed.includes(part.trim())))
}

interface Locked {
  readonly license?: string
  readonly dev?: boolean
  readonly link?: boolean
  readonly resolved?: string
}

const packages = Object.entries(
  (JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')) as { readonly packages: Record<string, Locked> })
    .packages,
)

it('uses packages under permissive licences only', () => {
  const foreign = packages.filter(([path, { link }]) => path.startsWith('node_modules/') && link !== true)
  expect(foreign.length).toBeGreaterThan(100)
  expect(
    foreign
      .map(([path, { license, dev }]) => ({
        path,
        license: license ?? (dev === true ? toldElsewhere[path] : undefined),
      }))
      .filter(({ license }) => license === undefined || !isAllowed(license))
      .map(({ path, license }) => `${path}: ${license}`),
  ).toEqual([])
})

it('names no registry in the lock file', () => {
  expect(packages.filter(([, { resolved }]) => resolved?.startsWith('http') === true).map(([path]) => path)).toEqual([])
})
