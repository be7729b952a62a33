// What stands beside the page's name while somebody is wanted. No React here.
import type { EscalationItem } from '@tidewatch/api/oncall.ts'

/** Undefined: all that is not over is in somebody's hands. */
export function escalationHeadline(notOver: readonly Pick<EscalationItem, 'status'>[]): string | undefined {
  const count = (status: EscalationItem['status']): number => notOver.filter((one) => one.status === status).length
  const [calling, missed] = [count('open'), count('missed')]
  const parts = [
    calling === 0 ? '' : `somebody is being called for ${groups(calling)}`,
    missed === 0 ? '' : `nobody took ${groups(missed)}`,
  ].filter((part) => part !== '')
  const text = parts.join(', ')
  return text === '' ? undefined : text.slice(0, 1).toUpperCase() + text.slice(1)
}

const groups = (count: number): string => (count === 1 ? '1 group of alerts' : `${count} groups of alerts`)
