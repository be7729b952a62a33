// Targets in prometheus.yml whose relabelling leaves no host:port: told when the file is read, not at the first scrape.
import { z } from 'zod'
import { relabelRulesSchema, type ScrapeConfig, targetGroupSchema } from '../collect/config.ts'
import { compileRelabel, type LabelDraft } from '../collect/relabel.ts'
import { resolveScrapeJobs, type ScrapeGlobals } from '../collect/scrape/job.ts'
import { makeTargets } from '../collect/scrape/target.ts'

interface TargetFault {
  readonly path: readonly (string | number)[]
  readonly message: string
}

interface CheckedFile {
  readonly global: ScrapeGlobals
  readonly scrape_configs: readonly ScrapeConfig[]
  readonly alerting?: unknown
}

/** What of the `alerting` section of prometheus.yml is looked at here. */
export const alertingSchema = z.looseObject({
  alertmanagers: z
    .array(
      z.looseObject({
        scheme: z.string().default('http'),
        path_prefix: z.string().default('/'),
        relabel_configs: relabelRulesSchema,
        static_configs: z.array(targetGroupSchema).default([]),
      }),
    )
    .default([]),
})

export type AlertmanagersSection = z.infer<typeof alertingSchema>['alertmanagers'][number]

/** At most one for each group of targets. */
export function targetFaults(file: CheckedFile): readonly TargetFault[] {
  return [...scrapeFaults(file), ...alertmanagerFaults(file.alerting)]
}

function scrapeFaults({ global, scrape_configs: configs }: CheckedFile): TargetFault[] {
  return resolveScrapeJobs(global, configs, '').flatMap((job, i) =>
    job.groups.flatMap((group, j) => {
      // another scheme is Prometheus's to accept, and fails at the scrape
      if (job.scheme !== 'http' && job.scheme !== 'https') return []
      const bad = makeTargets(group, job).find((made) => made.kind === 'bad')
      return bad === undefined ? [] : [{ path: ['scrape_configs', i, 'static_configs', j], message: bad.error.message }]
    }),
  )
}

function alertmanagerFaults(alerting: unknown): TargetFault[] {
  if (alerting === undefined) return []
  return alertingSchema.parse(alerting).alertmanagers.flatMap((config, i) => {
    const relabel = compileRelabel(config.relabel_configs)
    return config.static_configs.flatMap((group, j) => {
      const path = ['alerting', 'alertmanagers', i, 'static_configs', j]
      return group.targets
        .map((target) => addressAfter(relabel, target, { ...group.labels, __scheme__: config.scheme }))
        .filter((address) => address?.includes('/') === true)
        .slice(0, 1)
        .map((address) => ({ path, message: `${JSON.stringify(address)} is not host:port` }))
    })
  })
}

function addressAfter(
  relabel: (labels: LabelDraft) => boolean,
  target: string,
  labels: Readonly<Record<string, string>>,
): string | undefined {
  const draft: LabelDraft = new Map([...Object.entries(labels), ['__address__', target]])
  return relabel(draft) ? draft.get('__address__') : undefined
}
