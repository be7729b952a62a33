import { expect, it } from 'vitest'
import { archiveDraftOf, archiveWishOf, costText, draftOf, dropText, newRule, wishOf } from './keeping-model.ts'

const day = Date.UTC(2026, 10, 20)
const preview = {
  drops: { days: 2, lines: 1, bytes: 2000, fromMs: day, toMs: day + 2 * 86_400_000 },
  ...{ keptBytes: 1, bytesPerDay: 1000, costs: [], nowBytes: 30_000, thenBytes: 10_000, isArchived: false },
}

it('sends what was typed, and leaves out what is empty', () => {
  const wish = {
    ...{ age: '30d', size: '20GB' },
    classes: [
      { service: ['audit', 'sign-*'], age: '1y' },
      { level: ['debug'], age: '3d' },
    ],
  }
  expect(wishOf(draftOf(wish))).toEqual(wish)
  const draft = draftOf({})
  expect(wishOf({ ...draft, age: ' ', rules: [] })).toEqual({})
  const rule = newRule({ ...draft, rules: [{ ...newRule(draft), id: 4 }] })
  expect(wishOf({ ...draft, rules: [{ ...rule, services: ' a , ,b', age: ' 1d ' }] })).toEqual({
    classes: [{ service: ['a', 'b'], age: '1d' }],
  })
  expect(rule.id).toBe(5)
})

it('tells what goes at once, and what it takes', () => {
  expect(dropText({ ...preview, drops: { days: 0, lines: 0, bytes: 0 } })).toBe('Nothing goes at once.')
  expect(dropText(preview)).toMatch(/^2 days \(.+ to .+\) with 1 line, 1.95 KiB on disk, go at once and for good\.$/)
  expect(dropText({ ...preview, isArchived: true })).toContain('as soon as the archive has it')
  expect(costText(preview)).toContain('19.5 KiB less than by the settings in force')
  expect(costText({ ...preview, thenBytes: 30_100 })).toContain('as now')
  const { thenBytes: _, ...endless } = preview
  expect(costText(endless)).toContain('more each day')
})

it('sends an archive without the fields of the other kind, and no empty secret', () => {
  const draft = { ...archiveDraftOf({ folder: '/srv/a' }), hold: '14d', bucket: 'left' }
  expect(archiveWishOf(draft)).toEqual({ folder: '/srv/a', hold: '14d' })
  expect(archiveWishOf({ ...draft, kind: 's3', accessKeyId: 'me' })).toEqual({
    ...{ s3: { bucket: 'left', accessKeyId: 'me' }, hold: '14d' },
  })
})
