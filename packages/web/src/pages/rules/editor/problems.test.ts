import { expect, it } from 'vitest'
import { marksOf, placeOf, textOfProblem } from './problems.ts'

const problem = { line: 4, column: 9, key: 'rules[0].for', message: 'rules.yml:4:9 rules[0].for: "30" is no duration.' }

it('says the place once', () => {
  expect([placeOf(problem), textOfProblem(problem)]).toEqual([
    'Line 4, column 9:',
    'rules[0].for: "30" is no duration.',
  ])
  expect(placeOf({ message: 'rules.yml: empty' })).toBe('The file:')
  expect(textOfProblem({ message: 'rules.yml: empty' })).toBe('empty')
  expect(marksOf([problem])).toEqual([{ line: 4, column: 9, message: 'rules[0].for: "30" is no duration.' }])
})
