import { expect, it } from 'vitest'
import { rolesOf } from './roles.ts'

it('runs everything by default, and lets the head answer only where the process sees every sample', () => {
  expect(rolesOf({ role: ['all'] })).toEqual({ ingests: true, answers: true, evaluatesRules: true, isAlone: true })
  expect(rolesOf({ role: ['ingest', 'query'] })).toEqual({
    ingests: true,
    answers: true,
    evaluatesRules: false,
    isAlone: false,
  })
  expect(rolesOf({ role: ['rules'] })).toEqual({ ingests: false, answers: false, evaluatesRules: true, isAlone: false })
})
