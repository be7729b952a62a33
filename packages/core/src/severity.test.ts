import { describe, expect, it } from 'vitest'
import { severityOf, worstSeverity } from './severity.ts'

describe('severities', () => {
  it.each([
    ['critical', 'critical'],
    [' Warning ', 'medium'],
    ['error', 'high'],
    ['info', 'low'],
    ['P1', 'critical'],
  ])('reads %j as %s', (written, severity) => {
    expect(severityOf(written)).toBe(severity)
  })

  it.each(['', 'purple', 'constructor', '__proto__'])('knows no %j', (written) => {
    expect(severityOf(written)).toBeUndefined()
  })

  it('finds the worst', () => {
    expect(worstSeverity(['low', 'high', 'medium'])).toBe('high')
    expect(worstSeverity([])).toBeUndefined()
  })
})
