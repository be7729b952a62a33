// One relabelling rule.
import { relabelActions } from '@tidewatch/core/relabel-actions.ts'
import { field, list, StructForm, type Values } from '@tidewatch/yaml/form.ts'
import type { Complain } from '@tidewatch/yaml/place.ts'
import { checkedText, count64, defaultRegex, labelName, labelNameFault, regex, text } from '@tidewatch/yaml/scalars.ts'

const actions: readonly string[] = relabelActions

const lettersLowered = checkedText((value) =>
  actions.includes(value.toLowerCase())
    ? undefined
    : `${JSON.stringify(value)} is no relabel action. Allowed: ${actions.join(', ')}.`,
)
const action: typeof lettersLowered = {
  ...lettersLowered,
  read: (node, path, context) => lettersLowered.read(node, path, context)?.toLowerCase(),
}

const defaultSeparator = ';'
const defaultReplacement = '$1'

const fields = {
  source_labels: field(list(labelName, { flow: true })),
  separator: field(text, { initial: () => defaultSeparator, meaningful: true }),
  regex: field(regex, { initial: () => defaultRegex, meaningful: true }),
  modulus: field(count64),
  target_label: field(text),
  replacement: field(text, { initial: () => defaultReplacement, meaningful: true }),
  action: field(action, { initial: () => 'replace' }),
}

type Rule = Values<typeof fields>

const withTarget: ReadonlySet<string> = new Set([
  'replace',
  'hashmod',
  'lowercase',
  'uppercase',
  'keepequal',
  'dropequal',
])
const withoutReplacement: ReadonlySet<string> = new Set(['lowercase', 'uppercase', 'keepequal', 'dropequal'])

function checkRule(rule: Rule, complain: Complain): void {
  if (rule.action === '') {
    complain('action', 'the action is empty.', 'Name one, or leave the key out for replace.')
    return
  }
  if (rule.action === 'hashmod' && rule.modulus === 0n) complain('modulus', 'missing; hashmod divides by it.')
  if (withTarget.has(rule.action)) {
    if (rule.target_label === '') complain('target_label', `missing; the action ${rule.action} writes or compares it.`)
    else if (labelNameFault(rule.target_label) !== undefined) complain('target_label', 'this is not a label name.')
  }
  const equal = rule.action === 'keepequal' || rule.action === 'dropequal'
  if (equal || rule.action === 'labeldrop' || rule.action === 'labelkeep') checkAlone(rule, equal, complain)
  else if (withoutReplacement.has(rule.action) && rule.replacement !== defaultReplacement)
    complain('replacement', `cannot be set for the action ${rule.action}.`)
  if (rule.action === 'labelmap' && labelNameFault(rule.replacement) !== undefined)
    complain('replacement', 'this is not a label name, and labelmap makes names of it.')
}

/** keepequal and dropequal compare two values, labeldrop and labelkeep match names: other keys would mean nothing. */
function checkAlone(rule: Rule, equal: boolean, complain: Complain): void {
  const takes = equal ? 'source_labels and target_label' : 'regex'
  const given = {
    source_labels: !equal && rule.source_labels !== undefined,
    target_label: !equal && rule.target_label !== '',
    regex: equal && !rule.regex.isDefault,
    modulus: rule.modulus !== 0n,
    separator: rule.separator !== defaultSeparator,
    replacement: rule.replacement !== defaultReplacement,
  }
  for (const [key, isGiven] of Object.entries(given))
    if (isGiven) complain(key, `the action ${rule.action} takes ${takes} and nothing else.`)
}

/** What to say of a rule that is null. */
const emptyRule = 'this relabelling rule is empty.'

export const relabelRule = new StructForm(fields, { check: checkRule })
export const relabelRules = list(relabelRule, { nullItem: emptyRule })
