import { expect, test } from 'vitest'
import { TextList } from './text-columns.ts'
import { isEmptyList, TextNumbers, TextNumberWalk } from './text-numbers.ts'

test('the same text has the same number, until there is no room', () => {
  const texts = new TextList()
  const said = ['api', 'web', '', 'api', 'größe', 'x'.repeat(300), 'web', 'third', 'fourth']
  for (const text of said) texts.addText(text)
  const numbers = new TextNumbers(5)
  const walk = new TextNumberWalk(texts, numbers)
  expect(said.map(() => walk.next())).toEqual([0, 1, 2, 0, 3, -1, 1, 4, -1])
  expect([0, 1, 2, 3, 4].map((number) => numbers.text(number))).toEqual(['api', 'web', '', 'größe', 'third'])
  expect(numbers.ofText('größe')).toBe(3)
  expect(numbers.size).toBe(5)
  numbers.clear()
  expect(numbers.ofText('fourth')).toBe(0)
})

test('a column without texts is known without a look at it', () => {
  const texts = new TextList()
  texts.addEmpty(3)
  expect(isEmptyList(texts)).toBe(true)
  texts.addText('a')
  expect(isEmptyList(texts)).toBe(false)
})
