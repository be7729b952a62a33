// Relabelling as Prometheus does it: prometheus.io/docs/prometheus/latest/configuration/configuration/#relabel_config

import { createHash } from 'node:crypto'
import { toLowerSimple, toUpperSimple } from '@tidewatch/core/letter-case.ts'
import { compileCapturingRegex, ExpandTemplate } from '@tidewatch/core/regexp-capture.ts'
import type { RelabelAction } from '@tidewatch/core/relabel-actions.ts'

/** One checked rule, with Prometheus's defaults filled in. */
export interface RelabelRule {
  readonly sourceLabels: readonly string[]
  readonly separator: string
  readonly targetLabel: string
  readonly regex: string
  readonly modulus: bigint
  readonly replacement: string
  readonly action: RelabelAction
}

/** Labels while they are being made: no empty values. */
export type LabelDraft = Map<string, string>

/** Changes the labels in place. False: the target or series is dropped, and the draft is no longer good. */
export type Relabel = (labels: LabelDraft) => boolean

export const defaultRegex = '(.*)'
export const defaultReplacement = '$1'

/** All rules, in order. Throws re2js's error for a bad expression. */
export function compileRelabel(rules: readonly RelabelRule[]): Relabel {
  const steps = rules.map(compileRule)
  return (labels) => {
    for (const step of steps) if (!step(labels)) return false
    return true
  }
}

/** What one rule made of the labels. */
export interface RelabelStep {
  readonly rule: RelabelRule
  /** Empty where they were dropped. */
  readonly output: Readonly<Record<string, string>>
  readonly keep: boolean
}

/** One step a rule; after the one that drops, nothing is left for the others. */
export function relabelSteps(
  rules: readonly RelabelRule[],
  labels: Readonly<Record<string, string>>,
): readonly RelabelStep[] {
  const draft: LabelDraft = new Map(Object.entries(labels).filter(([, value]) => value !== ''))
  let keep = true
  return rules.map((rule) => {
    keep &&= compileRule(rule)(draft)
    const output = keep ? Object.fromEntries([...draft].sort(([a], [b]) => (a < b ? -1 : 1))) : {}
    return { rule, output, keep }
  })
}

/** Sets a label; an empty value takes it away. */
export function setLabel(labels: LabelDraft, name: string, value: string): void {
  if (value === '') labels.delete(name)
  else labels.set(name, value)
}

function compileRule(rule: RelabelRule): Relabel {
  const { targetLabel } = rule
  const regex = compileCapturingRegex(rule.regex)
  const source = (labels: LabelDraft): string =>
    rule.sourceLabels.map((name) => labels.get(name) ?? '').join(rule.separator)
  const set = (make: (value: string) => string): Relabel => {
    return (labels) => {
      setLabel(labels, targetLabel, make(source(labels)))
      return true
    }
  }
  switch (rule.action) {
    case 'replace':
      return replaceStep(rule, source)
    case 'keep':
      return (labels) => regex.test(source(labels))
    case 'drop':
      return (labels) => !regex.test(source(labels))
    case 'keepequal':
      return (labels) => (labels.get(targetLabel) ?? '') === source(labels)
    case 'dropequal':
      return (labels) => (labels.get(targetLabel) ?? '') !== source(labels)
    case 'hashmod':
      return set((value) => hashModulo(value, rule.modulus))
    case 'lowercase':
      return set(toLowerSimple)
    case 'uppercase':
      return set(toUpperSimple)
    case 'labelmap':
      return labelMapStep(rule)
    case 'labeldrop':
      return filterNames((name) => !regex.test(name))
    case 'labelkeep':
      return filterNames((name) => regex.test(name))
    default:
      return rule.action satisfies never
  }
}

function replaceStep(rule: RelabelRule, source: (labels: LabelDraft) => string): Relabel {
  const regex = compileCapturingRegex(rule.regex)
  const target = new ExpandTemplate(rule.targetLabel)
  const replacement = new ExpandTemplate(rule.replacement)
  return (labels) => {
    const value = source(labels)
    const name = regex.expand(value, target)
    // no match changes nothing, and neither does a match that gives no name
    if (name === undefined || name === '') return true
    setLabel(labels, name, regex.expand(value, replacement) ?? '')
    return true
  }
}

function labelMapStep(rule: RelabelRule): Relabel {
  const regex = compileCapturingRegex(rule.regex)
  const replacement = new ExpandTemplate(rule.replacement)
  return (labels) => {
    for (const [name, value] of [...labels]) {
      const renamed = regex.expand(name, replacement)
      if (renamed !== undefined && renamed !== '') labels.set(renamed, value)
    }
    return true
  }
}

function filterNames(keep: (name: string) => boolean): Relabel {
  return (labels) => {
    for (const name of [...labels.keys()]) if (!keep(name)) labels.delete(name)
    return true
  }
}

/** The last eight bytes of the MD5 as a number, modulo: Prometheus's way, so that shards split alike. */
function hashModulo(value: string, modulus: bigint): string {
  const digest = createHash('md5').update(value).digest()
  return String(digest.readBigUInt64BE(8) % modulus)
}
