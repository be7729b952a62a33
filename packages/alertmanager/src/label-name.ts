import type { MatcherMode } from './port.ts'

const classicName = /^[a-zA-Z_][a-zA-Z0-9_]*$/

/** Whether a text can be the name of a label: letters, digits and `_` in classic mode, otherwise any UTF-8 but the empty text. */
export function isLabelName(name: string, mode: MatcherMode): boolean {
  return mode === 'classic' ? isClassicLabelName(name) : name !== '' && name.isWellFormed()
}

export const isClassicLabelName = (name: string): boolean => classicName.test(name)
