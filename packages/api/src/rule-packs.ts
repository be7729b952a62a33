// `/api/tidewatch/v1/rule-packs`: ready rules, off until chosen.
import { z } from 'zod'

const packParameter = z.object({
  name: z.string(),
  title: z.string(),
  /** `metric`: a name of a metric; `selector`: matchers without braces; `number`; `duration`; `severity`. */
  kind: z.enum(['metric', 'selector', 'number', 'duration', 'severity']),
  fallback: z.string(),
  /** In force: what was chosen, or the fallback. */
  value: z.string(),
})
export type RulePackParameter = z.infer<typeof packParameter>

const packRule = z.object({
  name: z.string(),
  severity: z.string(),
  query: z.string(),
  forMs: z.number(),
  summary: z.string(),
  /** Metrics that it reads, and whether there was one sample of each in the last day. */
  metrics: z.array(z.object({ name: z.string(), exists: z.boolean() })),
})

export const rulePack = z.object({
  name: z.string(),
  title: z.string(),
  summary: z.string(),
  enabled: z.boolean(),
  changedAtMs: z.number().optional(),
  changedBy: z.string().optional(),
  parameters: z.array(packParameter),
  rules: z.array(packRule),
  /** As a rule file with the parameters filled in, for those who want a copy of their own. */
  text: z.string(),
})
export type RulePack = z.infer<typeof rulePack>

/** `GET`. */
export const rulePackList = z.object({ packs: z.array(rulePack) })

export const rulePackParams = z.strictObject({
  name: z.string().regex(/^[a-z0-9-]{1,60}$/, 'must be a name of a pack'),
})

const chosen = z.record(z.string().max(100), z.string().max(1000))

/** `PUT …/:name`: parameters left out keep their fallbacks. Answers the pack. */
export const rulePackChange = z.strictObject({ enabled: z.boolean(), parameters: chosen.default({}) })

/** `POST …/:name/backtest`: answers a backtest (backtest.ts); parameters as in `PUT`, by default those in force. */
export const rulePackBacktest = z.strictObject({
  days: z.number().positive().max(400).optional(),
  parameters: chosen.optional(),
})
