// Sections of tidewatch.yml about people, and what has to fit between them and the channels.
import type { Problem } from '@tidewatch/core/error.ts'
import { z } from 'zod'
import { acknowledgeSection } from '../alerting/acknowledge/config.ts'
import { readYaml } from '../config/yaml.ts'
import { drillsSection, heartbeatSection } from '../features/drill/config.ts'
import type { Drill } from '../features/drill/port.ts'
import { contactFaults, onCallSection } from '../features/oncall/config.ts'
import { reaches } from '../features/oncall/contacts.ts'
import type { OnCallPlan } from '../features/oncall/port.ts'
import type { Integration } from '../notify/port.ts'
import type { Configuration } from './configuration.ts'

export const peopleSections = [acknowledgeSection, onCallSection, drillsSection, heartbeatSection] as const

/** What is wrong between on-call and the channels, with its place in tidewatch.yml. */
export function onCallFaults(
  { sections, files }: Pick<Configuration, 'sections' | 'files'>,
  channels: readonly Integration[],
): readonly Problem[] {
  const plan = sections.get(onCallSection.key) as OnCallPlan
  const drills = sections.get(drillsSection.key) as readonly Drill[]
  const names = new Set(channels.map(({ receiver }) => receiver))
  const noChannel = `there is no such channel. Known: ${[...names].join(', ') || 'none'}.`
  const faults = [
    ...contactFaults(plan, { names, reaches: reaches(channels) }),
    ...drills.flatMap(({ otherwise = [] }, i) =>
      otherwise.flatMap((name, j) =>
        names.has(name) ? [] : [{ path: ['drills', i, 'otherwise', j], message: noChannel }],
      ),
    ),
    ...policyFaults(plan, channels),
  ]
  const file = files.find(({ name }) => /tidewatch\.ya?ml$/.test(name))
  if (faults.length === 0 || file === undefined) return []
  const read = readYaml(
    file,
    z.unknown().superRefine((_, context) => {
      for (const { path, message } of faults) context.addIssue({ code: 'custom', path: [...path], message })
    }),
  )
  return read.ok ? [] : read.problems
}

/** Channels of on-call that name a policy which is none. */
function policyFaults(plan: OnCallPlan, channels: readonly Integration[]) {
  const known = new Set(plan.policies.map(({ name }) => name))
  return channels.flatMap(({ channel, config }, i) => {
    const { policy } = config as { readonly policy?: string }
    if (channel.kind !== 'oncall' || policy === undefined || known.has(policy)) return []
    const message = `there is no such escalation policy. Known: ${[...known].join(', ') || 'none'}.`
    return [{ path: ['channels', i, 'policy'], message }]
  })
}
