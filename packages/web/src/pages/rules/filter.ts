import type { RuleGroup } from '@tidewatch/api/prometheus.ts'

/** Groups with the rules that contain every word; a group without one is left out. */
export function filterGroups(
  groups: readonly RuleGroup[],
  { text, onlyBad }: { readonly text: string; readonly onlyBad: boolean },
): RuleGroup[] {
  const words = text
    .toLowerCase()
    .split(/\s+/)
    .filter((word) => word !== '')
  return groups.flatMap((group) => {
    const rules = group.rules.filter((rule) => {
      if (onlyBad && rule.health !== 'err') return false
      const labels = Object.entries(rule.labels ?? {}).map(([name, value]) => `${name}=${value}`)
      const haystack = [group.name, rule.name, rule.query, ...labels].join(' ').toLowerCase()
      return words.every((word) => haystack.includes(word))
    })
    return rules.length === 0 ? [] : [{ ...group, rules }]
  })
}

/** The last two parts of a path: what a person knows a file by. */
export const shortFile = (file: string): string => file.split('/').slice(-2).join('/')
