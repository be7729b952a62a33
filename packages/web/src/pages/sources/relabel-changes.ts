// What a relabelling rule did, told from the labels before and after it. No React here.
import type { RelabelRule, RelabelStep } from '@tidewatch/api/prometheus.ts'

type LabelSet = Readonly<Record<string, string>>

export interface LabelChange {
  readonly kind: 'set' | 'changed' | 'removed'
  readonly name: string
  readonly before: string
  readonly after: string
}

export interface ToldStep {
  readonly rule: RelabelRule
  readonly changes: readonly LabelChange[]
  /** `skipped`: an earlier rule had dropped the target already. */
  readonly outcome: 'changed' | 'unchanged' | 'dropped' | 'skipped'
}

export function tellSteps(discovered: LabelSet, steps: readonly RelabelStep[]): ToldStep[] {
  let before = discovered
  let isGone = false
  return steps.map(({ rule, output, keep }) => {
    if (isGone) return { rule, changes: [], outcome: 'skipped' as const }
    if (!keep) {
      isGone = true
      return { rule, changes: [], outcome: 'dropped' as const }
    }
    const changes = changesBetween(before, output)
    before = output
    return { rule, changes, outcome: changes.length === 0 ? ('unchanged' as const) : ('changed' as const) }
  })
}

function changesBetween(before: LabelSet, after: LabelSet): LabelChange[] {
  const names = [...new Set([...Object.keys(before), ...Object.keys(after)])].sort()
  return names.flatMap((name): LabelChange[] => {
    const [old = '', now = ''] = [before[name], after[name]]
    if (old === now) return []
    return [{ kind: old === '' ? 'set' : now === '' ? 'removed' : 'changed', name, before: old, after: now }]
  })
}

const namedActions: ReadonlySet<string> = new Set(['labelmap', 'labeldrop', 'labelkeep'])

/** The rule as prometheus.yml has it, without what it leaves at its default. */
export function ruleText(rule: RelabelRule): string {
  const { source_labels: sources, separator, regex, modulus, target_label: target, replacement, action } = rule
  const parts = [
    `action: ${action}`,
    ...(sources.length === 0 ? [] : [`source_labels: [${sources.join(', ')}]`]),
    ...(separator === ';' ? [] : [`separator: ${JSON.stringify(separator)}`]),
    ...(regex === '(.*)' && !namedActions.has(action) ? [] : [`regex: ${regex}`]),
    ...(modulus === undefined ? [] : [`modulus: ${modulus}`]),
    ...(target === '' ? [] : [`target_label: ${target}`]),
    ...(replacement === '$1' ? [] : [`replacement: ${JSON.stringify(replacement)}`]),
  ]
  return parts.join('\n')
}
